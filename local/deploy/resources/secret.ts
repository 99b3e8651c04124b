import type { ResourceType } from "../resource-type.ts";

export const secret: ResourceType = {
  deploy({ inputs, attributes }, { secrets }) {
    secrets.deploy({ arn: attributes.arn, name: attributes.name, description: inputs.description ?? "" });
  },
};

/** The value in the manifest stands for one that AWS makes up. The manifest is public, so its value is not secret. */
export const secretVersion: ResourceType = {
  deploy({ inputs }, { secrets }) {
    secrets.generate(inputs.secretId);
  },
};
