/** The ledger's items about reports: their versions, and the counts that their numbers are held against. */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { BatchGetCommand, QueryCommand, type QueryCommandOutput, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { arrivalAccounting, type DayAccounting } from "../../lake/batch/day-accounting.ts";
import {
  type ArrivalItem,
  arrivalItemKey,
  type BatchCounts,
  type BatchItem,
  batchItemKey,
  type DayBatchItem,
  dayItemKey,
} from "../../lake/batch/ledger.ts";
import { LedgerBusy, VersionTaken } from "../../lake/errors.ts";
import { documents } from "../clients.ts";
import { environment } from "../environment.ts";

/** DynamoDB's limit for one call. */
const BATCH_GET_KEYS = 100;

interface ReportVersion {
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

/** Says that a report was made of a day: when its rows change after that, the ledger calls the day reopened. */
export async function sealDay(source: string, date: string): Promise<void> {
  try {
    await documents.send(
      new UpdateCommand({
        TableName: environment("LEDGER_TABLE"),
        Key: dayItemKey(source, date),
        UpdateExpression: "SET #status = :sealed",
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeNames: { "#status": "status" },
        ExpressionAttributeValues: { ":sealed": "sealed" },
      }),
    );
  } catch (error) {
    // A UTC date of the local day on which nothing was logged has no item.
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

/** Sums what the ledger counted for the UTC dates that a report reads, for the batches that their rows came in, and for what arrived. */
export async function dayAccounting(source: string, utcDates: readonly string[]): Promise<DayAccounting> {
  const batchIds = new Set<string>();
  const arrived: ArrivalItem[] = [];
  const rowsByDate: { date: string; rows: bigint }[] = [];
  for (const date of utcDates) {
    arrived.push(...((await queryAll(arrivalItemKey(source, date, "").pk, "batch#")) as unknown as ArrivalItem[]));
    const shares = (await queryAll(dayItemKey(source, date).pk, "batch#")) as unknown as (DayBatchItem & {
      sk: string;
    })[];
    for (const { sk } of shares) batchIds.add(sk.slice("batch#".length));
    rowsByDate.push({ date, rows: shares.reduce((sum, { rows }) => sum + BigInt(rows), 0n) });
  }
  const batches = await batchItems([...batchIds]);
  const counted = batches.map(({ counts }, i) => {
    if (!counts) throw new Error(`Batch ${[...batchIds][i]} gave rows to a day and has no counts in the ledger`);
    return counts;
  });
  // Batches that were recorded before there was such a count had none.
  const total = (count: keyof BatchCounts) => counted.reduce((sum, counts) => sum + BigInt(counts[count] ?? 0), 0n);
  return {
    batches: BigInt(batches.length),
    objects: total("objects"),
    truncatedObjects: total("truncatedObjects"),
    quarantinedObjects: total("quarantinedObjects"),
    lines: total("lines"),
    comments: total("comments"),
    rows: total("rows"),
    rejected: total("rejected"),
    rowsByDate,
    arrived: arrivalAccounting(arrived),
  };
}

async function batchItems(batchIds: readonly string[]): Promise<BatchItem[]> {
  const table = environment("LEDGER_TABLE");
  const found: BatchItem[] = [];
  for (let at = 0; at < batchIds.length; at += BATCH_GET_KEYS) {
    const { Responses, UnprocessedKeys } = await documents.send(
      new BatchGetCommand({
        RequestItems: {
          [table]: { Keys: batchIds.slice(at, at + BATCH_GET_KEYS).map(batchItemKey), ConsistentRead: true },
        },
      }),
    );
    // DynamoDB may answer a part and hand the other keys back.
    const rest = UnprocessedKeys?.[table]?.Keys ?? [];
    if (rest.length > 0) throw new LedgerBusy("read batches", rest.length);
    found.push(...((Responses?.[table] ?? []) as BatchItem[]));
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
