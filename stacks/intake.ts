/**
 * The way from an object in the raw bucket to the start of `ingest`: notification → queue → pipe, one of each per source.
 * A message for which `ingest` cannot be started within some attempts (`maxReceives`) waits in the dead-letter queue.
 */
import config from "../sluice.config.ts";
import { ingest } from "./machines.ts";
import { accountId, arnOf, named, pascalCase } from "./names.ts";
import { machineArn } from "./permissions.ts";
import { queue as makeQueue } from "./queues.ts";
import { serviceRole } from "./roles.ts";
import { raw } from "./storage.ts";

/** The time that the pipe may take to start an execution, after it has gathered messages. */
const DELIVERY_SECONDS = 300;

interface Intake {
  source: string;
  queue: aws.sqs.Queue;
  policy: aws.sqs.QueuePolicy;
  deadLetters: aws.sqs.Queue;
  pipe: aws.pipes.Pipe;
}

export const intakes: Intake[] = Object.entries(config.sources).map(([source, settings]) => {
  const component = pascalCase(source);
  // A message of S3 is some 2 KB with its envelope: a hundred fit into the 256 KiB that an execution takes as input.
  const batchSize = settings.grouping === "object" ? 1 : settings.batchObjects;
  const gatheringSeconds = gatheringSecondsOf(batchSize, settings.batchingWindowSeconds);
  const { queue: deadLetters } = makeQueue(`${component}IntakeDlq`);
  const { queue, policy } = makeQueue(`${component}Intake`, {
    // A message that the pipe still holds must not be handed out again.
    visibilityTimeoutSeconds: gatheringSeconds + DELIVERY_SECONDS,
    redrivePolicy: $jsonStringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: settings.maxReceives }),
    allow: (queueArn) => [
      {
        principals: [{ type: "Service", identifiers: ["s3.amazonaws.com"] }],
        actions: ["sqs:SendMessage"],
        resources: [queueArn],
        conditions: [
          { test: "ArnEquals", variable: "aws:SourceArn", values: [raw.arn] },
          { test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] },
        ],
      },
    ],
  });
  const logGroup = new aws.cloudwatch.LogGroup(`${component}PipeLogs`, {
    name: `/aws/vendedlogs/pipes/${named(`${component}Pipe`)}`,
    retentionInDays: config.retention.logDays,
  });
  // AWS checks a new pipe by its role, once, and a change of IAM takes seconds to be known everywhere. So the role names
  // what it may touch by computed ARNs: it is one of the first resources of a deployment, and its pipe is one of the last.
  const role = serviceRole(`${component}PipeRole`, "pipes.amazonaws.com", [
    {
      actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
      resources: [arnOf("sqs", named(`${component}Intake`))],
    },
    { actions: ["states:StartExecution"], resources: [machineArn(named("Ingest"))] },
  ]);
  const pipe = new aws.pipes.Pipe(`${component}Pipe`, {
    name: named(`${component}Pipe`),
    description: `Starts ingest with what has arrived for ${source}`,
    roleArn: role.arn,
    source: queue.arn,
    sourceParameters: {
      sqsQueueParameters: {
        batchSize,
        maximumBatchingWindowInSeconds: gatheringSeconds,
      },
    },
    target: ingest.arn,
    targetParameters: { stepFunctionStateMachineParameters: { invocationType: "FIRE_AND_FORGET" } },
    logConfiguration: { level: "ERROR", cloudwatchLogsLogDestination: { logGroupArn: logGroup.arn } },
  });
  return { source, queue, policy, deadLetters, pipe };
});

/** Nothing is gathered for batches of one; for more than ten messages SQS asks for at least a second. */
function gatheringSecondsOf(batchSize: number, windowSeconds: number): number {
  if (batchSize === 1) return 0;
  return batchSize > 10 ? Math.max(windowSeconds, 1) : windowSeconds;
}

// S3 takes one notification configuration per bucket, and checks when it is set that it may send to every queue. It does not
// know a new policy at once ("Unable to validate the following destination configurations"). Nothing needs to be announced
// before there are pipes, so the notification waits for them, and the policies are minutes old.
new aws.s3.BucketNotification(
  "RawNotification",
  {
    bucket: raw.name,
    queues: intakes.map(({ source, queue }) => ({
      id: source,
      queueArn: queue.arn,
      events: ["s3:ObjectCreated:*"],
      filterPrefix: config.sources[source]!.prefix,
    })),
  },
  { dependsOn: intakes.flatMap(({ policy, pipe }) => [policy, pipe]) },
);
