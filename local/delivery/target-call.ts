/** Hands one event to the target that an ARN names, as EventBridge rules and schedules do. */
import { ServiceError } from "../service-error.ts";
import type { Call } from "./call.ts";

interface DeliveryTarget {
  arn: string;
  /** The same for each attempt at the same delivery, so that a repeated attempt starts nothing twice. */
  deliveryId: string;
  /** JSON text. */
  payload: string;
  /** The subject of the e-mail, when the target is a topic. */
  subject?: string | undefined;
}

/**
 * @throws {ServiceError} When the target refuses, or when targets of its kind are not supported here.
 */
export async function deliver(call: Call, { arn, deliveryId, payload, subject }: DeliveryTarget): Promise<void> {
  const [, , service, , , ...rest] = arn.split(":");
  const resource = rest.join(":");
  switch (service) {
    case "states":
      await call("states", "StartExecution", { stateMachineArn: arn, name: deliveryId, input: payload }).catch(
        (error: unknown) => {
          // An attempt that started the execution and died before it was noted has done its work.
          if (!(error instanceof ServiceError && error.code === "ExecutionAlreadyExists")) throw error;
        },
      );
      return;
    case "lambda":
      await call("lambda", "Invoke", {
        FunctionName: arn,
        InvocationType: "Event",
        Payload: new TextEncoder().encode(payload),
      });
      return;
    case "sqs": {
      const { QueueUrl } = (await call("sqs", "GetQueueUrl", { QueueName: resource })) as { QueueUrl: string };
      await call("sqs", "SendMessage", { QueueUrl, MessageBody: payload });
      return;
    }
    case "sns":
      await call("sns", "Publish", { TopicArn: arn, Message: payload, ...(subject && { Subject: subject }) });
      return;
    default:
      throw new ServiceError(
        "ValidationException",
        `Cannot deliver to ${arn}: ${service} targets are not supported here`,
      );
  }
}
