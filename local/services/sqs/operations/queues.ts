/** Queues themselves: making, finding, setting up and removing them. */
import type * as sqs from "@aws-sdk/client-sqs";
import { ServiceError } from "../../../service-error.ts";
import type { Operations, RequestContext } from "../../../wire/service.ts";
import { nameOfUrl, type Queue, type Queues } from "../queues.ts";

/** @param endpoint - Where queue URLs lead, such as `http://127.0.0.1:4400`. */
export function queueOperations(queues: Queues, endpoint: () => string): Operations {
  const urlOf = ({ name }: Queue, { accountId }: RequestContext) => `${endpoint()}/${accountId}/${name}`;
  return {
    CreateQueue(input: sqs.CreateQueueCommandInput, context) {
      const existing = queues.find(input.QueueName ?? "");
      const differs = Object.entries(input.Attributes ?? {}).find(
        ([name, value]) => existing && existing.attributes[name] !== value,
      );
      if (differs) {
        const why = `A queue already exists with the same name and a different value for attribute ${differs[0]}`;
        throw new ServiceError("QueueNameExists", why);
      }
      const queue = queues.create(input.QueueName ?? "", (input.Attributes ?? {}) as Record<string, string>);
      return { QueueUrl: urlOf(queue, context) };
    },
    DeleteQueue(input: sqs.DeleteQueueCommandInput) {
      queues.delete(nameOfUrl(input.QueueUrl));
      return {};
    },
    GetQueueUrl: (input: sqs.GetQueueUrlCommandInput, context) => ({
      QueueUrl: urlOf(queues.get(input.QueueName ?? ""), context),
    }),
    ListQueues(input: sqs.ListQueuesCommandInput, context) {
      const found = queues.list().filter((queue) => queue.name.startsWith(input.QueueNamePrefix ?? ""));
      return found.length > 0 ? { QueueUrls: found.map((queue) => urlOf(queue, context)) } : {};
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
    ListDeadLetterSourceQueues: (input: sqs.ListDeadLetterSourceQueuesCommandInput, context) => ({
      queueUrls: queues.sourcesOf(queues.get(nameOfUrl(input.QueueUrl)).arn).map((queue) => urlOf(queue, context)),
    }),
    ListQueueTags: (input: sqs.ListQueueTagsCommandInput) => {
      queues.get(nameOfUrl(input.QueueUrl));
      return {};
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
