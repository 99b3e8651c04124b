/** Queues, each encrypted and closed to plain HTTP. */
import { named } from "./names.ts";
import type { Statement } from "./roles.ts";

/** The longest that SQS keeps a message: two weeks to mend what is broken. */
const RETENTION_SECONDS = 14 * 24 * 3600;

interface QueueOptions {
  /** How long a message is hidden from others while one receiver works on it. */
  visibilityTimeoutSeconds?: number;
  /** Where messages go that were received too often. */
  redrivePolicy?: $util.Input<string>;
  /** Permissions of others, given the queue's ARN; nobody else may send. */
  allow?: (queueArn: $util.Output<string>) => Statement[];
}

/** A queue, and the policy that whoever sends to it has to wait for. */
export function queue(
  name: string,
  { allow, ...options }: QueueOptions = {},
): { queue: aws.sqs.Queue; policy: aws.sqs.QueuePolicy } {
  const made = new aws.sqs.Queue(name, {
    name: named(name),
    messageRetentionSeconds: RETENTION_SECONDS,
    sqsManagedSseEnabled: true,
    ...options,
  });
  const policy = new aws.sqs.QueuePolicy(`${name}Policy`, {
    queueUrl: made.url,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        ...(allow?.(made.arn) ?? []),
        {
          effect: "Deny",
          principals: [{ type: "*", identifiers: ["*"] }],
          actions: ["sqs:*"],
          resources: [made.arn],
          conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
        },
      ],
    }).json,
  });
  return { queue: made, policy };
}
