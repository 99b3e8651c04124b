/** SQS's API over the queues. */
import { randomUUID } from "node:crypto";
import type * as sqs from "@aws-sdk/client-sqs";
import { ServiceError } from "../../service-error.ts";
import type { Service } from "../../wire/service.ts";
import { attributesMd5, md5 } from "./message-digest.ts";
import { nameOfArn, type Queue, type QueueMessage, type Queues } from "./queues.ts";

export interface SqsOptions {
  queues: Queues;
  accountId: string;
  /** Where queue URLs lead, such as `http://127.0.0.1:4400`. */
  endpoint(): string;
  now(): number;
  /** Ends long polls when the cloud stops. */
  stopping: AbortSignal;
}

const nameOfUrl = (url: string | undefined) => url?.split("/").at(-1) ?? "";

export function sqsService({ queues, accountId, endpoint, now, stopping }: SqsOptions): Service {
  const urlOf = (name: string) => `${endpoint()}/${accountId}/${name}`;
  const moves: sqs.ListMessageMoveTasksResultEntry[] = [];

  const send = (
    queueUrl: string | undefined,
    entry: sqs.SendMessageBatchRequestEntry | sqs.SendMessageCommandInput,
  ) => {
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
  };

  /** Each entry on its own: one that fails does not stop the others. */
  const batch = <E extends { Id?: string | undefined }, R>(entries: E[] | undefined, one: (entry: E) => R) => {
    if (!entries || entries.length === 0)
      throw new ServiceError("EmptyBatchRequest", "There should be at least one entry in the request.");
    if (entries.length > 10) {
      const why = `Maximum number of entries per request are 10. You have sent ${entries.length}.`;
      throw new ServiceError("TooManyEntriesInBatchRequest", why);
    }
    const repeated = entries.find((entry, index) => entries.some((other, at) => at < index && other.Id === entry.Id));
    if (repeated) throw new ServiceError("BatchEntryIdsNotDistinct", `Id ${repeated.Id} repeated.`);
    const Successful: (R & { Id: string })[] = [];
    const Failed: sqs.BatchResultErrorEntry[] = [];
    for (const entry of entries) {
      try {
        Successful.push({ Id: entry.Id ?? "", ...one(entry) });
      } catch (error) {
        if (!(error instanceof ServiceError) || error.code === "QueueDoesNotExist") throw error;
        Failed.push({ Id: entry.Id, Code: error.code, Message: error.message, SenderFault: true });
      }
    }
    return { Successful, ...(Failed.length > 0 && { Failed }) };
  };

  return {
    namespace: "sqs",
    operations: {
      CreateQueue(input: sqs.CreateQueueCommandInput) {
        const existing = queues.find(input.QueueName ?? "");
        const differs = Object.entries(input.Attributes ?? {}).find(
          ([name, value]) => existing && existing.attributes[name] !== value,
        );
        if (differs) {
          const why = `A queue already exists with the same name and a different value for attribute ${differs[0]}`;
          throw new ServiceError("QueueNameExists", why);
        }
        const queue = queues.create(input.QueueName ?? "", (input.Attributes ?? {}) as Record<string, string>);
        return { QueueUrl: urlOf(queue.name) };
      },
      DeleteQueue(input: sqs.DeleteQueueCommandInput) {
        queues.delete(nameOfUrl(input.QueueUrl));
        return {};
      },
      GetQueueUrl: (input: sqs.GetQueueUrlCommandInput) => ({
        QueueUrl: urlOf(queues.get(input.QueueName ?? "").name),
      }),
      ListQueues(input: sqs.ListQueuesCommandInput) {
        const found = queues.list().filter((queue) => queue.name.startsWith(input.QueueNamePrefix ?? ""));
        return found.length > 0 ? { QueueUrls: found.map((queue) => urlOf(queue.name)) } : {};
      },
      GetQueueAttributes(input: sqs.GetQueueAttributesCommandInput) {
        const all = attributesOf(queues, queues.get(nameOfUrl(input.QueueUrl)));
        const names = input.AttributeNames ?? [];
        if (names.includes("All")) return { Attributes: all };
        const unknown = names.find((name) => !(name in all) && !OPTIONAL_ATTRIBUTES.has(name));
        if (unknown) throw new ServiceError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
        return { Attributes: Object.fromEntries(names.flatMap((name) => (name in all ? [[name, all[name]]] : []))) };
      },
      SetQueueAttributes(input: sqs.SetQueueAttributesCommandInput) {
        queues.setAttributes(nameOfUrl(input.QueueUrl), (input.Attributes ?? {}) as Record<string, string>);
        return {};
      },
      PurgeQueue(input: sqs.PurgeQueueCommandInput) {
        queues.purge(nameOfUrl(input.QueueUrl));
        return {};
      },
      SendMessage: (input: sqs.SendMessageCommandInput) => send(input.QueueUrl, input),
      SendMessageBatch: (input: sqs.SendMessageBatchCommandInput) =>
        batch(input.Entries, (entry) => send(input.QueueUrl, entry)),
      async ReceiveMessage(input: sqs.ReceiveMessageCommandInput) {
        const name = nameOfUrl(input.QueueUrl);
        const limit = input.MaxNumberOfMessages ?? 1;
        if (!(limit >= 1 && limit <= 10)) {
          const why = `Value ${limit} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.`;
          throw new ServiceError("InvalidParameterValue", why);
        }
        const waitSeconds = input.WaitTimeSeconds ?? Number(queues.get(name).attributes.ReceiveMessageWaitTimeSeconds);
        const deadline = now() + waitSeconds * 1000;
        let messages = queues.receive(name, limit, input.VisibilityTimeout);
        while (messages.length === 0 && now() < deadline && !stopping.aborted) {
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
        batch(input.Entries, (entry) => {
          queues.remove(nameOfUrl(input.QueueUrl), entry.ReceiptHandle ?? "");
          return {};
        }),
      ChangeMessageVisibility(input: sqs.ChangeMessageVisibilityCommandInput) {
        queues.changeVisibility(nameOfUrl(input.QueueUrl), input.ReceiptHandle ?? "", input.VisibilityTimeout ?? 0);
        return {};
      },
      ChangeMessageVisibilityBatch: (input: sqs.ChangeMessageVisibilityBatchCommandInput) =>
        batch(input.Entries, (entry) => {
          queues.changeVisibility(nameOfUrl(input.QueueUrl), entry.ReceiptHandle ?? "", entry.VisibilityTimeout ?? 0);
          return {};
        }),
      ListDeadLetterSourceQueues: (input: sqs.ListDeadLetterSourceQueuesCommandInput) => ({
        queueUrls: queues.sourcesOf(queues.get(nameOfUrl(input.QueueUrl)).arn).map((queue) => urlOf(queue.name)),
      }),
      StartMessageMoveTask(input: sqs.StartMessageMoveTaskCommandInput) {
        const source = queues.find(nameOfArn(input.SourceArn ?? ""));
        if (!source)
          throw new ServiceError(
            "ResourceNotFoundException",
            "The resource that you specified for the SourceArn parameter doesn't exist.",
          );
        if (queues.sourcesOf(source.arn).length === 0) {
          throw new ServiceError("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.");
        }
        const destination = input.DestinationArn ? nameOfArn(input.DestinationArn) : undefined;
        const startedMs = now();
        const moved = queues.moveAll(source.name, destination);
        moves.unshift({
          TaskHandle: randomUUID(),
          Status: "COMPLETED",
          SourceArn: source.arn,
          DestinationArn: input.DestinationArn,
          ApproximateNumberOfMessagesMoved: moved,
          ApproximateNumberOfMessagesToMove: moved,
          StartedTimestamp: startedMs,
        });
        return { TaskHandle: moves[0]!.TaskHandle };
      },
      ListMessageMoveTasks: (input: sqs.ListMessageMoveTasksCommandInput) => ({
        Results: moves.filter((move) => move.SourceArn === input.SourceArn).slice(0, input.MaxResults ?? 1),
      }),
      ListQueueTags: (input: sqs.ListQueueTagsCommandInput) => {
        queues.get(nameOfUrl(input.QueueUrl));
        return {};
      },
    },
  };
}

/** Attributes that a queue may have but need not. */
const OPTIONAL_ATTRIBUTES = new Set([
  "Policy",
  "RedrivePolicy",
  "RedriveAllowPolicy",
  "KmsMasterKeyId",
  "KmsDataKeyReusePeriodSeconds",
]);

function attributesOf(queues: Queues, queue: Queue): Record<string, string> {
  const counts = queues.counts(queue.name);
  const createdSeconds = String(Math.floor(queue.createdMs / 1000));
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    CreatedTimestamp: createdSeconds,
    LastModifiedTimestamp: createdSeconds,
    ...queue.attributes,
  };
}

/** The system attributes of a message, which clients ask for by name. */
export function systemAttributes(message: QueueMessage): Record<string, string> {
  return {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentMs),
    SenderId: "AIDAEMBEDDEDCLOUD",
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs),
    ...(message.sourceArn && { DeadLetterQueueSourceArn: message.sourceArn }),
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
