/** A small cloud for tests: two buckets, a queue with its DLQ, a table, topics, functions, a machine and a pipe. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cloud, type CloudOptions, startCloud } from "../../../local/cloud.ts";
import type { Manifest, ManifestResource, Values } from "../../../local/deploy/manifest.ts";

export const REGION = "eu-central-1";
export const ACCOUNT = "111122223333";
export const PROJECT = join(import.meta.dirname, "project");

export const arn = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;

export function resource(type: string, name: string, inputs: Values, attributes: Values = {}): ManifestResource {
  return { urn: `urn:pulumi:local::test::${type}::${name}`, type, name, inputs, attributes };
}

const lambda = (name: string, inputs: Values = {}) =>
  resource(
    "aws:lambda/function:Function",
    `${name}Function`,
    {
      runtime: "nodejs24.x",
      memorySize: 256,
      timeout: 20,
      role: `arn:aws:iam::${ACCOUNT}:role/${name}Role`,
      ...inputs,
    },
    { name, arn: arn("lambda", `function:${name}`) },
  );

const queue = (name: string, inputs: Values = {}) =>
  resource("aws:sqs/queue:Queue", name, inputs, {
    name,
    arn: arn("sqs", name),
    url: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`,
  });

const countMachine = {
  Comment: "Counts the lines of what has arrived. Input: SQS records.",
  QueryLanguage: "JSONata",
  StartAt: "Count each",
  States: {
    "Count each": {
      Type: "Map",
      ItemProcessor: {
        ProcessorConfig: { Mode: "INLINE" },
        StartAt: "Count lines",
        States: {
          "Count lines": {
            Type: "Task",
            Resource: "arn:aws:states:::lambda:invoke",
            Arguments: { FunctionName: arn("lambda", "function:CountLines"), Payload: "{% $states.input %}" },
            Output: "{% $states.result.Payload.lines %}",
            Retry: [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1, MaxAttempts: 3 }],
            End: true,
          },
        },
      },
      Output: "{% { 'lines': $sum($states.result) } %}",
      End: true,
    },
  },
};

/** @param maxReceiveCount - How often a message may fail before it goes to the dead-letter queue. */
export function manifest(more: ManifestResource[] = [], { maxReceiveCount = 2 } = {}): Manifest {
  const code = (functionName: string, file: string) => ({
    functionName,
    handler: `functions/${file}.handler`,
    runtime: "nodejs24.x",
    install: [],
  });
  return {
    app: "test",
    stage: "local",
    region: REGION,
    accountId: ACCOUNT,
    functions: { CountLines: code("CountLines", "count-lines"), Misbehave: code("Misbehave", "misbehave") },
    resources: [
      resource("aws:s3/bucket:Bucket", "Raw", {}, { bucket: "raw" }),
      resource("aws:s3/bucket:Bucket", "Lake", {}, { bucket: "lake" }),
      queue("IntakeDlq"),
      queue("Intake", {
        visibilityTimeoutSeconds: 60,
        redrivePolicy: JSON.stringify({ deadLetterTargetArn: arn("sqs", "IntakeDlq"), maxReceiveCount }),
      }),
      resource(
        "aws:dynamodb/table:Table",
        "Ledger",
        { attributes: [{ name: "pk", type: "S" }], hashKey: "pk", ttl: { enabled: true, attributeName: "expiresAt" } },
        { name: "Ledger" },
      ),
      resource("aws:sns/topic:Topic", "Reports", {}, { arn: arn("sns", "Reports") }),
      resource(
        "aws:sns/topicSubscription:TopicSubscription",
        "ReportsTo",
        {
          topic: arn("sns", "Reports"),
          protocol: "email",
          endpoint: "reader@example.com",
          filterPolicyScope: "MessageAttributes",
          filterPolicy: JSON.stringify({ report: ["alb-daily"] }),
        },
        { arn: arn("sns", "Reports:reader") },
      ),
      lambda("CountLines", { environment: { variables: { LAKE_BUCKET: "lake", LEDGER_TABLE: "Ledger" } } }),
      lambda("Misbehave", { memorySize: 128, timeout: 2, environment: { variables: { GREETING: "hello" } } }),
      resource(
        "aws:sfn/stateMachine:StateMachine",
        "Count",
        { definition: JSON.stringify(countMachine), roleArn: `arn:aws:iam::${ACCOUNT}:role/CountRole` },
        { arn: arn("states", "stateMachine:Count") },
      ),
      resource("aws:s3/bucketNotification:BucketNotification", "RawNotification", {
        bucket: "raw",
        queues: [{ id: "logs", queueArn: arn("sqs", "Intake"), events: ["s3:ObjectCreated:*"], filterPrefix: "logs/" }],
      }),
      resource(
        "aws:pipes/pipe:Pipe",
        "IntakePipe",
        {
          source: arn("sqs", "Intake"),
          target: arn("states", "stateMachine:Count"),
          sourceParameters: { sqsQueueParameters: { batchSize: 100, maximumBatchingWindowInSeconds: 60 } },
        },
        { name: "IntakePipe" },
      ),
      ...more,
    ],
  };
}

/** The manifest without what acts by itself, for tests of one service. */
export function quietManifest(): Manifest {
  const full = manifest();
  return { ...full, resources: full.resources.filter(({ type }) => !type.startsWith("aws:pipes/")) };
}

export function scratchFolder(): { dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), "cloud-"));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

export interface TestCloud extends Cloud {
  dir: string;
  log: string[];
  /** Settings for an SDK client: only what everyone sets. */
  client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
}

export async function aCloud(options: Partial<CloudOptions> & { dir: string }): Promise<TestCloud> {
  const log: string[] = [];
  const cloud = await startCloud({
    port: 0,
    manifest: manifest(),
    root: PROJECT,
    bundleFolder: join(options.dir, "bundles"),
    log: (line) => void log.push(line),
    ...options,
  });
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return Object.assign(cloud, {
    dir: options.dir,
    log,
    client: { endpoint: cloud.endpoint, region: REGION, credentials },
  });
}

export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  patienceMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${patienceMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
