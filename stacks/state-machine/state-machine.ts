/**
 * A state machine from its file in `statemachines/`: placeholders filled in, with a log group, tracing, and a role that
 * may do what the definition does and nothing else.
 *
 * Raw, because `sst.aws.StepFunctions` takes no file and makes a role of its own that may start every machine.
 */
import config from "../../sluice.config.ts";
import { arnOf, named, partition, pascalCase } from "../names.ts";
import { executionsOf, machineArn } from "../permissions.ts";
import { type Statement, serviceRole } from "../roles.ts";
import { type Definition, OWN_ARN, type Permission, permissionsOf, type Target } from "./machine-permissions.ts";
import { checkPlaceholders, fillPlaceholders, placeholderIn } from "./placeholders.ts";

interface StateMachineOptions {
  /** The file, imported, so that `sst dev` deploys again when it changes. */
  definition: object;
  /** The ARN for each `${placeholder}`. One too few or too many is an error. */
  arns: Record<string, $util.Input<string>>;
}

export function stateMachine(name: string, { definition, arns }: StateMachineOptions): aws.sfn.StateMachine {
  const text = JSON.stringify(definition);
  checkPlaceholders(name, text, arns);
  const filled = $util
    .all([arns, partition])
    .apply(([values, ofRegion]) => fillPlaceholders(inPartition(text, ofRegion), values));
  // From the placeholders, not from the ARNs that they stand for: the role waits for nothing, and is old when it is used.
  const permissions = permissionsOf(name, definition as Definition);

  const logGroup = new aws.cloudwatch.LogGroup(`${name}Logs`, {
    // Under this prefix log groups share one entry in the delivery policy of the account, whose size is limited.
    name: `/aws/vendedlogs/states/${named(name)}`,
    retentionInDays: config.retention.logDays,
  });
  const role = serviceRole(`${name}Role`, "states.amazonaws.com", [
    ...statementsOf(name, permissions),
    ...ofTracing,
    ...ofLogging,
  ]);
  return new aws.sfn.StateMachine(name, {
    name: named(name),
    type: "STANDARD",
    roleArn: role.arn,
    definition: filled,
    loggingConfiguration: {
      level: "ERROR",
      // Data stays in the execution's history, which only those see who may read executions.
      includeExecutionData: false,
      logDestination: $interpolate`${logGroup.arn}:*`,
    },
    tracingConfiguration: { enabled: true },
  });
}

/** Definitions name service integrations as in the partition `aws`; Step Functions of another one has them under its own. */
function inPartition(definition: string, name: string): string {
  return definition.replaceAll("arn:aws:states:::", `arn:${name}:states:::`);
}

/** One statement for each kind of action, on all that it is done to. */
function statementsOf(machine: string, permissions: Permission[]): Statement[] {
  const targets = new Map<string, Target[]>();
  for (const { actions, target } of permissions) {
    const key = actions.join();
    targets.set(key, [...(targets.get(key) ?? []), target]);
  }
  return [...targets].map(([actions, list]) => ({
    actions: actions.split(","),
    resources: list.map((target) => arnOfTarget(machine, target)),
  }));
}

function arnOfTarget(machine: string, target: Target): $util.Output<string> {
  switch (target.kind) {
    case "function":
      return arnOf("lambda", `function:${nameOf(machine, target.value)}`);
    case "machine":
      return machineArn(nameOf(machine, target.value));
    case "executions":
      return executionsOf(nameOf(machine, target.value));
    case "topic":
      return arnOf("sns", nameOf(machine, target.value));
    case "sync-rule":
      return arnOf("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule");
    case "default-bus":
      return arnOf("events", "event-bus/default");
  }
}

/** The physical name of what a machine calls: placeholders are named after what they stand for. */
function nameOf(machine: string, value: string): string {
  if (value === OWN_ARN) return named(machine);
  const placeholder = placeholderIn(value);
  if (!placeholder) throw new Error(`${machine}: "${value}" should be one placeholder, such as \${write-parquet}`);
  return named(pascalCase(placeholder));
}

// For these two AWS knows no resource to name.
const ofTracing: Statement[] = [
  {
    actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"],
    resources: ["*"],
  },
];
const ofLogging: Statement[] = [
  {
    actions: [
      "logs:CreateLogDelivery",
      "logs:GetLogDelivery",
      "logs:UpdateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:DescribeResourcePolicies",
      "logs:DescribeLogGroups",
    ],
    resources: ["*"],
  },
];
