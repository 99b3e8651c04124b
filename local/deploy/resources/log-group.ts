import type { ResourceType } from "../resource-type.ts";

export const logGroup: ResourceType = {
  deploy({ inputs, attributes }, { logGroups, now }) {
    logGroups.create(attributes.name, inputs.retentionInDays, now());
  },
};
