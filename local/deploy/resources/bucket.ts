import type { ResourceType } from "../resource-type.ts";

export const bucket: ResourceType = {
  deploy({ attributes }, { buckets }) {
    buckets.create(attributes.bucket);
  },
};
