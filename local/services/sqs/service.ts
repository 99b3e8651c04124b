/** SQS: standard queues, their messages, and the way back from a dead-letter queue. */
import type { Service } from "../../wire/service.ts";
import { messageOperations } from "./operations/messages.ts";
import { moveTaskOperations } from "./operations/move-tasks.ts";
import { queueOperations } from "./operations/queues.ts";
import type { Queues } from "./queues.ts";

/** @param endpoint - Where queue URLs lead, such as `http://127.0.0.1:4400`. */
export function sqsService({ queues, endpoint }: { queues: Queues; endpoint(): string }): Service {
  return {
    namespace: "sqs",
    operations: { ...queueOperations(queues, endpoint), ...messageOperations(queues), ...moveTaskOperations(queues) },
  };
}
