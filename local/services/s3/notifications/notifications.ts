/** Tells queues, topics, functions and EventBridge of changes to objects. */
import type { Deliveries } from "../../../delivery/deliveries.ts";
import { ServiceError } from "../../../service-error.ts";
import type { Place } from "../../../wire/service.ts";
import type { EventBus } from "../../events/event-bus.ts";
import type { Topics } from "../../sns/topics.ts";
import { nameOfArn, type Queues } from "../../sqs/queues.ts";
import type { Buckets } from "../buckets.ts";
import type { ObjectChange } from "../objects.ts";
import { type BucketNotifications, wants } from "./configuration.ts";
import { eventBridgeDetail, notificationBody, testEvent } from "./messages.ts";

interface NotificationsOptions {
  buckets: Buckets;
  queues: Queues;
  topics: Topics;
  deliveries: Deliveries;
  bus: EventBus;
  place: Place;
  now(): number;
  log(line: string): void;
}

export class Notifications {
  readonly #options: NotificationsOptions;

  constructor(options: NotificationsOptions) {
    this.#options = options;
  }

  /** Sets a bucket's configuration. Targets that were not there get S3's test event, as on AWS. */
  configure(bucket: string, notifications: BucketNotifications): void {
    const { buckets } = this.#options;
    const before = buckets.configuration(bucket).notifications as BucketNotifications | undefined;
    const known = new Set([...(before?.queues ?? []), ...(before?.topics ?? [])].map(({ arn }) => arn));
    buckets.configure(bucket, "notifications", notifications);
    const body = testEvent(bucket, this.#options.now());
    for (const { arn } of notifications.queues) if (!known.has(arn)) this.#options.queues.send(nameOfArn(arn), body);
    for (const { arn } of notifications.topics) {
      if (!known.has(arn))
        this.#options.topics.publish({ topicArn: arn, subject: "Amazon S3 Notification", text: body });
    }
  }

  /** Called in the transaction that changes the object: the change and its messages are durable together. */
  tell(change: ObjectChange): void {
    const { buckets, queues, topics, deliveries, bus, place, now, log } = this.#options;
    const config = buckets.configuration(change.bucket).notifications as BucketNotifications | undefined;
    if (!config) return;
    const wanting = (targets: BucketNotifications["queues"]) =>
      targets.filter((target) => wants(target, change.key, change.eventName));
    const attempt = (arn: string, send: () => void) => {
      try {
        send();
      } catch (error) {
        // A target that is gone does not fail the upload; S3 drops the event.
        if (!(error instanceof ServiceError)) throw error;
        log(`s3: no notification of ${change.bucket}/${change.key} to ${arn}: ${error.message}`);
      }
    };
    for (const target of wanting(config.queues)) {
      attempt(target.arn, () => queues.send(nameOfArn(target.arn), notificationBody(change, target, place)));
    }
    for (const target of wanting(config.topics)) {
      const text = notificationBody(change, target, place);
      attempt(target.arn, () => topics.publish({ topicArn: target.arn, subject: "Amazon S3 Notification", text }));
    }
    for (const target of wanting(config.functions)) {
      deliveries.enqueue({ targetArn: target.arn, payload: notificationBody(change, target, place) });
    }
    if (config.eventBridge) {
      const { detailType, detail } = eventBridgeDetail(change, place);
      const resources = [`arn:aws:s3:::${change.bucket}`];
      bus.put({ source: "aws.s3", detailType, detail, resources, timeMs: change.timeMs }, { ...place, now });
    }
  }
}
