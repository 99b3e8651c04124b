/** The deployed lake in a scratch folder, without its pipes: a test says which events arrive, and when. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type GetExecutionHistoryCommandOutput,
  type HistoryEvent,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { DynamoDBDocumentClient, GetCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { parquetReadObjects } from "hyparquet";
import type { BatchItem, DayItem, ObjectItem } from "../../lake/batch/ledger.ts";
import { startCloud } from "../../local/cloud.ts";
import type { Manifest } from "../../local/deploy/manifest.ts";
import type { FaultPlanInput } from "../../local/faults.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** What would start executions by itself. */
const STARTERS = /^aws:(pipes|scheduler)\//;

type Row = Record<string, unknown>;
export interface Ended {
  arn: string;
  status: string;
  output: { status: string; [name: string]: unknown };
  error: string | undefined;
  cause: string | undefined;
}

interface LakeOptions {
  faults?: FaultPlanInput;
  /** The project whose functions run; ours without it. */
  project?: string;
  /** Changes what is deployed. */
  change?: (manifest: Manifest) => Manifest;
}

export async function aLake({ faults, project = root, change = (manifest) => manifest }: LakeOptions = {}) {
  const dir = mkdtempSync(join(tmpdir(), "sluice-lake-"));
  const deployed = change(JSON.parse(readFileSync(join(root, "local/manifest.json"), "utf8")) as Manifest);
  const manifest = { ...deployed, resources: deployed.resources.filter(({ type }) => !STARTERS.test(type)) };
  const bundleFolder = project === root ? {} : { bundleFolder: join(project, "bundles") };
  const cloud = await startCloud({
    ...{ dir, port: 0, manifest, root: project, log: () => {}, ...bundleFolder },
    ...(faults && { faults }),
  });
  const { region, accountId, app, stage } = manifest;
  const client = { endpoint: cloud.endpoint, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  const s3 = new S3Client(client);
  const sfn = new SFNClient(client);
  const ledger = DynamoDBDocumentClient.from(new DynamoDBClient(client));
  const bucket = (name: string) => `${app}-${stage}-${name}-${accountId}`;
  const machine = (name: string) => `arn:aws:states:${region}:${accountId}:stateMachine:${app}-${stage}-${name}`;
  const TableName = `${app}-${stage}-Ledger`;

  const list = async (name: string, prefix = ""): Promise<string[]> => {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const page: ListObjectsV2CommandOutput = await s3.send(
        new ListObjectsV2Command({ Bucket: bucket(name), Prefix: prefix, ContinuationToken: token }),
      );
      for (const { Key } of page.Contents ?? []) keys.push(Key!);
      token = page.NextContinuationToken;
    } while (token);
    return keys;
  };
  const read = async (name: string, key: string) =>
    (await s3.send(new GetObjectCommand({ Bucket: bucket(name), Key: key }))).Body!.transformToByteArray();

  return {
    raw: bucket("raw"),
    cloud,
    /** Where all state lies. */
    dir,
    list,
    read,

    async put(key: string, body: string | Uint8Array): Promise<void> {
      await s3.send(new PutObjectCommand({ Bucket: bucket("raw"), Key: key, Body: body }));
    },

    async remove(key: string): Promise<void> {
      await s3.send(new DeleteObjectCommand({ Bucket: bucket("raw"), Key: key }));
    },

    async start(name: string, input: unknown): Promise<string> {
      const { executionArn } = await sfn.send(
        new StartExecutionCommand({ stateMachineArn: machine(name), input: JSON.stringify(input) }),
      );
      return executionArn!;
    },

    async ended(arn: string): Promise<Ended> {
      for (;;) {
        const execution = await sfn.send(new DescribeExecutionCommand({ executionArn: arn }));
        if (execution.status !== "RUNNING") {
          const { status, output, error, cause } = execution;
          return { arn, status: status!, output: output && JSON.parse(output), error, cause };
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },

    async run(name: string, input: unknown): Promise<Ended> {
      return this.ended(await this.start(name, input));
    },

    async abort(executionArn: string): Promise<void> {
      await sfn.send(new StopExecutionCommand({ executionArn }));
    },

    /** Waits until nothing runs. */
    async quiet(name = "Ingest"): Promise<void> {
      for (;;) {
        const { executions } = await sfn.send(
          new ListExecutionsCommand({ stateMachineArn: machine(name), statusFilter: "RUNNING" }),
        );
        if (executions!.length === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },

    async history(executionArn: string): Promise<HistoryEvent[]> {
      const events: HistoryEvent[] = [];
      let nextToken: string | undefined;
      do {
        const page: GetExecutionHistoryCommandOutput = await sfn.send(
          new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken }),
        );
        events.push(...page.events!);
        nextToken = page.nextToken;
      } while (nextToken);
      return events;
    },

    async objectItem(key: string): Promise<ObjectItem> {
      const { Item } = await ledger.send(
        new GetCommand({ TableName, Key: { pk: `object#${bucket("raw")}/${key}`, sk: "object" } }),
      );
      return Item as ObjectItem;
    },

    async batchItem(batchId: string): Promise<BatchItem> {
      const { Item } = await ledger.send(new GetCommand({ TableName, Key: { pk: `batch#${batchId}`, sk: "batch" } }));
      return Item as BatchItem;
    },

    async dayItem(source: string, date: string): Promise<DayItem> {
      const { Item } = await ledger.send(
        new GetCommand({ TableName, Key: { pk: `day#${source}#${date}`, sk: "day" } }),
      );
      return Item as DayItem;
    },

    /** All items of the ledger of which the partition key begins so. */
    async items(prefix: string): Promise<Record<string, unknown>[]> {
      const { Items } = await ledger.send(
        new ScanCommand({
          TableName,
          FilterExpression: "begins_with(pk, :prefix)",
          ExpressionAttributeValues: { ":prefix": prefix },
        }),
      );
      return Items!;
    },

    async parquet(name: string, key: string, columns?: string[]): Promise<Row[]> {
      const bytes = await read(name, key);
      return parquetReadObjects({ file: bytes.slice().buffer, ...(columns && { columns }) });
    },

    /** The rows of a source, or of one of its dates, with their partition. */
    async rows(source: string, { columns, date: wanted }: { columns?: string[]; date?: string } = {}): Promise<Row[]> {
      const rows: Row[] = [];
      for (const key of await list("lake", wanted ? `${source}/date=${wanted}/` : `${source}/`)) {
        const date = /date=([^/]+)/.exec(key)![1];
        for (const row of await this.parquet("lake", key, columns)) rows.push({ date, ...row });
      }
      return rows;
    },

    /** What lies in a bucket: MD5 by key. */
    async fingerprint(name: string): Promise<Record<string, string>> {
      const entries = await Promise.all(
        (await list(name)).sort().map(async (key) => {
          const hash = createHash("md5").update(await read(name, key));
          return [key, hash.digest("hex")] as const;
        }),
      );
      return Object.fromEntries(entries);
    },

    /** An event as the queue and the pipe hand it over. */
    event(key: string, { size = 1000, eTag }: { size?: number; eTag: string }) {
      const body = {
        Records: [
          {
            eventName: "ObjectCreated:Put",
            s3: { bucket: { name: bucket("raw") }, object: { key: formEncoded(key), size, eTag } },
          },
        ],
      };
      return { messageId: crypto.randomUUID(), body: JSON.stringify(body), eventSource: "aws:sqs" };
    },

    async stop(): Promise<void> {
      for (const each of [s3, sfn, ledger]) each.destroy();
      await cloud.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export type Lake = Awaited<ReturnType<typeof aLake>>;

/** Puts an object and says what S3 tells the queue about it. */
export async function arrival(lake: Lake, key: string, body: string | Uint8Array) {
  await lake.put(key, body);
  const eTag = createHash("md5").update(body).digest("hex");
  return lake.event(key, { size: Buffer.byteLength(body), eTag });
}

function formEncoded(key: string): string {
  return encodeURIComponent(key).replaceAll("%20", "+").replaceAll("%2F", "/");
}
