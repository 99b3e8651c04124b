/**
 * SNS: topics and their subscriptions. Mail goes to the outbox in the publisher's transaction; queues and functions get
 * theirs through the deliveries, which survive the process.
 *
 * E-mail subscriptions count as confirmed: on a laptop there is no mail in which to click.
 */
import { randomUUID } from "node:crypto";
import type * as api from "@aws-sdk/client-sns";
import type { Deliveries } from "../../delivery/deliveries.ts";
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";
import type { Service } from "../../wire/service.ts";
import { eventMatcher } from "../events/pattern.ts";
import type { Outbox } from "./outbox.ts";

const LARGEST_MESSAGE_BYTES = 256 * 1024;
const PROTOCOLS = ["email", "email-json", "sqs", "lambda"];

interface Subscription {
  arn: string;
  topicArn: string;
  protocol: string;
  endpoint: string;
  attributes: Record<string, string>;
}

type MessageAttributes = Record<string, api.MessageAttributeValue>;

export interface SnsOptions {
  store: Store;
  outbox: Outbox;
  deliveries: Deliveries;
  region: string;
  accountId: string;
  now(): number;
}

export class Sns {
  readonly service: Service;
  readonly #options: SnsOptions;

  constructor(options: SnsOptions) {
    this.#options = options;
    options.store.define(`
      CREATE TABLE IF NOT EXISTS sns_topics (arn TEXT PRIMARY KEY, attributes TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS sns_subscriptions (arn TEXT PRIMARY KEY, topic_arn TEXT NOT NULL, body TEXT NOT NULL) STRICT;`);
    this.service = { namespace: "sns", operations: this.#operations() };
  }

  createTopic(name: string, attributes: Record<string, string> = {}): string {
    if (!/^[\w-]{1,256}$/.test(name)) throw invalid("Topic Name");
    const arn = `arn:aws:sns:${this.#options.region}:${this.#options.accountId}:${name}`;
    this.#options.store.run("INSERT OR REPLACE INTO sns_topics VALUES (?, ?)", arn, JSON.stringify(attributes));
    return arn;
  }

  /** @param arn - Given for a subscription that is deployed again; a new one otherwise. */
  subscribe(subscription: Omit<Subscription, "arn"> & { arn?: string }): string {
    this.#topic(subscription.topicArn);
    if (!PROTOCOLS.includes(subscription.protocol)) {
      throw invalid(`The embedded cloud does not deliver by ${subscription.protocol}`);
    }
    // A pattern that is none fails here, not at the first message.
    if (subscription.attributes.FilterPolicy) eventMatcher(subscription.attributes.FilterPolicy);
    const same = this.#subscriptions(subscription.topicArn).find(
      ({ protocol, endpoint }) => protocol === subscription.protocol && endpoint === subscription.endpoint,
    );
    const arn = subscription.arn ?? same?.arn ?? `${subscription.topicArn}:${randomUUID()}`;
    const body = JSON.stringify({ ...subscription, arn });
    this.#options.store.run(
      "INSERT OR REPLACE INTO sns_subscriptions VALUES (?, ?, ?)",
      arn,
      subscription.topicArn,
      body,
    );
    return arn;
  }

  unsubscribe(arn: string): void {
    this.#options.store.run("DELETE FROM sns_subscriptions WHERE arn = ?", arn);
  }

  /** @throws {ServiceError} As SNS refuses: `InvalidParameter`, `NotFound`. */
  publish(message: {
    topicArn: string;
    subject?: string | undefined;
    text: string;
    attributes?: MessageAttributes;
  }): string {
    const { topicArn, subject, text, attributes = {} } = message;
    this.#topic(topicArn);
    if (text === "") throw invalid("Empty message");
    if (subject !== undefined) checkSubject(subject);
    if (Buffer.byteLength(text) > LARGEST_MESSAGE_BYTES) throw invalid("Message too long");
    const messageId = randomUUID();
    this.#options.store.transaction(() => {
      for (const subscription of this.#subscriptions(topicArn)) {
        if (wants(subscription, text, attributes))
          this.#deliver(subscription, messageId, { topicArn, subject, text, attributes });
      }
    });
    return messageId;
  }

  #deliver(
    subscription: Subscription,
    messageId: string,
    {
      topicArn,
      subject,
      text,
      attributes,
    }: { topicArn: string; subject: string | undefined; text: string; attributes: MessageAttributes },
  ): void {
    const { outbox, deliveries, now } = this.#options;
    const { protocol, endpoint } = subscription;
    const notification = {
      Type: "Notification",
      MessageId: messageId,
      TopicArn: topicArn,
      ...(subject !== undefined && { Subject: subject }),
      Message: text,
      Timestamp: new Date(now()).toISOString(),
      SignatureVersion: "1",
      Signature: "EMBEDDED",
      SigningCertURL: "",
      UnsubscribeURL: "",
      ...(Object.keys(attributes).length > 0 && {
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, { DataType, StringValue }]) => [
            name,
            { Type: DataType, Value: StringValue },
          ]),
        ),
      }),
    };
    switch (protocol) {
      case "email":
      case "email-json": {
        const asJson = protocol === "email-json";
        outbox.add({
          to: endpoint,
          subject: subject ?? "AWS Notification Message",
          body: asJson ? JSON.stringify(notification, null, 2) : `${text}\n\n${FOOTER}`,
          sentMs: now(),
          topicArn,
        });
        return;
      }
      case "sqs": {
        const raw = subscription.attributes.RawMessageDelivery === "true";
        deliveries.enqueue({ targetArn: endpoint, payload: raw ? text : JSON.stringify(notification) });
        return;
      }
      case "lambda": {
        const record = {
          EventSource: "aws:sns",
          EventVersion: "1.0",
          EventSubscriptionArn: subscription.arn,
          Sns: notification,
        };
        deliveries.enqueue({ targetArn: endpoint, payload: JSON.stringify({ Records: [record] }) });
      }
    }
  }

  #topic(arn: string): Record<string, string> {
    const row = this.#options.store.get<{ attributes: string }>("SELECT attributes FROM sns_topics WHERE arn = ?", arn);
    if (!row) throw new ServiceError("NotFound", "Topic does not exist", 404);
    return JSON.parse(row.attributes);
  }

  #subscriptions(topicArn?: string): Subscription[] {
    return this.#options.store
      .all<{ topic_arn: string; body: string }>("SELECT topic_arn, body FROM sns_subscriptions ORDER BY arn")
      .filter((row) => topicArn === undefined || row.topic_arn === topicArn)
      .map((row) => JSON.parse(row.body));
  }

  #operations(): Service["operations"] {
    const { store, accountId } = this.#options;
    const listed = (subscriptions: Subscription[]) => ({
      Subscriptions: subscriptions.map(({ arn, topicArn, protocol, endpoint }) => ({
        SubscriptionArn: arn,
        TopicArn: topicArn,
        Protocol: protocol,
        Endpoint: endpoint,
        Owner: accountId,
      })),
    });
    return {
      CreateTopic: (input: api.CreateTopicCommandInput) => ({
        TopicArn: this.createTopic(input.Name ?? "", input.Attributes ?? {}),
      }),
      DeleteTopic: (input: api.DeleteTopicCommandInput) => {
        store.run("DELETE FROM sns_subscriptions WHERE topic_arn = ?", input.TopicArn!);
        store.run("DELETE FROM sns_topics WHERE arn = ?", input.TopicArn!);
        return {};
      },
      ListTopics: () => ({
        Topics: store
          .all<{ arn: string }>("SELECT arn FROM sns_topics ORDER BY arn")
          .map(({ arn }) => ({ TopicArn: arn })),
      }),
      GetTopicAttributes: (input: api.GetTopicAttributesCommandInput) => ({
        Attributes: {
          ...this.#topic(input.TopicArn!),
          TopicArn: input.TopicArn!,
          Owner: accountId,
          SubscriptionsConfirmed: String(this.#subscriptions(input.TopicArn).length),
          SubscriptionsPending: "0",
        },
      }),
      Subscribe: (input: api.SubscribeCommandInput) => ({
        SubscriptionArn: this.subscribe({
          topicArn: input.TopicArn!,
          protocol: input.Protocol!,
          endpoint: input.Endpoint ?? "",
          attributes: input.Attributes ?? {},
        }),
      }),
      Unsubscribe: (input: api.UnsubscribeCommandInput) => {
        this.unsubscribe(input.SubscriptionArn!);
        return {};
      },
      ListSubscriptions: () => listed(this.#subscriptions()),
      ListSubscriptionsByTopic: (input: api.ListSubscriptionsByTopicCommandInput) => {
        this.#topic(input.TopicArn!);
        return listed(this.#subscriptions(input.TopicArn));
      },
      Publish: (input: api.PublishCommandInput) => {
        const topicArn = input.TopicArn ?? input.TargetArn;
        if (!topicArn) throw invalid("TopicArn or TargetArn Reason: no value for required parameter");
        const messageId = this.publish({
          topicArn,
          subject: input.Subject,
          text: input.Message ?? "",
          ...(input.MessageAttributes && { attributes: input.MessageAttributes }),
        });
        return { MessageId: messageId };
      },
    };
  }
}

const FOOTER = `--
If you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:
(not in the embedded cloud)`;

const invalid = (why: string) => new ServiceError("InvalidParameter", `Invalid parameter: ${why}`);

/** @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
function checkSubject(subject: string): void {
  if (!/^[\x20-\x7e]{1,99}$/.test(subject) || /^\s/.test(subject)) throw invalid("Subject");
}

function wants(subscription: Subscription, text: string, attributes: MessageAttributes): boolean {
  const { FilterPolicy, FilterPolicyScope } = subscription.attributes;
  if (!FilterPolicy) return true;
  const matches = eventMatcher(FilterPolicy);
  if (FilterPolicyScope !== "MessageBody") return matches(plain(attributes));
  try {
    return matches(JSON.parse(text));
  } catch {
    // A body that is not JSON has nothing to match, so SNS does not deliver it.
    return false;
  }
}

function plain(attributes: MessageAttributes): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue }]) => {
      if (DataType === "Number") return [name, Number(StringValue)];
      return [name, DataType === "String.Array" ? JSON.parse(StringValue ?? "[]") : StringValue];
    }),
  );
}
