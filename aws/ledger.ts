/** The ledger's calls. Its items are described in `lake/batch/ledger.ts`. */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { type BatchRef, claimDateOf, type ManifestObject } from "../lake/batch/batch.ts";
import {
  type ArrivalItem,
  arrivalItemKey,
  type BatchItem,
  batchItemKey,
  type DayBatchItem,
  type DayItem,
  dayBatchItemKey,
  dayItemKey,
  type ItemKey,
  manifestItemKey,
  manifestSlices,
  type ObjectItem,
  objectItemKey,
  rejectedDayItemKey,
} from "../lake/batch/ledger.ts";
import { LedgerBusy } from "../lake/errors.ts";
import type { ObjectRef } from "../lake/object-ref.ts";
import { documents } from "./clients.ts";
import { environment } from "./environment.ts";
import { inParallel } from "./in-parallel.ts";

/** DynamoDB's limits for one call. */
const GET_ITEMS = 100;
const WRITE_ITEMS = 25;
const CONCURRENT_CALLS = 16;

/** Finds the items of objects, in order. */
export async function findObjects(objects: readonly ObjectRef[]): Promise<(ObjectItem | undefined)[]> {
  const TableName = environment("LEDGER_TABLE");
  const found = new Map<string, ObjectItem>();
  await inParallel(slices(objects, GET_ITEMS), CONCURRENT_CALLS, async (slice) => {
    const { Responses, UnprocessedKeys } = await documents.send(
      new BatchGetCommand({ RequestItems: { [TableName]: { Keys: slice.map(objectItemKey), ConsistentRead: true } } }),
    );
    refuseRest("read objects", UnprocessedKeys?.[TableName]?.Keys);
    for (const { pk, ...item } of Responses?.[TableName] ?? []) found.set(pk, item as ObjectItem);
  });
  return objects.map((object) => found.get(objectItemKey(object).pk));
}

/**
 * Claims one object for an execution.
 *
 * @param from - The execution that had it and ended.
 * @returns False when another execution was faster.
 */
export async function claimObject(item: ObjectItem, from: string | undefined): Promise<boolean> {
  return succeeds(
    new PutCommand({
      TableName: environment("LEDGER_TABLE"),
      Item: { ...objectItemKey(item), ...item },
      ...(from
        ? {
            ConditionExpression: "execution = :from AND attribute_not_exists(batchId)",
            ExpressionAttributeValues: { ":from": from },
          }
        : { ConditionExpression: "attribute_not_exists(pk)" }),
    }),
  );
}

/** Writes the items of objects that this execution has claimed. */
export async function putObjects(items: readonly ObjectItem[]): Promise<void> {
  await putAll(items.map((item) => ({ ...objectItemKey(item), ...item })));
}

export async function findBatch(batchId: string): Promise<BatchItem | undefined> {
  return find<BatchItem>(batchItemKey(batchId));
}

/** @returns False when there is one already. */
export async function createBatch(batchId: string, item: BatchItem): Promise<boolean> {
  return succeeds(
    new PutCommand({
      TableName: environment("LEDGER_TABLE"),
      Item: { ...batchItemKey(batchId), ...item },
      ConditionExpression: "attribute_not_exists(pk)",
    }),
  );
}

/**
 * Takes over a batch to run it again.
 *
 * @param known - The batch as it was found.
 * @returns False when another execution was faster.
 */
export async function reclaimBatch(batchId: string, known: BatchItem, executionArn: string): Promise<boolean> {
  return updateBatch(
    batchId,
    { status: "running", execution: executionArn, generation: known.generation + 1 },
    { execution: known.execution, generation: known.generation },
  );
}

/** Changes a batch that this execution runs. @returns False when another execution has taken it over. */
export async function updateOwnBatch(
  batchId: string,
  executionArn: string,
  changes: Partial<BatchItem>,
): Promise<boolean> {
  return updateBatch(batchId, changes, { execution: executionArn });
}

async function updateBatch(
  batchId: string,
  changes: Partial<BatchItem>,
  expected: Partial<BatchItem>,
): Promise<boolean> {
  const set = Object.entries(changes).filter(([, value]) => value !== undefined);
  const conditions = Object.entries(expected);
  return succeeds(
    new UpdateCommand({
      TableName: environment("LEDGER_TABLE"),
      Key: batchItemKey(batchId),
      UpdateExpression: `SET ${set.map((_, i) => `#s${i} = :s${i}`).join(", ")}`,
      ConditionExpression: conditions.map((_, i) => `#c${i} = :c${i}`).join(" AND "),
      ExpressionAttributeNames: Object.fromEntries([
        ...set.map(([name], i) => [`#s${i}`, name]),
        ...conditions.map(([name], i) => [`#c${i}`, name]),
      ]),
      ExpressionAttributeValues: Object.fromEntries([
        ...set.map(([, value], i) => [`:s${i}`, value]),
        ...conditions.map(([, value], i) => [`:c${i}`, value]),
      ]),
    }),
  );
}

/** Says under the day on which a batch arrived what has become of it so far. */
export async function putArrival(batch: BatchRef, item: ArrivalItem): Promise<void> {
  const { source, batchId } = batch;
  await putAll([{ ...arrivalItemKey(source, claimDateOf(batch), batchId), ...item }]);
}

