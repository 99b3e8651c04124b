import { ServiceError } from "../service.ts";
import type { ResourceType } from "./resource-type.ts";

export const stateMachine: ResourceType = {
  async deploy({ inputs, attributes }, { call }) {
    const stateMachineArn = attributes.arn;
    const { definition, roleArn } = inputs;
    const existing = (await call("states", "DescribeStateMachine", { stateMachineArn }).catch((error: unknown) => {
      if (error instanceof ServiceError && error.code === "StateMachineDoesNotExist") return undefined;
      throw error;
    })) as { definition: string; roleArn: string } | undefined;
    if (!existing) {
      const name = String(stateMachineArn).split(":").at(-1)!;
      await call("states", "CreateStateMachine", { name, definition, roleArn, type: inputs.type ?? "STANDARD" });
    } else if (existing.definition !== definition || existing.roleArn !== roleArn) {
      await call("states", "UpdateStateMachine", { stateMachineArn, definition, roleArn });
    }
  },
};
