import type { NotificationTarget } from "../../services/s3/notifications/configuration.ts";
import type { Values } from "../manifest.ts";
import type { ResourceType } from "../resource-type.ts";

export const bucketNotification: ResourceType = {
  deploy({ inputs }, { notifications }) {
    notifications.configure(inputs.bucket, {
      queues: targets(inputs.queues, "queueArn"),
      topics: targets(inputs.topics, "topicArn"),
      functions: targets(inputs.lambdaFunctions, "lambdaFunctionArn"),
      eventBridge: inputs.eventbridge === true,
    });
  },
  remove({ inputs }, { notifications, buckets }) {
    if (!buckets.has(inputs.bucket)) return;
    notifications.configure(inputs.bucket, { queues: [], topics: [], functions: [], eventBridge: false });
  },
};

function targets(entries: Values[] | undefined, arn: string): NotificationTarget[] {
  return (entries ?? []).map((entry, index) => ({
    id: entry.id ?? `tf-s3-${arn}-${index}`,
    arn: entry[arn],
    events: entry.events,
    prefix: entry.filterPrefix ?? "",
    suffix: entry.filterSuffix ?? "",
  }));
}
