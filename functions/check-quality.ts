import { z } from "zod";
import { inParallel } from "../aws/in-parallel.ts";
import { listOutputs } from "../aws/own-batch.ts";
import { parsedChunks, preparedObjects, stageWrite } from "../aws/staging.ts";
import { batchRef } from "../lake/batch/batch.ts";
import { planFiles, planWrites } from "../lake/batch/file-plan.ts";
import { nothingReadable, objectItems, totalLines } from "../lake/batch/outcome.ts";
import { isGoodEnough, qualityOf } from "../lake/batch/quality.ts";
import { QualityTooLow } from "../lake/errors.ts";
import config from "../sluice.config.ts";
import { task } from "./task.ts";

const CONCURRENT_CALLS = 16;

const checkQualityInput = z.object({ batch: batchRef, executionArn: z.string(), chunkCount: z.int().min(0) });

interface QualityCheck {
  fileCount: number;
  /** Tasks that write them. */
  writeCount: number;
  rows: number;
  rejected: number;
  /** Such as "0.9987". */
  quality: string;
}

/**
 * Decides whether the rows of a batch can be believed, and which files they become.
 *
 * @throws {QualityTooLow} When more lines were rejected than the source allows.
 * @throws {NothingReadable} When no object of the batch could be read. The batch is recorded all the same, without files.
 */
export async function checkQuality({
  batch,
  executionArn,
  chunkCount,
}: z.output<typeof checkQualityInput>): Promise<QualityCheck> {
  const { qualityThreshold } = config.sources[batch.source]!;
  const parsed = await parsedChunks(batch, chunkCount);
  const { rows, rejected } = totalLines(parsed);
  if (!isGoodEnough({ rows, rejected }, qualityThreshold))
    throw new QualityTooLow(batch.batchId, rows, rejected, qualityThreshold);
  if (rows === 0) {
    const failure = nothingReadable(
      batch.batchId,
      objectItems(batch, executionArn, await preparedObjects(batch), parsed),
    );
    if (failure) throw failure;
  }
  const rowGroups = parsed.flatMap((chunk) => chunk.rowGroups);
  const files = planFiles(batch, rowGroups);
  const writes = planWrites(files);
  await inParallel(writes, CONCURRENT_CALLS, (write, n) => stageWrite(batch, n, write));
  // The ledger lists the files before any of them is written: one that it does not know could never be removed.
  await listOutputs(
    batch.batchId,
    executionArn,
    files.map(({ key }) => key),
  );
  return { fileCount: files.length, writeCount: writes.length, rows, rejected, quality: qualityOf({ rows, rejected }) };
}

export const handler = task(checkQualityInput, checkQuality);
