/** A bucket's notification configuration: the changes that go to each target. */
import { childText, type XmlElement } from "../../../wire/xml.ts";

export interface BucketNotifications {
  queues: NotificationTarget[];
  topics: NotificationTarget[];
  functions: NotificationTarget[];
  /** Whether every change also goes to EventBridge. */
  eventBridge: boolean;
}

export interface NotificationTarget {
  id: string;
  arn: string;
  /** Such as `s3:ObjectCreated:*`. */
  events: string[];
  prefix: string;
  suffix: string;
}

export function wants(target: NotificationTarget, key: string, eventName: string): boolean {
  const named = target.events.some((event) => {
    const pattern = event.replace(/^s3:/, "");
    return pattern.endsWith("*") ? eventName.startsWith(pattern.slice(0, -1)) : pattern === eventName;
  });
  return named && key.startsWith(target.prefix) && key.endsWith(target.suffix);
}

/** Reads the document of PutBucketNotificationConfiguration. */
export function notificationsFromXml(root: XmlElement): BucketNotifications {
  const targets = (name: string, arn: string) =>
    root.children.filter((child) => child.name === name).map((child) => targetFromXml(child, arn));
  return {
    queues: targets("QueueConfiguration", "Queue"),
    topics: targets("TopicConfiguration", "Topic"),
    functions: targets("CloudFunctionConfiguration", "CloudFunction"),
    eventBridge: root.children.some((child) => child.name === "EventBridgeConfiguration"),
  };
}

function targetFromXml(node: XmlElement, arn: string): NotificationTarget {
  const rules = node.children
    .find((child) => child.name === "Filter")
    ?.children.find((child) => child.name === "S3Key")?.children;
  const rule = (name: string) => {
    const found = rules?.find((child) => childText(child, "Name")?.toLowerCase() === name);
    return childText(found, "Value") ?? "";
  };
  return {
    id: childText(node, "Id") ?? "",
    arn: childText(node, arn) ?? "",
    events: node.children.filter((child) => child.name === "Event").map((child) => child.text),
    prefix: rule("prefix"),
    suffix: rule("suffix"),
  };
}
