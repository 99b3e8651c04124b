/**
 * Topics and their subscriptions. Mail goes to the outbox in the publisher's transaction; queues and functions get
 * theirs through the deliveries, which survive the process.
 *
 * E-mail subscriptions count as confirmed: on a laptop there is no mail in which to click.
 */
import { randomUUID } from "node:crypto";
import type { Deliveries } from "../../delivery/deliveries.ts";
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";
import type { Place } from "../../wire/service.ts";
import { eventMatcher } from "../events/pattern.ts";
import { type MessageAttributes, wantsMessage } from "./filter-policy.ts";
import { emailBodyOf, functionEventOf, notificationOf, type PublishedMessage } from "./notification.ts";
import type { Outbox } from "./outbox.ts";

const LARGEST_MESSAGE_BYTES = 256 * 1024;
const PROTOCOLS = ["email", "email-json", "sqs", "lambda"];

export interface Subscription {
  arn: string;
  topicArn: string;
  protocol: string;
  endpoint: string;
  attributes: Record<string, string>;
}

interface NewMessage {
  topicArn: string;
  subject?: string | undefined;
  text: string;
  attributes?: MessageAttributes;
}

interface TopicsOptions {
  store: Store;
  outbox: Outbox;
  deliveries: Deliveries;
  place: Place;
  now(): number;
}

export class Topics {
  readonly #options: TopicsOptions;
  readonly #store: Store;

  constructor(options: TopicsOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#store.define(`
      CREATE TABLE IF NOT EXISTS sns_topics (arn TEXT PRIMARY KEY, attributes TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS sns_subscriptions (arn TEXT PRIMARY KEY, topic_arn TEXT NOT NULL, body TEXT NOT NULL) STRICT;`);
  }

  /** @returns The topic's ARN. */
  create(name: string, attributes: Record<string, string> = {}): string {
    if (!/^[\w-]{1,256}$/.test(name)) throw invalidParameter("Topic Name");
    const { region, accountId } = this.#options.place;
    const arn = `arn:aws:sns:${region}:${accountId}:${name}`;
    this.#store.run("INSERT OR REPLACE INTO sns_topics VALUES (?, ?)", arn, JSON.stringify(attributes));
    return arn;
  }

  /** Deleting what is not there is not an error. */
  delete(arn: string): void {
    this.#store.run("DELETE FROM sns_subscriptions WHERE topic_arn = ?", arn);
    this.#store.run("DELETE FROM sns_topics WHERE arn = ?", arn);
  }

  arns(): string[] {
    return this.#store.all<{ arn: string }>("SELECT arn FROM sns_topics ORDER BY arn").map(({ arn }) => arn);
  }

  /** @throws {ServiceError} `NotFound`. */
  attributesOf(arn: string): Record<string, string> {
    const row = this.#store.get<{ attributes: string }>("SELECT attributes FROM sns_topics WHERE arn = ?", arn);
    if (!row) throw new ServiceError("NotFound", "Topic does not exist", 404);
    return JSON.parse(row.attributes);
  }

  /**
   * @param subscription - With an ARN when it is deployed again; without one it gets a new ARN.
   * @returns The subscription's ARN.
   */
  subscribe(subscription: Omit<Subscription, "arn"> & { arn?: string }): string {
    this.attributesOf(subscription.topicArn);
    if (!PROTOCOLS.includes(subscription.protocol)) {
      throw invalidParameter(`The embedded cloud does not deliver by ${subscription.protocol}`);
    }
    // An invalid pattern fails here, not at the first message.
    if (subscription.attributes.FilterPolicy) eventMatcher(subscription.attributes.FilterPolicy);
    const same = this.subscriptions(subscription.topicArn).find(
      ({ protocol, endpoint }) => protocol === subscription.protocol && endpoint === subscription.endpoint,
    );
    const arn = subscription.arn ?? same?.arn ?? `${subscription.topicArn}:${randomUUID()}`;
    const body = JSON.stringify({ ...subscription, arn });
    this.#store.run("INSERT OR REPLACE INTO sns_subscriptions VALUES (?, ?, ?)", arn, subscription.topicArn, body);
    return arn;
  }

  unsubscribe(arn: string): void {
    this.#store.run("DELETE FROM sns_subscriptions WHERE arn = ?", arn);
  }

  /** All subscriptions, or those of one topic. */
  subscriptions(topicArn?: string): Subscription[] {
    return this.#store
      .all<{ topic_arn: string; body: string }>("SELECT topic_arn, body FROM sns_subscriptions ORDER BY arn")
      .filter((row) => topicArn === undefined || row.topic_arn === topicArn)
      .map((row) => JSON.parse(row.body));
  }

  /**
   * @returns The message's id.
   * @throws {ServiceError} `InvalidParameter`, `NotFound`.
   */
  publish({ topicArn, subject, text, attributes = {} }: NewMessage): string {
    this.attributesOf(topicArn);
    if (text === "") throw invalidParameter("Empty message");
    if (subject !== undefined) checkSubject(subject);
    if (Buffer.byteLength(text) > LARGEST_MESSAGE_BYTES) throw invalidParameter("Message too long");
    const message = { messageId: randomUUID(), topicArn, subject, text, attributes, sentMs: this.#options.now() };
    this.#store.transaction(() => {
      for (const subscription of this.subscriptions(topicArn)) {
        if (wantsMessage(subscription.attributes, text, attributes)) this.#deliver(message, subscription);
      }
    });
    return message.messageId;
  }

  #deliver(message: PublishedMessage, { arn, protocol, endpoint, attributes }: Subscription): void {
    const { outbox, deliveries } = this.#options;
    const { topicArn, subject, text, sentMs } = message;
    switch (protocol) {
      case "email":
      case "email-json": {
        const asJson = protocol === "email-json";
        outbox.add({
          to: endpoint,
          subject: subject ?? "AWS Notification Message",
          body: asJson ? JSON.stringify(notificationOf(message), null, 2) : emailBodyOf(message),
          sentMs,
          topicArn,
        });
        return;
      }
      case "sqs": {
        const raw = attributes.RawMessageDelivery === "true";
        deliveries.enqueue({ targetArn: endpoint, payload: raw ? text : JSON.stringify(notificationOf(message)) });
        return;
      }
      case "lambda":
        deliveries.enqueue({ targetArn: endpoint, payload: JSON.stringify(functionEventOf(message, arn)) });
    }
  }
}

export const invalidParameter = (why: string) => new ServiceError("InvalidParameter", `Invalid parameter: ${why}`);

/** @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
function checkSubject(subject: string): void {
  if (!/^[\x20-\x7e]{1,99}$/.test(subject) || /^\s/.test(subject)) throw invalidParameter("Subject");
}
