import { pascalCase, type ResourceType } from "../resource-type.ts";

export const metricAlarm: ResourceType = {
  async deploy({ inputs, attributes }, { call }) {
    const { dimensions, name: _, ...rest } = inputs;
    await call("monitoring", "PutMetricAlarm", {
      ...(pascalCase(rest) as object),
      AlarmName: attributes.name,
      Dimensions: Object.entries(dimensions ?? {}).map(([Name, Value]) => ({ Name, Value })),
      OKActions: inputs.okActions,
    });
  },
  async remove({ attributes }, { call }) {
    await call("monitoring", "DeleteAlarms", { AlarmNames: [attributes.name] });
  },
};
