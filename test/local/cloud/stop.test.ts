import { DatabaseSync, StatementSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { AthenaClient, StartQueryExecutionCommand } from "@aws-sdk/client-athena";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateCrawlerCommand, CreateDatabaseCommand, GlueClient, StartCrawlerCommand } from "@aws-sdk/client-glue";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  GetActivityTaskCommand,
  SFNClient,
  StartSyncExecutionCommand,
} from "@aws-sdk/client-sfn";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { size } from "../../tiers/depth.ts";
import { ACCOUNT, aCloud, arn, manifest, scratchFolder, type TestCloud, until } from "./a-cloud.ts";

const STOPS = size(15, 8);
/** The latest moment of a stop, after the load began. */
const LONGEST_LOAD_MS = 300;
const LONGEST_STOP_MS = 2_500;

const scratch = scratchFolder();
const bundles = scratchFolder();
/** Accesses to a database that was closed already, with the stack of each. */
const touches: string[] = [];
const unhandled: unknown[] = [];
const restore: (() => void)[] = [];

/** Makes methods note a call that comes after the database was closed. */
function watch(prototype: object, names: string[]): void {
  const methods = prototype as Record<string, (...values: unknown[]) => unknown>;
  for (const name of names) {
    const original = methods[name]!;
    methods[name] = function (this: unknown, ...values) {
      try {
        return original.apply(this, values);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ERR_INVALID_STATE") touches.push(String(new Error(name).stack));
        throw error;
      }
    };
    restore.push(() => Object.assign(methods, { [name]: original }));
  }
}

const note = (error: unknown) => void unhandled.push(error);
beforeAll(() => {
  watch(DatabaseSync.prototype, ["exec", "prepare"]);
  watch(StatementSync.prototype, ["run", "get", "all"]);
  process.on("unhandledRejection", note);
});
afterAll(() => {
  process.off("unhandledRejection", note);
  for (const step of restore) step();
  scratch.remove();
  bundles.remove();
});

const start = () => aCloud({ dir: scratch.dir, bundleFolder: bundles.dir, manifest: manifest() });
const roleArn = `arn:aws:iam::${ACCOUNT}:role/CountRole`;

/** Whether a client was told no more than that the cloud stops: by a closed connection, or by a refusal that says so. */
function isCleanRefusal(error: unknown): boolean {
  const { message, code, $metadata } = error as Error & { code?: string; $metadata?: { httpStatusCode?: number } };
  return (
    $metadata?.httpStatusCode === 503 ||
    ["ECONNRESET", "ECONNREFUSED", "EPIPE", "UND_ERR_SOCKET"].includes(code ?? "") ||
    /socket hang up|aborted/.test(message)
  );
}

/** Does something again and again until the cloud is gone. Resolves with the error that is not a clean refusal, if any. */
async function repeat(pauseMs: number, act: (round: number) => Promise<unknown>): Promise<unknown[]> {
  for (let round = 0; ; round += 1) {
    try {
      await act(round);
    } catch (error) {
      return isCleanRefusal(error) ? [] : [error];
    }
    await sleep(pauseMs);
  }
}

async function* endlessBytes() {
  for (;;) {
    yield Buffer.alloc(64 * 1024);
    await sleep(1);
  }
}

async function prepare(cloud: TestCloud): Promise<void> {
  const sfn = new SFNClient(cloud.client);
  const glue = new GlueClient(cloud.client);
  await new SQSClient(cloud.client).send(new CreateQueueCommand({ QueueName: "Idle" }));
  await sfn.send(new CreateActivityCommand({ name: "Idle" }));
  const wait = { StartAt: "Wait", States: { Wait: { Type: "Wait", Seconds: 60, End: true } } };
  const definition = JSON.stringify(wait);
  await sfn.send(new CreateStateMachineCommand({ name: "Slow", definition, roleArn, type: "EXPRESS" }));
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: "db" } }));
  const Targets = { S3Targets: [{ Path: "s3://lake/" }] };
  await glue.send(new CreateCrawlerCommand({ Name: "crawler", Role: roleArn, DatabaseName: "db", Targets }));
}

const QUERY = `SELECT count(*) FROM UNNEST(sequence(1, 2000)) AS a(x)
  CROSS JOIN UNNEST(sequence(1, 5000)) AS b(y) WHERE (x * y) % 7 = 3`;

