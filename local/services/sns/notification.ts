/**
 * A published message as its subscribers receive it.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
import type { MessageAttributes } from "./filter-policy.ts";

export interface PublishedMessage {
  messageId: string;
  topicArn: string;
  subject: string | undefined;
  text: string;
  attributes: MessageAttributes;
  sentMs: number;
}

/** The JSON document that queues, functions and `email-json` subscribers receive. */
export function notificationOf({ messageId, topicArn, subject, text, attributes, sentMs }: PublishedMessage): object {
  return {
    Type: "Notification",
    MessageId: messageId,
    TopicArn: topicArn,
    ...(subject !== undefined && { Subject: subject }),
    Message: text,
    Timestamp: new Date(sentMs).toISOString(),
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
}

/** The event with which a subscribed function is invoked. */
export function functionEventOf(message: PublishedMessage, subscriptionArn: string): object {
  return {
    Records: [
      {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: subscriptionArn,
        Sns: notificationOf(message),
      },
    ],
  };
}

/** The text of an e-mail. */
export const emailBodyOf = ({ text }: PublishedMessage) => `${text}\n\n${FOOTER}`;

const FOOTER = `--
If you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:
(not in the embedded cloud)`;
