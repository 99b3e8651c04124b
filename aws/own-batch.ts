/** The ledger's item of a batch, for the execution that runs the batch. */
import type { BatchItem } from "../lake/batch/ledger.ts";
import { findBatch, updateOwnBatch } from "./ledger.ts";

/** Another execution has taken the batch over, and does what this one has left to do. */
export class BatchTakenOver extends Error {
  override readonly name = "BatchTakenOver";

  constructor(batchId: string, execution: string | undefined) {
    super(`Batch ${batchId} is run by ${execution} now. This execution must not be redriven; nothing is lost.`);
  }
}

/**
 * The batch as its execution knows it.
 *
 * @throws {BatchTakenOver}
 */
export async function ownBatch(batchId: string, executionArn: string): Promise<BatchItem> {
  const batch = await findBatch(batchId);
  if (batch?.execution !== executionArn) throw new BatchTakenOver(batchId, batch?.execution);
  return batch;
}

/**
 * Lists files of the lake that this run is about to write, beside those of earlier runs.
 *
 * @throws {BatchTakenOver}
 */
export async function listOutputs(batchId: string, executionArn: string, keys: readonly string[]): Promise<void> {
  const { outputs } = await ownBatch(batchId, executionArn);
  await changeOwnBatch(batchId, executionArn, { outputs: [...new Set([...outputs, ...keys])].sort() });
}

/** @throws {BatchTakenOver} */
export async function changeOwnBatch(
  batchId: string,
  executionArn: string,
  changes: Partial<BatchItem>,
): Promise<void> {
  if (await updateOwnBatch(batchId, executionArn, changes)) return;
  throw new BatchTakenOver(batchId, (await findBatch(batchId))?.execution);
}
