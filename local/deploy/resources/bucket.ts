import type { ResourceType } from "../resource-type.ts";

export const bucket: ResourceType = {
  deploy({ attributes }, { objects }) {
    objects.createBucket(attributes.bucket);
  },
};
