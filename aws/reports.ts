/** What the ledger keeps about reports: their versions, and the counts they are held against. */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  type BatchGetCommandOutput,
  QueryCommand,
  type QueryCommandOutput,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { VersionTaken } from "../lake/errors.ts";
import type { DayAccounting } from "../reports/accounting.ts";
import { documents } from "./clients.ts";
import { environment } from "./environment.ts";

/** DynamoDB takes so many keys at once. */
const BATCH_GET_KEYS = 100;

export interface ReportVersion {
  version: number;
  /** SHA-256 of the figures. */
  hash: string;
  /** When these figures were first drawn, in milliseconds since 1970. */
  generatedAtMs: number;
  /** Opens the report as long as its link lives. */
  linkToken: string;
}

/**
 * The number that a drawing with these figures gets: that of the last published version when its figures are the same,
 * otherwise the next one.
 */
export async function nextVersion(
  { report, date, startedAtMs }: { report: string; date: string; startedAtMs: number },
  hash: string,
): Promise<Pick<ReportVersion, "version" | "generatedAtMs">> {
  const versions = (await queryAll(`report#${report}#${date}`, "v#")) as unknown as ReportVersion[];
  const latest = versions.sort((a, b) => a.version - b.version).at(-1);
  if (latest?.hash === hash) return { version: latest.version, generatedAtMs: latest.generatedAtMs };
  return { version: (latest?.version ?? 0) + 1, generatedAtMs: startedAtMs };
}

/**
 * Takes a version for these figures. Whoever has taken it for the same figures before finds it as it was.
 *
 * @throws {VersionTaken} When it was taken for other figures.
 */
export async function claimVersion({
  report,
  date,
  version,
  hash,
  generatedAtMs,
  linkToken,
}: ReportVersion & { report: string; date: string }): Promise<ReportVersion> {
  try {
    const { Attributes } = await documents.send(
      new UpdateCommand({
        TableName: environment("LEDGER_TABLE"),
        Key: { pk: `report#${report}#${date}`, sk: `v#${version}` },
        UpdateExpression:
          "SET #hash = :hash, #version = :version, generatedAtMs = if_not_exists(generatedAtMs, :generatedAtMs), " +
          "linkToken = if_not_exists(linkToken, :linkToken)",
        ConditionExpression: "attribute_not_exists(pk) OR #hash = :hash",
        ExpressionAttributeNames: { "#hash": "hash", "#version": "version" },
        ExpressionAttributeValues: {
          ":hash": hash,
          ":version": version,
          ":generatedAtMs": generatedAtMs,
          ":linkToken": linkToken,
        },
        ReturnValues: "ALL_NEW",
      }),
    );
    return Attributes as ReportVersion;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) throw new VersionTaken(report, date, version);
    throw error;
  }
}

/** What the ledger counted for the UTC dates that a report reads, and for the batches that their rows came in. */
export async function dayAccounting(source: string, utcDates: readonly string[]): Promise<DayAccounting> {
  const batchIds = new Set<string>();
  const rowsByDate: { date: string; rows: bigint }[] = [];
  for (const date of utcDates) {
    const shares = await queryAll(`day#${source}#${date}`, "batch#");
    for (const { sk } of shares) batchIds.add(String(sk).slice("batch#".length));
    rowsByDate.push({ date, rows: sumOf(shares, "rows") });
  }
  const batches = await batchItems([...batchIds]);
  const counts = batches.map((batch) => batch.counts as Record<string, unknown>);
  return {
    batches: BigInt(batches.length),
    objects: sumOf(batches, "objectCount"),
    lines: sumOf(counts, "lines"),
    comments: sumOf(counts, "comments"),
    rows: sumOf(counts, "rows"),
    rejected: sumOf(counts, "rejected"),
    rowsByDate,
  };
}

async function batchItems(batchIds: readonly string[]): Promise<Record<string, unknown>[]> {
  const table = environment("LEDGER_TABLE");
  const found: Record<string, unknown>[] = [];
  for (let at = 0; at < batchIds.length; at += BATCH_GET_KEYS) {
    let keys: Record<string, unknown>[] | undefined = batchIds
      .slice(at, at + BATCH_GET_KEYS)
      .map((batchId) => ({ pk: `batch#${batchId}`, sk: "batch" }));
    // DynamoDB may answer a part and hand the other keys back.
    while (keys?.length) {
      const answer: BatchGetCommandOutput = await documents.send(
        new BatchGetCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
      );
      found.push(...(answer.Responses?.[table] ?? []));
      keys = answer.UnprocessedKeys?.[table]?.Keys;
    }
  }
  return found;
}

async function queryAll(pk: string, skPrefix: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page: QueryCommandOutput = await documents.send(
      new QueryCommand({
        TableName: environment("LEDGER_TABLE"),
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues: { ":pk": pk, ":sk": skPrefix },
        ConsistentRead: true,
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start);
  return items;
}

function sumOf(items: readonly Record<string, unknown>[], attribute: string): bigint {
  return items.reduce((sum, item) => {
    const value = item[attribute];
    if (typeof value !== "number" || !Number.isSafeInteger(value))
      throw new Error(`Attribute "${attribute}" of a ledger item is ${JSON.stringify(value)}, expected an integer`);
    return sum + BigInt(value);
  }, 0n);
}
