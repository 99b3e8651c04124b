import { z } from "zod";
import { environment } from "../aws/environment.ts";
import { inParallel } from "../aws/in-parallel.ts";
import { writeJson } from "../aws/objects.ts";
import { preparedObject, stagedChunk, stagePrepared } from "../aws/staging.ts";
import { type BatchRef, batchRef } from "../lake/batch/batch.ts";
import { singleOut as singleOutOf } from "../lake/batch/chunk-plan.ts";
import { quarantineReasonKey } from "../lake/batch/places.ts";
import { task } from "./task.ts";

const CONCURRENT_CALLS = 16;

/** The error of an object on whose text Parse did not come to an end. */
const REASON = "ReadFailed";

const singleOutInput = z.object({
  batch: batchRef,
  /** The chunks that could not be parsed. */
  failed: z.array(z.object({ chunk: z.int().min(0), detail: z.string() })),
});

/**
 * Finds out which object makes a chunk fail, so that it costs that object alone. An object that was alone in its chunk is
 * quarantined by reference; objects that shared one get chunks of their own, and the next round tells.
 */
export async function singleOut({
  batch,
  failed,
}: z.output<typeof singleOutInput>): Promise<{ setAside: number; alone: number }> {
  const setAside = new Map<number, string>();
  const alone = new Set<number>();
  for (const { chunk, detail } of failed) {
    const found = singleOutOf(await stagedChunk(batch, chunk));
    if ("setAside" in found) setAside.set(found.setAside, detail);
    else for (const index of found.alone) alone.add(index);
  }
  await inParallel([...alone], CONCURRENT_CALLS, async (index) => {
    const prepared = await preparedObject(batch, index);
    if ("pieces" in prepared) await stagePrepared(batch, index, { ...prepared, alone: true });
  });
  await inParallel([...setAside], CONCURRENT_CALLS, ([index, detail]) => quarantineByReference(batch, index, detail));
  return { setAside: setAside.size, alone: alone.size };
}

async function quarantineByReference(batch: BatchRef, index: number, detail: string): Promise<void> {
  const { object } = await preparedObject(batch, index);
  const reason = { object, reason: REASON, detail, batchId: batch.batchId, byReference: true };
  await writeJson({ bucket: environment("QUARANTINE_BUCKET"), key: quarantineReasonKey(batch, index) }, reason);
  await stagePrepared(batch, index, { status: "quarantined", object, reason: REASON, detail });
}

export const handler = task(singleOutInput, singleOut);
