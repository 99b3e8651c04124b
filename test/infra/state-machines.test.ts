import validate from "asl-validator";
import { describe, expect, it } from "vitest";
import type { Values } from "../../stacks/synth/graph.ts";
import { prod } from "./stages.ts";

const machines = prod.all("aws:sfn/stateMachine").map(({ name }) => name);
const definitionOf = (machine: string): Values =>
  JSON.parse(prod.one("aws:sfn/stateMachine", machine).inputs.definition);
const functions = new Map(
  prod.all("aws:lambda/function").map(({ attributes, inputs }) => [attributes.arn as string, inputs]),
);

interface TaskState {
  name: string;
  state: Values;
}

function tasksOf(states: Values): TaskState[] {
  return Object.entries<Values>(states).flatMap(([name, state]) => [
    ...(state.Type === "Task" ? [{ name, state }] : []),
    ...(state.ItemProcessor ? tasksOf(state.ItemProcessor.States) : []),
    ...((state.Branches as Values[] | undefined) ?? []).flatMap((branch) => tasksOf(branch.States)),
  ]);
}

/** What AWS asks of the role for one task, written out a second time and by hand. */
function needed(machine: string, { state }: TaskState): string[] {
  const { Arguments } = state;
  const own = prod.arn("aws:sfn/stateMachine", machine);
  const target: string =
    Arguments.StateMachineArn === "{% $states.context.StateMachine.Id %}" ? own : Arguments.StateMachineArn;
  switch (state.Resource) {
    case "arn:aws:states:::lambda:invoke":
      return [`lambda:InvokeFunction ${Arguments.FunctionName}`];
    case "arn:aws:states:::states:startExecution":
      return [`states:StartExecution ${target}`];
    case "arn:aws:states:::states:startExecution.sync:2": {
      const executions = `${target.replace(":stateMachine:", ":execution:")}:*`;
      const rule = own.replace(
        /:states:(.*):stateMachine:.*/,
        ":events:$1:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule",
      );
      return [
        `states:StartExecution ${target}`,
        `states:DescribeExecution ${executions}`,
        `states:StopExecution ${executions}`,
        ...["PutTargets", "PutRule", "DescribeRule"].map((action) => `events:${action} ${rule}`),
      ];
    }
    case "arn:aws:states:::events:putEvents":
      return [`events:PutEvents ${own.replace(/:states:(.*):stateMachine:.*/, ":events:$1:event-bus/default")}`];
    default:
      throw new Error(`This test does not know what ${state.Resource} needs`);
  }
}

describe.each(machines)("%s", (machine) => {
  const definition = definitionOf(machine);
  const tasks = tasksOf(definition.States);

  it("is valid ASL once its placeholders are filled in", () => {
    const { isValid, errorsText } = validate(definition);
    expect(isValid, errorsText("\n")).toBe(true);
  });

  it("may do what its definition does and nothing else", () => {
    const granted = prod
      .permissions(`${machine}Role`)
      .statements.filter(({ Resource }) => !Resource.includes("*"))
      .flatMap(({ Action, Resource }) => Action.flatMap((action) => Resource.map((arn) => `${action} ${arn}`)));
    expect(granted.sort()).toEqual([...new Set(tasks.flatMap((task) => needed(machine, task)))].sort());
  });

  it("outwaits every function that it calls, so that none goes on after it was given up", () => {
    const calls = tasks.filter(({ state }) => state.Resource === "arn:aws:states:::lambda:invoke");
    const tooShort = calls.filter(
      ({ state }) => state.TimeoutSeconds < functions.get(state.Arguments.FunctionName)!.timeout,
    );
    expect(tooShort.map(({ name, state }) => `${name}: ${state.TimeoutSeconds} s`)).toEqual([]);
  });

  it("is logged without its data, and traced", () => {
    const { inputs } = prod.one("aws:sfn/stateMachine", machine);
    expect(inputs.loggingConfiguration).toEqual({
      level: "ERROR",
      includeExecutionData: false,
      logDestination: `${prod.arn("aws:cloudwatch/logGroup", `${machine}Logs`)}:*`,
    });
    expect(inputs.tracingConfiguration).toEqual({ enabled: true });
  });

  it.each(["Failed", "TimedOut", "Aborted"])("raises the alarm when an execution has %s", (ending) => {
    expect(prod.one("aws:cloudwatch/metricAlarm", `${machine}${ending}`).inputs).toMatchObject({
      namespace: "AWS/States",
      metricName: `Executions${ending}`,
      dimensions: { StateMachineArn: prod.arn("aws:sfn/stateMachine", machine) },
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      alarmActions: [prod.arn("aws:sns/topic", "Alerts")],
    });
  });
});

it("no task is there that no machine calls", () => {
  const called = machines
    .flatMap((machine) => tasksOf(definitionOf(machine).States))
    .map(({ state }) => state.Arguments.FunctionName);
  const idle = [...functions.keys()].filter((arn) => !called.includes(arn));
  // Readers call it, by its URL.
  expect(idle).toEqual([prod.arn("aws:lambda/function", "OpenReportFunction")]);
});
