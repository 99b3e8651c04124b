/**
 * The permissions that a state machine's role needs, read from its definition: each service integration asks for a few
 * actions on the ARN that its arguments name. An integration that is not listed here stops the deployment.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
 */
export interface Definition {
  States: Record<string, State>;
}

interface State {
  Type: string;
  Resource?: string;
  Arguments?: Record<string, unknown>;
  ItemProcessor?: Definition;
  Branches?: Definition[];
}

/** The resource of an action: what an argument names, the executions of that machine, or something well known. */
export type Target =
  | { kind: "function"; value: string }
  | { kind: "machine"; value: string }
  | { kind: "topic"; value: string }
  | { kind: "executions"; value: string }
  | { kind: "sync-rule" }
  | { kind: "default-bus" };

export interface Permission {
  actions: string[];
  target: Target;
}

/** The text that a machine that starts itself has in place of an ARN. */
export const OWN_ARN = "{% $states.context.StateMachine.Id %}";

const integrations: Record<string, (argument: (name: string) => string) => Permission[]> = {
  "lambda:invoke": (argument) => [
    { actions: ["lambda:InvokeFunction"], target: { kind: "function", value: argument("FunctionName") } },
  ],
  "states:startExecution": (argument) => [
    { actions: ["states:StartExecution"], target: { kind: "machine", value: argument("StateMachineArn") } },
  ],
  "states:startExecution.sync:2": (argument) => [
    { actions: ["states:StartExecution"], target: { kind: "machine", value: argument("StateMachineArn") } },
    {
      actions: ["states:DescribeExecution", "states:StopExecution"],
      target: { kind: "executions", value: argument("StateMachineArn") },
    },
    // Step Functions waits for the end of the execution by a rule of its own in this account.
    { actions: ["events:PutTargets", "events:PutRule", "events:DescribeRule"], target: { kind: "sync-rule" } },
  ],
  "events:putEvents": () => [{ actions: ["events:PutEvents"], target: { kind: "default-bus" } }],
  "sns:publish": (argument) => [{ actions: ["sns:Publish"], target: { kind: "topic", value: argument("TopicArn") } }],
};

/** Each permission once, in the order in which the definition first needs it. */
export function permissionsOf(machine: string, definition: Definition): Permission[] {
  const found = new Map<string, Permission>();
  for (const [name, state] of tasksOf(definition)) {
    const integration = state.Resource?.replace(/^arn:aws:states:::/, "") ?? "";
    const needs = integrations[integration];
    if (!needs) throw new Error(`${machine}, "${name}": no permissions are known for ${state.Resource}`);
    const argument = (key: string) => {
      const value = state.Arguments?.[key];
      if (typeof value !== "string") throw new Error(`${machine}, "${name}": Arguments.${key} must be a string`);
      return value;
    };
    for (const permission of needs(argument)) found.set(JSON.stringify(permission), permission);
  }
  return [...found.values()];
}

function* tasksOf(definition: Definition): Generator<[string, State]> {
  for (const [name, state] of Object.entries(definition.States)) {
    if (state.Type === "Task") yield [name, state];
    for (const inner of [state.ItemProcessor, ...(state.Branches ?? [])]) if (inner) yield* tasksOf(inner);
  }
}
