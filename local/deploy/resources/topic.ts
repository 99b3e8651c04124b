import type { ResourceType } from "../resource-type.ts";

export const topic: ResourceType = {
  deploy({ inputs, attributes }, { topics }) {
    topics.create(String(attributes.arn).split(":").at(-1)!, {
      ...(inputs.displayName && { DisplayName: inputs.displayName }),
      ...(inputs.kmsMasterKeyId && { KmsMasterKeyId: inputs.kmsMasterKeyId }),
    });
  },
};

export const topicSubscription: ResourceType = {
  deploy({ inputs, attributes }, { topics }) {
    topics.subscribe({
      arn: attributes.arn,
      topicArn: inputs.topic,
      protocol: inputs.protocol,
      endpoint: inputs.endpoint,
      attributes: {
        ...(inputs.filterPolicy && { FilterPolicy: inputs.filterPolicy }),
        ...(inputs.filterPolicyScope && { FilterPolicyScope: inputs.filterPolicyScope }),
        ...(inputs.rawMessageDelivery && { RawMessageDelivery: "true" }),
      },
    });
  },
  remove({ attributes }, { topics }) {
    topics.unsubscribe(attributes.arn);
  },
};