export async function putManifest(batchId: string, objects: readonly ManifestObject[]): Promise<void> {
  await putAll(manifestSlices(objects).map((slice, n) => ({ ...manifestItemKey(batchId, n), objects: slice })));
}

/** The objects of a batch in its order. */
export async function readManifest(batchId: string): Promise<ManifestObject[]> {
  const objects: ManifestObject[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const { Items, LastEvaluatedKey } = await documents.send(
      new QueryCommand({
        TableName: environment("LEDGER_TABLE"),
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :manifest)",
        ExpressionAttributeValues: { ":pk": batchItemKey(batchId).pk, ":manifest": "manifest#" },
        ConsistentRead: true,
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    for (const item of Items ?? []) objects.push(...(item.objects as ManifestObject[]));
    start = LastEvaluatedKey;
  } while (start);
  return objects;
}

export async function findDayBatch(source: string, date: string, batchId: string): Promise<DayBatchItem | undefined> {
  return find<DayBatchItem>(dayBatchItemKey(source, date, batchId));
}

export async function putDayBatch(source: string, date: string, batchId: string, item: DayBatchItem): Promise<void> {
  await putAll([{ ...dayBatchItemKey(source, date, batchId), ...item }]);
}

export async function deleteDayBatch(source: string, date: string, batchId: string): Promise<void> {
  await documents.send(
    new DeleteCommand({ TableName: environment("LEDGER_TABLE"), Key: dayBatchItemKey(source, date, batchId) }),
  );
}

/** Makes sure that the ledger has the day, and returns its item. */
export async function openDay(source: string, date: string): Promise<DayItem> {
  return openDayItem(dayItemKey(source, date), source, date);
}

/** The same for a day on which rejected lines arrived. */
export async function openRejectedDay(source: string, date: string): Promise<DayItem> {
  return openDayItem(rejectedDayItemKey(source, date), source, date);
}

async function openDayItem(key: ItemKey, source: string, date: string): Promise<DayItem> {
  const { Attributes } = await documents.send(
    new UpdateCommand({
      TableName: environment("LEDGER_TABLE"),
      Key: key,
      UpdateExpression:
        "SET #source = :source, #date = :date, #status = if_not_exists(#status, :open), #partition = if_not_exists(#partition, :absent)",
      ExpressionAttributeNames: {
        "#source": "source",
        "#date": "date",
        "#status": "status",
        "#partition": "partition",
      },
      ExpressionAttributeValues: { ":source": source, ":date": date, ":open": "open", ":absent": "absent" },
      ReturnValues: "ALL_NEW",
    }),
  );
  return Attributes as DayItem;
}

/** Says that rows of a day changed after a report was made of it; a day that is not sealed stays as it is. */
export async function reopenDay(source: string, date: string): Promise<void> {
  await succeeds(
    new UpdateCommand({
      TableName: environment("LEDGER_TABLE"),
      Key: dayItemKey(source, date),
      UpdateExpression: "SET #status = :reopened",
      ConditionExpression: "#status = :sealed",
      ExpressionAttributeNames: { "#status": "status" },
      ExpressionAttributeValues: { ":reopened": "reopened", ":sealed": "sealed" },
    }),
  );
}

/** Says that the catalog knows the partitions of these days. */
export async function markRegistered(
  source: string,
  days: { dates: readonly string[]; rejectedDates: readonly string[] },
): Promise<void> {
  const keys = [
    ...days.dates.map((date) => ({ date, key: dayItemKey(source, date) })),
    ...days.rejectedDates.map((date) => ({ date, key: rejectedDayItemKey(source, date) })),
  ];
  await inParallel(keys, CONCURRENT_CALLS, async ({ key, date }) => {
    await documents.send(
      new UpdateCommand({
        TableName: environment("LEDGER_TABLE"),
        Key: key,
        UpdateExpression:
          "SET #source = :source, #date = :date, #status = if_not_exists(#status, :open), #partition = :registered",
        ExpressionAttributeNames: {
          "#source": "source",
          "#date": "date",
          "#status": "status",
          "#partition": "partition",
        },
        ExpressionAttributeValues: { ":source": source, ":date": date, ":open": "open", ":registered": "registered" },
      }),
    );
  });
}

async function find<Item>(key: ItemKey): Promise<Item | undefined> {
  const { Item } = await documents.send(
    new GetCommand({ TableName: environment("LEDGER_TABLE"), Key: key, ConsistentRead: true }),
  );
  return Item as Item | undefined;
}

async function putAll(items: readonly Record<string, unknown>[]): Promise<void> {
  const TableName = environment("LEDGER_TABLE");
  await inParallel(slices(items, WRITE_ITEMS), CONCURRENT_CALLS, async (slice) => {
    const { UnprocessedItems } = await documents.send(
      new BatchWriteCommand({ RequestItems: { [TableName]: slice.map((Item) => ({ PutRequest: { Item } })) } }),
    );
    refuseRest("write items", UnprocessedItems?.[TableName]);
  });
}

function refuseRest(action: string, rest: readonly unknown[] | undefined): void {
  if (rest && rest.length > 0) throw new LedgerBusy(action, rest.length);
}

/** @returns False when the command's condition does not hold. */
async function succeeds(command: PutCommand | UpdateCommand): Promise<boolean> {
  try {
    await (command instanceof PutCommand ? documents.send(command) : documents.send(command));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

function slices<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}
