/** Messages on their way: sending, receiving, hiding and deleting them. */
import type * as sqs from "@aws-sdk/client-sqs";
import { ServiceError } from "../../../service-error.ts";
import type { Operations } from "../../../wire/service.ts";
import { attributesMd5, md5 } from "../message-digest.ts";
import { nameOfUrl, type QueueMessage, type Queues } from "../queues.ts";
import { eachEntry } from "./batch.ts";

export function messageOperations(queues: Queues): Operations {
  return {
    SendMessage: (input: sqs.SendMessageCommandInput) => send(queues, input.QueueUrl, input),
    SendMessageBatch: (input: sqs.SendMessageBatchCommandInput) =>
      eachEntry(input.Entries, (entry) => send(queues, input.QueueUrl, entry)),
    async ReceiveMessage(input: sqs.ReceiveMessageCommandInput, { now, stopping }) {
      const name = nameOfUrl(input.QueueUrl);
      const limit = input.MaxNumberOfMessages ?? 1;
      if (!(limit >= 1 && limit <= 10)) {
        const why = `Value ${limit} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.`;
        throw new ServiceError("InvalidParameterValue", why);
      }
      const waitSeconds = input.WaitTimeSeconds ?? Number(queues.get(name).attributes.ReceiveMessageWaitTimeSeconds);
      const deadline = now() + waitSeconds * 1000;
      let messages = queues.receive(name, limit, input.VisibilityTimeout);
      while (messages.length === 0 && now() < deadline && !stopping?.aborted) {
        await queues.wait(name, deadline - now(), stopping);
        messages = queues.receive(name, limit, input.VisibilityTimeout);
      }
      return messages.length > 0 ? { Messages: messages.map((message) => wireMessage(message, input)) } : {};
    },
    DeleteMessage(input: sqs.DeleteMessageCommandInput) {
      queues.remove(nameOfUrl(input.QueueUrl), input.ReceiptHandle ?? "");
      return {};
    },
    DeleteMessageBatch: (input: sqs.DeleteMessageBatchCommandInput) =>
      eachEntry(input.Entries, (entry) => {
        queues.remove(nameOfUrl(input.QueueUrl), entry.ReceiptHandle ?? "");
        return {};
      }),
    ChangeMessageVisibility(input: sqs.ChangeMessageVisibilityCommandInput) {
      queues.changeVisibility(nameOfUrl(input.QueueUrl), input.ReceiptHandle ?? "", input.VisibilityTimeout ?? 0);
      return {};
    },
    ChangeMessageVisibilityBatch: (input: sqs.ChangeMessageVisibilityBatchCommandInput) =>
      eachEntry(input.Entries, (entry) => {
        queues.changeVisibility(nameOfUrl(input.QueueUrl), entry.ReceiptHandle ?? "", entry.VisibilityTimeout ?? 0);
        return {};
      }),
  };
}

function send(
  queues: Queues,
  queueUrl: string | undefined,
  entry: sqs.SendMessageBatchRequestEntry | sqs.SendMessageCommandInput,
) {
  const attributes = entry.MessageAttributes ?? {};
  const sent = queues.send(nameOfUrl(queueUrl), entry.MessageBody ?? "", {
    attributes,
    delaySeconds: entry.DelaySeconds,
  });
  return {
    MessageId: sent.messageId,
    MD5OfMessageBody: md5(entry.MessageBody ?? ""),
    MD5OfMessageAttributes: attributesMd5(attributes),
  };
}

function wireMessage(message: QueueMessage, input: sqs.ReceiveMessageCommandInput): sqs.Message {
  const asked = [...(input.MessageSystemAttributeNames ?? []), ...(input.AttributeNames ?? [])] as string[];
  const system = Object.entries(systemAttributes(message)).filter(
    ([name]) => asked.includes("All") || asked.includes(name),
  );
  const names = input.MessageAttributeNames ?? [];
  const own = Object.entries(message.attributes).filter(([name]) =>
    names.some(
      (pattern) =>
        ["All", ".*", name].includes(pattern) || (pattern.endsWith(".*") && name.startsWith(pattern.slice(0, -1))),
    ),
  );
  const attributes = Object.fromEntries(own);
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(system.length > 0 && { Attributes: Object.fromEntries(system) }),
    ...(own.length > 0 && { MessageAttributes: attributes, MD5OfMessageAttributes: attributesMd5(attributes) }),
  };
}

/** The system attributes of a message, which clients ask for by name. */
function systemAttributes(message: QueueMessage): Record<string, string> {
  return {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentMs),
    SenderId: "AIDAEMBEDDEDCLOUD",
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs),
    ...(message.sourceArn && { DeadLetterQueueSourceArn: message.sourceArn }),
  };
}