/** All kinds of work at once. Resolves, when the cloud is gone, with what went wrong. */
async function load(cloud: TestCloud, stop: number): Promise<unknown[]> {
  const client = { ...cloud.client, maxAttempts: 1 };
  const s3 = new S3Client(client);
  const dynamodb = new DynamoDBClient(client);
  const lambda = new LambdaClient(client);
  const sqs = new SQSClient(client);
  const sns = new SNSClient(client);
  const sfn = new SFNClient({ ...client, disableHostPrefix: true });
  const athena = new AthenaClient(client);
  const glue = new GlueClient(client);
  const several = (count: number, work: (worker: number) => Promise<unknown[]>) =>
    Array.from({ length: count }, (_, worker) => work(worker));
  const print = JSON.stringify({ do: "print", text: "a line" });
  const ended = await Promise.all([
    repeat(20, (n) =>
      s3.send(new PutObjectCommand({ Bucket: "raw", Key: `logs/${stop}-${n}`, Body: "line\n".repeat(n + 1) })),
    ),
    repeat(1, () => s3.send(new ListObjectsV2Command({ Bucket: "raw" }))),
    repeat(1, async () => {
      const body = ReadableStream.from(endlessBytes());
      const upload = { method: "PUT", headers: { authorization: "test" }, body, duplex: "half" } as RequestInit;
      await fetch(`${cloud.endpoint}/lake/endless`, upload).catch((error: Error) => {
        throw error.cause ?? error;
      });
    }),
    // Each write takes several steps, between which the tables must not close.
    ...several(6, (worker) =>
      repeat(1, (n) =>
        dynamodb.send(new PutItemCommand({ TableName: "Ledger", Item: { pk: { S: `${worker}-${n}` } } })),
      ),
    ),
    // More at once than there are sandboxes, so that some wait for one.
    ...several(12, () =>
      repeat(1, () => lambda.send(new InvokeCommand({ FunctionName: "Misbehave", Payload: print }))),
    ),
    repeat(5, (n) => {
      const Payload = n % 2 ? '{"do":"throw"}' : print;
      return lambda.send(new InvokeCommand({ FunctionName: "Misbehave", InvocationType: "Event", Payload }));
    }),
    repeat(1, () => sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl(cloud, "Idle"), WaitTimeSeconds: 20 }))),
    repeat(5, () => sns.send(new PublishCommand({ TopicArn: arn("sns", "Reports"), Message: "x" }))),
    repeat(1, () => sfn.send(new GetActivityTaskCommand({ activityArn: arn("states", "activity:Idle") }))),
    repeat(1, () => sfn.send(new StartSyncExecutionCommand({ stateMachineArn: arn("states", "stateMachine:Slow") }))),
    repeat(100, () =>
      athena.send(
        new StartQueryExecutionCommand({
          QueryString: QUERY,
          ResultConfiguration: { OutputLocation: "s3://lake/athena/" },
        }),
      ),
    ),
    repeat(20, () =>
      glue.send(new StartCrawlerCommand({ Name: "crawler" })).catch((error: Error) => {
        if (error.name !== "CrawlerRunningException") throw error;
      }),
    ),
  ]);
  return ended.flat();
}

const queueUrl = (cloud: TestCloud, name: string) => `${cloud.endpoint}/${ACCOUNT}/${name}`;

it(`stops ${STOPS} times in the middle of work: nothing fails, and nothing goes on`, { timeout: 60_000 }, async () => {
  for (let stop = 0; stop < STOPS; stop += 1) {
    const cloud = await start();
    if (stop === 0) await prepare(cloud);
    // At least this one, however slow the machine is.
    const first = new PutObjectCommand({ Bucket: "raw", Key: `logs/${stop}-first`, Body: "line\n" });
    await new S3Client(cloud.client).send(first);
    const wrong = load(cloud, stop);
    await sleep((LONGEST_LOAD_MS * (stop + 1)) / STOPS);
    const startedMs = Date.now();
    await cloud.stop();
    expect(Date.now() - startedMs).toBeLessThan(LONGEST_STOP_MS);
    expect(await wrong).toEqual([]);
    expect(cloud.log).toEqual([]);
    expect(touches).toEqual([]);
    expect(unhandled).toEqual([]);
  }
});

it("takes up afterwards what each stop had cut short", { timeout: 60_000 }, async () => {
  const cloud = await start();
  const s3 = new S3Client(cloud.client);
  const keys = async (Bucket: string, Prefix: string) =>
    ((await s3.send(new ListObjectsV2Command({ Bucket, Prefix }))).Contents ?? []).map(({ Key }) => Key!);
  const taken = await keys("raw", "logs/");
  expect(taken.length).toBeGreaterThanOrEqual(STOPS);
  await until("a count for each object", async () => (await keys("lake", "logs/")).length === taken.length);
  await until("all executions to end well", async () => {
    const { executions } = (await cloud.call("states", "ListExecutions", {
      stateMachineArn: arn("states", "stateMachine:Count"),
    })) as { executions: { status: string }[] };
    expect(executions.map(({ status }) => status)).not.toContain("FAILED");
    return executions.every(({ status }) => status === "SUCCEEDED");
  });
  expect((await cloud.call("sqs", "ReceiveMessage", { QueueUrl: queueUrl(cloud, "IntakeDlq") })).Messages).toBe(
    undefined,
  );
  await cloud.stop();
  expect(cloud.log).toEqual([]);
  // A moment for what would have gone on: half a second is how long logs gather.
  await sleep(600);
  expect(touches).toEqual([]);
  expect(unhandled).toEqual([]);
});
