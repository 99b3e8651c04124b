/** Messages that nobody can work on, in the dead-letter queue of their source. */
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Misdelivery } from "../lake/batch/arrivals.ts";
import { inParallel } from "./in-parallel.ts";

const CONCURRENT_CALLS = 8;
/** With the body, a message may have 256 KiB. An execution's input holds less than that, so this much is always left. */
const MAX_CAUSE_LENGTH = 250;

const sqs = new SQSClient({ maxAttempts: 5 });

/**
 * Puts messages into a dead-letter queue as they came, so that they can be redriven, with their cause as an attribute.
 *
 * @param queueName - Of a queue of this account.
 */
export async function sendToDeadLetters(queueName: string, messages: readonly Misdelivery[]): Promise<void> {
  if (messages.length === 0) return;
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queueName }));
  await inParallel(messages, CONCURRENT_CALLS, ({ messageId, body, cause }) =>
    sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: body,
        MessageAttributes: {
          Cause: { DataType: "String", StringValue: attributeText(cause) },
          MessageId: { DataType: "String", StringValue: attributeText(messageId) },
        },
      }),
    ),
  );
}

/** Text that SQS takes: not empty, and without control characters. */
function attributeText(text: string): string {
  return text.replaceAll(/[^\x20-\ud7ff\ue000-\ufffd]/g, "?").slice(0, MAX_CAUSE_LENGTH) || "?";
}
