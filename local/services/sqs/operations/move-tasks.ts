/** Tasks that move the messages of a dead-letter queue back. A task is done when its call returns. */
import { randomUUID } from "node:crypto";
import type * as sqs from "@aws-sdk/client-sqs";
import { ServiceError } from "../../../service-error.ts";
import type { Operations } from "../../../wire/service.ts";
import { nameOfArn, type Queues } from "../queues.ts";

export function moveTaskOperations(queues: Queues): Operations {
  /** Newest first. */
  const moves: sqs.ListMessageMoveTasksResultEntry[] = [];
  return {
    StartMessageMoveTask(input: sqs.StartMessageMoveTaskCommandInput, { now }) {
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
  };
}
