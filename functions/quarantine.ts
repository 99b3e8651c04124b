import { z } from "zod";
import { changeOwnBatch } from "../aws/batches.ts";
import { environment } from "../aws/environment.ts";
import { putObjects } from "../aws/ledger.ts";
import { copyObject, deleteObject, writeJson } from "../aws/objects.ts";
import { newRejectedDays } from "../aws/rejected-days.ts";
import { parsedChunks, preparedObjects, stagedObject, stagePrepared } from "../aws/staging.ts";
import { batchRef } from "../lake/batch/batch.ts";
import { PARSER_VERSION } from "../lake/batch/ledger.ts";
import { batchCounts, objectItems, PASSED_OVER_REASON } from "../lake/batch/outcome.ts";
import { rejectedObjectKey, rejectedReasonKey } from "../lake/batch/places.ts";
import { qualityOf } from "../lake/batch/quality.ts";
import { mayQuote } from "../lake/pii/policy.ts";
import config from "../sluice.config.ts";
import { task } from "./task.ts";

/** Names of errors after which there is nothing to copy. */
const NOTHING_TO_COPY: readonly string[] = ["ObjectVanished", PASSED_OVER_REASON];

const why = { reason: z.string(), detail: z.string() };

export const quarantineInput = z.union([
  /** One object, at its place in the manifest. */
  z.object({ batch: batchRef, index: z.int().min(0), ...why }),
  /** The whole batch. */
  z.object({ batch: batchRef, executionArn: z.string(), chunkCount: z.int().min(0), ...why }),
]);

type Input = z.output<typeof quarantineInput>;

/** After this error, what could be unpacked of the object is staged: it goes on, and is only reported here. */
const CUT_REASON = "TruncatedArchive";

/**
 * Sets an object aside, with the reason beside it; or reports one that is cut in the same way, while its whole lines go on;
 * or sets a whole batch aside, whose rejected lines are in quarantine already and whose objects stay where they are.
 *
 * @returns Days of rejected lines that the catalog does not know yet.
 * @throws {BatchTakenOver} When another execution runs the batch now.
 */
export async function quarantine(input: Input): Promise<{ newRejectedDates: string[] }> {
  return "index" in input ? quarantineObject(input) : quarantineBatch(input);
}

async function quarantineObject({ batch, index, reason, detail }: Extract<Input, { index: number }>) {
  const object = await stagedObject(batch, index);
  if (reason !== PASSED_OVER_REASON) {
    const bucket = environment("QUARANTINE_BUCKET");
    await writeJson(
      { bucket, key: rejectedReasonKey(batch, index) },
      { object, reason, detail, batchId: batch.batchId },
    );
    const copy = { bucket, key: rejectedObjectKey(batch, index, object) };
    // Where the text is withheld the reason points to the raw object, which has it; a copy is from before the policy.
    if (!mayQuote(config.sources[batch.source]!.pii)) await deleteObject(copy);
    else if (!NOTHING_TO_COPY.includes(reason)) await copyObject(object, copy);
  }
  if (reason !== CUT_REASON) await stagePrepared(batch, index, { status: "set-aside", object, reason, detail });
  return { newRejectedDates: [] };
}

async function quarantineBatch({
  batch,
  executionArn,
  chunkCount,
  reason,
  detail,
}: Extract<Input, { executionArn: string }>) {
  const prepared = await preparedObjects(batch);
  const objects = objectItems(batch, executionArn, prepared, await parsedChunks(batch, chunkCount));
  const counts = batchCounts(objects, []);
  const newRejectedDates = await newRejectedDays(batch, counts.rejected);
  await putObjects(
    objects.map((object) =>
      object.status === "recorded" || object.status === "truncated"
        ? { ...object, status: "quarantined", reason, detail }
        : object,
    ),
  );
  const quality = qualityOf(counts);
  const changes = { status: "set-aside", reason, detail, quality, parserVersion: PARSER_VERSION, counts } as const;
  await changeOwnBatch(batch.batchId, executionArn, changes);
  return { newRejectedDates };
}

export const handler = task(quarantineInput, quarantine);
