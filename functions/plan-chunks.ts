import { z } from "zod";
import { inParallel } from "../aws/in-parallel.ts";
import { preparedObjects, stageChunk } from "../aws/staging.ts";
import { batchRef } from "../lake/batch/batch.ts";
import { planChunks as planChunksOf } from "../lake/batch/chunk-plan.ts";
import { task } from "./task.ts";

const CONCURRENT_CALLS = 16;

const planChunksInput = z.object({ batch: batchRef });

/** Gathers the pieces of all objects of a batch into chunks that are parsed one by one. */
export async function planChunks({ batch }: z.output<typeof planChunksInput>): Promise<{ chunkCount: number }> {
  const chunks = planChunksOf(await preparedObjects(batch));
  await inParallel(chunks, CONCURRENT_CALLS, (chunk, n) => stageChunk(batch, n, chunk));
  return { chunkCount: chunks.length };
}

export const handler = task(planChunksInput, planChunks);
