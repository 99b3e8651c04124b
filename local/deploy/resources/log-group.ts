import type { ResourceType } from "../resource-type.ts";

export const logGroup: ResourceType = {
  deploy({ inputs, attributes }, { logs, now }) {
    logs.createGroup(attributes.name, inputs.retentionInDays, now());
  },
};
