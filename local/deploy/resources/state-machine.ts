import { isDeepStrictEqual } from "node:util";
import { ServiceError } from "../../service-error.ts";
import type { LoggingConfiguration } from "../../services/stepfunctions/execution-logs.ts";
import type { Values } from "../manifest.ts";
import type { ResourceType } from "../resource-type.ts";

export const stateMachine: ResourceType = {
  async deploy({ inputs, attributes }, { call }) {
    const stateMachineArn = attributes.arn;
    const { definition, roleArn } = inputs;
    const loggingConfiguration = loggingOf(inputs.loggingConfiguration);
    const tracingConfiguration = { enabled: inputs.tracingConfiguration?.enabled === true };
    const settings = { definition, roleArn, loggingConfiguration, tracingConfiguration };
    const existing = (await call("states", "DescribeStateMachine", { stateMachineArn }).catch((error: unknown) => {
      if (error instanceof ServiceError && error.code === "StateMachineDoesNotExist") return undefined;
      throw error;
    })) as Values | undefined;
    if (!existing) {
      const name = String(stateMachineArn).split(":").at(-1)!;
      await call("states", "CreateStateMachine", { name, ...settings, type: inputs.type ?? "STANDARD" });
    } else if (Object.entries(settings).some(([key, value]) => !isDeepStrictEqual(existing[key], value))) {
      await call("states", "UpdateStateMachine", { stateMachineArn, ...settings });
    }
  },
};

function loggingOf(inputs: Values | undefined): LoggingConfiguration {
  if (!inputs?.logDestination) return { level: "OFF", includeExecutionData: false };
  return {
    level: inputs.level ?? "OFF",
    includeExecutionData: inputs.includeExecutionData === true,
    destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: inputs.logDestination } }],
  };
}
