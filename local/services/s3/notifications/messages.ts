/**
 * Changes of objects as S3 words them for queues, topics, functions and EventBridge.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
import { randomBytes } from "node:crypto";
import type { Place } from "../../../wire/service.ts";
import type { ObjectChange } from "../objects.ts";
import type { NotificationTarget } from "./configuration.ts";

/** Keys in notifications are written as in an HTML form: spaces become "+", slashes stay. */
function formEncodeKey(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+")
    .replaceAll("%2F", "/");
}

const isRemoval = ({ eventName }: ObjectChange) => /^(ObjectRemoved|LifecycleExpiration):/.test(eventName);

export function notificationBody(change: ObjectChange, target: NotificationTarget, { region }: Place): string {
  const removed = isRemoval(change);
  return JSON.stringify({
    Records: [
      {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        awsRegion: region,
        eventTime: new Date(change.timeMs).toISOString(),
        eventName: change.eventName,
        userIdentity: { principalId: "AWS:AIDAEMBEDDEDCLOUD" },
        requestParameters: { sourceIPAddress: "127.0.0.1" },
        responseElements: {
          "x-amz-request-id": randomBytes(8).toString("hex").toUpperCase(),
          "x-amz-id-2": randomBytes(48).toString("base64"),
        },
        s3: {
          s3SchemaVersion: "1.0",
          configurationId: target.id,
          bucket: {
            name: change.bucket,
            ownerIdentity: { principalId: "A3EMBEDDEDCLOUD" },
            arn: `arn:aws:s3:::${change.bucket}`,
          },
          object: {
            key: formEncodeKey(change.key),
            // S3 leaves the size and the etag of a deleted object out.
            ...(removed ? {} : { size: change.size, eTag: change.etag }),
            sequencer: change.sequencer,
          },
        },
      },
    ],
  });
}

/** The message that S3 sends once to each target when it is configured. */
export function testEvent(bucket: string, timeMs: number): string {
  return JSON.stringify({
    Service: "Amazon S3",
    Event: "s3:TestEvent",
    Time: new Date(timeMs).toISOString(),
    Bucket: bucket,
    RequestId: randomBytes(8).toString("hex").toUpperCase(),
    HostId: randomBytes(48).toString("base64"),
  });
}

const REASONS: Record<string, string> = {
  "ObjectCreated:Put": "PutObject",
  "ObjectCreated:Copy": "CopyObject",
  "ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
  "ObjectRemoved:Delete": "DeleteObject",
  "LifecycleExpiration:Delete": "Lifecycle Expiration",
};

/** The same change as an EventBridge event's type and detail. Keys are raw here. */
export function eventBridgeDetail(change: ObjectChange, { accountId }: Place): { detailType: string; detail: object } {
  const removed = isRemoval(change);
  return {
    detailType: removed ? "Object Deleted" : "Object Created",
    detail: {
      version: "0",
      bucket: { name: change.bucket },
      object: {
        key: change.key,
        ...(removed ? {} : { size: change.size, etag: change.etag }),
        sequencer: change.sequencer,
      },
      "request-id": randomBytes(8).toString("hex").toUpperCase(),
      requester: accountId,
      "source-ip-address": "127.0.0.1",
      reason: REASONS[change.eventName] ?? change.eventName,
      ...(removed && { "deletion-type": "Permanently Deleted" }),
    },
  };
}
