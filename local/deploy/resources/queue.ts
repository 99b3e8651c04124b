import type { Values } from "../manifest.ts";
import type { ResourceType } from "../resource-type.ts";

const ATTRIBUTES: Record<string, string> = {
  visibilityTimeoutSeconds: "VisibilityTimeout",
  messageRetentionSeconds: "MessageRetentionPeriod",
  maxMessageSize: "MaximumMessageSize",
  delaySeconds: "DelaySeconds",
  receiveWaitTimeSeconds: "ReceiveMessageWaitTimeSeconds",
  redrivePolicy: "RedrivePolicy",
  redriveAllowPolicy: "RedriveAllowPolicy",
  sqsManagedSseEnabled: "SqsManagedSseEnabled",
  kmsMasterKeyId: "KmsMasterKeyId",
  fifoQueue: "FifoQueue",
};

export const queue: ResourceType = {
  deploy({ inputs, attributes }, { queues }) {
    const settings = attributesOf(inputs);
    queues.create(attributes.name, settings);
    queues.setAttributes(attributes.name, settings);
  },
};

export const queuePolicy: ResourceType = {
  deploy({ inputs }, { queues }) {
    const { policy } = inputs;
    const name = String(inputs.queueUrl).split("/").at(-1)!;
    queues.setAttributes(name, { Policy: typeof policy === "string" ? policy : JSON.stringify(policy) });
  },
};

function attributesOf(inputs: Values): Record<string, string> {
  return Object.fromEntries(
    Object.entries(ATTRIBUTES)
      .filter(([input]) => inputs[input] !== undefined)
      .map(([input, attribute]) => [attribute, String(inputs[input])]),
  );
}
