import { z } from "zod";
import { putArrival, putObjects } from "../aws/ledger.ts";
import { publishCounts } from "../aws/metrics.ts";
import { changeOwnBatch } from "../aws/own-batch.ts";
import { newRejectedDays } from "../aws/rejected-days.ts";
import { parsedChunks, preparedObjects } from "../aws/staging.ts";
import { batchRef } from "../lake/batch/batch.ts";
import { PARSER_VERSION } from "../lake/batch/ledger.ts";
import { arrivalItem, batchCounts, objectItems } from "../lake/batch/outcome.ts";
import { qualityOf } from "../lake/batch/quality.ts";
import { task } from "./task.ts";

const refuseBatchInput = z.object({
  batch: batchRef,
  executionArn: z.string(),
  chunkCount: z.int().min(0),
  reason: z.string(),
  detail: z.string(),
});

/**
 * Refuses a whole batch. Its rejected lines are in quarantine already; its objects stay where they are.
 *
 * @returns Days of rejected lines that the catalog does not know yet.
 * @throws {BatchTakenOver} When another execution runs the batch now.
 */
export async function refuseBatch({
  batch,
  executionArn,
  chunkCount,
  reason,
  detail,
}: z.output<typeof refuseBatchInput>): Promise<{ newRejectedDates: string[] }> {
  const prepared = await preparedObjects(batch);
  const objects = objectItems(batch, executionArn, prepared, await parsedChunks(batch, chunkCount));
  const counts = batchCounts(objects, []);
  const newRejectedDates = await newRejectedDays(batch, counts.rejected);
  const refused = objects.map((object) =>
    object.status === "recorded" || object.status === "truncated"
      ? { ...object, status: "quarantined" as const, reason, detail }
      : object,
  );
  await putObjects(refused);
  await putArrival(batch, arrivalItem("refused", refused));
  const quality = qualityOf(counts);
  const changes = { status: "refused", reason, detail, quality, parserVersion: PARSER_VERSION, counts } as const;
  await changeOwnBatch(batch.batchId, executionArn, changes);
  publishCounts(batch.source, batchCounts(refused, []));
  return { newRejectedDates };
}

export const handler = task(refuseBatchInput, refuseBatch);
