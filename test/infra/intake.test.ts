import { describe, expect, it } from "vitest";
import config from "../../sluice.config.ts";
import { statements } from "../../stacks/synth/graph.ts";
import { elsewhere, prod } from "./stages.ts";

const raw = prod.one("aws:s3/bucket", "RawBucketBucket").attributes;
const FOURTEEN_DAYS_SECONDS = 14 * 24 * 3600;

describe.each([
  ["cloudfront", "Cloudfront"],
  ["alb", "Alb"],
])("what arrives for %s", (source, component) => {
  const settings = config.sources[source]!;
  const queue = prod.one("aws:sqs/queue", `${component}Intake`);
  const deadLetters = prod.one("aws:sqs/queue", `${component}IntakeDlq`);

  it("is announced to its queue by the raw bucket", () => {
    const { inputs } = prod.one("aws:s3/bucketNotification", "RawNotification");
    expect(inputs.bucket).toBe(raw.id);
    expect(inputs.queues).toContainEqual({
      id: source,
      queueArn: queue.attributes.arn,
      events: ["s3:ObjectCreated:*"],
      filterPrefix: settings.prefix,
    });
  });

  it("can be announced by that bucket only, over TLS", () => {
    const policy = prod.one("aws:sqs/queuePolicy", `${component}IntakePolicy`).inputs;
    expect(policy.queueUrl).toBe(queue.attributes.url);
    expect(statements(policy.policy)).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: "s3.amazonaws.com" },
        Action: ["sqs:SendMessage"],
        Resource: [queue.attributes.arn],
        Condition: { ArnEquals: { "aws:SourceArn": raw.arn }, StringEquals: { "aws:SourceAccount": "111122223333" } },
      },
      expect.objectContaining({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
    ]);
  });

  it("waits encrypted for two weeks, and after some attempts as long again beside the queue", () => {
    expect(queue.inputs).toMatchObject({ messageRetentionSeconds: FOURTEEN_DAYS_SECONDS, sqsManagedSseEnabled: true });
    expect(JSON.parse(queue.inputs.redrivePolicy)).toEqual({
      deadLetterTargetArn: deadLetters.attributes.arn,
      maxReceiveCount: settings.maxReceives,
    });
    expect(deadLetters.inputs).toMatchObject({
      messageRetentionSeconds: FOURTEEN_DAYS_SECONDS,
      sqsManagedSseEnabled: true,
    });
  });

  it("is handed to ingest in batches that the queue does not hand out twice meanwhile", () => {
    const { inputs } = prod.one("aws:pipes/pipe", `${component}Pipe`);
    const gathering = inputs.sourceParameters.sqsQueueParameters;
    expect(inputs).toMatchObject({ source: queue.attributes.arn, target: prod.arn("aws:sfn/stateMachine", "Ingest") });
    expect(gathering).toEqual({
      batchSize: settings.batchObjects,
      maximumBatchingWindowInSeconds: settings.batchingWindowSeconds,
    });
    expect(queue.inputs.visibilityTimeoutSeconds).toBeGreaterThan(gathering.maximumBatchingWindowInSeconds);
  });
});

it("goes beside the queue after as many attempts as its source says", () => {
  const attempts = (graph: typeof prod, name: string) =>
    JSON.parse(graph.one("aws:sqs/queue", name).inputs.redrivePolicy).maxReceiveCount;
  expect(attempts(prod, "CloudfrontIntake")).toBe(3);
  expect(attempts(prod, "AlbIntake")).toBe(5);
  expect(attempts(elsewhere, "AlbIntake")).toBe(7);
});

it.each(prod.all("aws:sqs/queue").map(({ name }) => name))(
  "the queue %s is encrypted, and refuses plain HTTP",
  (name) => {
    const { inputs, attributes } = prod.one("aws:sqs/queue", name);
    expect(inputs).toMatchObject({ sqsManagedSseEnabled: true, messageRetentionSeconds: FOURTEEN_DAYS_SECONDS });
    const policies = prod.all("aws:sqs/queuePolicy").filter((policy) => policy.inputs.queueUrl === attributes.url);
    expect(policies.flatMap((policy) => statements(policy.inputs.policy))).toContainEqual({
      Effect: "Deny",
      Principal: "*",
      Action: ["sqs:*"],
      Resource: [attributes.arn],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
  },
);

it("every dead-letter queue raises the alarm", () => {
  const deadLetterQueues = prod.all("aws:sqs/queue").filter(({ name }) => name.endsWith("Dlq"));
  // One for each source, and that of the schedules.
  expect(deadLetterQueues).toHaveLength(Object.keys(config.sources).length + 1);
  for (const { name, attributes } of deadLetterQueues)
    expect(prod.one("aws:cloudwatch/metricAlarm", `${name}NotEmpty`).inputs).toMatchObject({
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: attributes.name },
      threshold: 0,
      comparisonOperator: "GreaterThanThreshold",
      alarmActions: [prod.arn("aws:sns/topic", "Alerts")],
    });
});

it.each(Object.keys(config.sources))("objects and lines of %s that are set aside raise an alarm", (source) => {
  const component = source.replace(/^./, (letter) => letter.toUpperCase());
  const ofSource = { namespace: "Sluice", dimensions: { service: "sluice", source }, treatMissingData: "notBreaching" };
  expect(prod.one("aws:cloudwatch/metricAlarm", `${component}ObjectsQuarantined`).inputs).toMatchObject({
    ...{ ...ofSource, metricName: "QuarantinedObjects", threshold: 0, statistic: "Sum" },
  });
  expect(prod.one("aws:cloudwatch/metricAlarm", `${component}LinesRejected`).inputs).toMatchObject({
    ...{ ...ofSource, metricName: "RejectedPercent", threshold: 5, statistic: "Maximum" },
  });
});
