import type { Values } from "../manifest.ts";
import { pascalCase, type ResourceType, removeIfThere } from "../resource-type.ts";

export const eventRule: ResourceType = {
  async deploy({ inputs, attributes }, { call }) {
    await call("events", "PutRule", {
      Name: attributes.name,
      EventPattern: inputs.eventPattern,
      ScheduleExpression: inputs.scheduleExpression,
      Description: inputs.description,
      State: inputs.state ?? "ENABLED",
    });
  },
  async remove({ attributes }, { call }) {
    const Rule = attributes.name;
    await removeIfThere(async () => {
      const { Targets } = (await call("events", "ListTargetsByRule", { Rule })) as { Targets: Values[] };
      if (Targets.length > 0) await call("events", "RemoveTargets", { Rule, Ids: Targets.map(({ Id }) => Id) });
      await call("events", "DeleteRule", { Name: Rule });
    }, "ResourceNotFoundException");
  },
};

export const eventTarget: ResourceType = {
  async deploy({ name, inputs }, { call }) {
    const { inputTransformer, deadLetterConfig, retryPolicy } = inputs;
    const target = {
      Id: inputs.targetId ?? name,
      Arn: inputs.arn,
      RoleArn: inputs.roleArn,
      Input: inputs.input,
      InputPath: inputs.inputPath,
      ...(inputTransformer && {
        InputTransformer: { InputPathsMap: inputTransformer.inputPaths, InputTemplate: inputTransformer.inputTemplate },
      }),
      ...(deadLetterConfig && { DeadLetterConfig: pascalCase(deadLetterConfig) }),
      ...(retryPolicy && { RetryPolicy: pascalCase(retryPolicy) }),
    };
    const answer = (await call("events", "PutTargets", { Rule: inputs.rule, Targets: [target] })) as Values;
    if (answer.FailedEntryCount > 0) throw new Error(`The target ${name}: ${JSON.stringify(answer.FailedEntries)}`);
  },
  async remove({ name, inputs }, { call }) {
    const Ids = [inputs.targetId ?? name];
    await removeIfThere(() => call("events", "RemoveTargets", { Rule: inputs.rule, Ids }), "ResourceNotFoundException");
  },
};
