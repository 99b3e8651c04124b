import { z } from "zod";
import { environment } from "../aws/environment.ts";
import { inParallel } from "../aws/in-parallel.ts";
import {
  deleteDayBatch,
  findDayBatch,
  openDay,
  putArrival,
  putDayBatch,
  putObjects,
  reopenDay,
} from "../aws/ledger.ts";
import { publishCounts } from "../aws/metrics.ts";
import { deleteObject, listKeys } from "../aws/objects.ts";
import { changeOwnBatch, ownBatch } from "../aws/own-batch.ts";
import { newRejectedDays } from "../aws/rejected-days.ts";
import { parsedChunks, preparedObjects, stagedFiles } from "../aws/staging.ts";
import { type BatchRef, batchRef } from "../lake/batch/batch.ts";
import { type BatchCounts, type DayBatchItem, PARSER_VERSION } from "../lake/batch/ledger.ts";
import { arrivalItem, batchCounts, daysOf, keptInQuarantine, objectItems } from "../lake/batch/outcome.ts";
import { dateOfLakeKey, quarantinePrefixes } from "../lake/batch/places.ts";
import { qualityOf } from "../lake/batch/quality.ts";
import { task } from "./task.ts";

const CONCURRENT_CALLS = 16;

const recordInput = z.object({
  batch: batchRef,
  executionArn: z.string(),
  chunkCount: z.int().min(0),
  writeCount: z.int().min(0),
});

interface Recorded {
  counts: BatchCounts & { quality: string };
  /** Days that the catalog does not know yet. */
  newDates: string[];
  /** The same for the day on which its rejected lines arrived. */
  newRejectedDates: string[];
}

/**
 * Makes the ledger say what became of a batch, its objects and its days, once its files are written. What an earlier run
 * of the batch wrote and this one did not is removed.
 *
 * The batch itself is recorded last, so that a run that was cut off here does all of it again.
 *
 * @throws {BatchTakenOver} When another execution runs the batch now.
 */
export async function record({
  batch,
  executionArn,
  chunkCount,
  writeCount,
}: z.output<typeof recordInput>): Promise<Recorded> {
  const { outputs } = await ownBatch(batch.batchId, executionArn);
  const [prepared, parsed, files] = await Promise.all([
    preparedObjects(batch),
    parsedChunks(batch, chunkCount),
    stagedFiles(batch, writeCount),
  ]);
  const objects = objectItems(batch, executionArn, prepared, parsed);
  const counts = batchCounts(objects, files);
  const days = daysOf(files, objects);
  const written = files.map(({ key }) => key);

  await removeStale(batch, outputs, written, keptInQuarantine(batch, prepared, parsed));
  const formerDates = outputs.map(dateOfLakeKey).filter((date) => !days.has(date));
  const newDates = await recordDays(batch, days, [...new Set(formerDates)]);
  const newRejectedDates = await newRejectedDays(batch, counts.rejected);
  await putObjects(objects);
  await putArrival(batch, arrivalItem("recorded", objects));
  const quality = qualityOf(counts);
  await changeOwnBatch(batch.batchId, executionArn, {
    status: "recorded",
    outputs: written,
    quality,
    parserVersion: PARSER_VERSION,
    counts,
    recordedAtMs: Date.now(),
  });
  publishCounts(batch.source, counts);
  return { counts: { ...counts, quality }, newDates, newRejectedDates };
}

async function removeStale(batch: BatchRef, outputs: string[], written: string[], kept: ReadonlySet<string>) {
  const lake = environment("LAKE_BUCKET");
  const stale = outputs.filter((key) => !written.includes(key)).map((key) => ({ bucket: lake, key }));
  const quarantine = environment("QUARANTINE_BUCKET");
  for (const prefix of quarantinePrefixes(batch))
    for await (const key of listKeys(quarantine, prefix)) if (!kept.has(key)) stale.push({ bucket: quarantine, key });
  await inParallel(stale, CONCURRENT_CALLS, deleteObject);
}

/** @returns The days that the catalog does not know yet. */
async function recordDays(
  { source, batchId }: BatchRef,
  days: ReadonlyMap<string, DayBatchItem>,
  formerDates: readonly string[],
): Promise<string[]> {
  await inParallel(formerDates, CONCURRENT_CALLS, async (date) => {
    await deleteDayBatch(source, date, batchId);
    await reopenDay(source, date);
  });
  const opened = await inParallel([...days], CONCURRENT_CALLS, async ([date, day]) => {
    const former = await findDayBatch(source, date, batchId);
    const opened = await openDay(source, date);
    // The same rows again change nothing that a report has said.
    if (former?.rows !== day.rows) await reopenDay(source, date);
    await putDayBatch(source, date, batchId, day);
    return opened;
  });
  return opened
    .filter(({ partition }) => partition === "absent")
    .map(({ date }) => date)
    .sort();
}

export const handler = task(recordInput, record);
