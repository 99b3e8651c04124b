import { z } from "zod";
import { environment } from "../aws/environment.ts";
import { copyObject, deleteObject, writeJson } from "../aws/objects.ts";
import { stagedObject, stagePrepared } from "../aws/staging.ts";
import { batchRef } from "../lake/batch/batch.ts";
import { PASSED_OVER_REASON } from "../lake/batch/outcome.ts";
import { quarantinedObjectKey, quarantineReasonKey } from "../lake/batch/places.ts";
import { mayQuote } from "../lake/pii/policy.ts";
import config from "../sluice.config.ts";
import { task } from "./task.ts";

/** After these errors there is nothing to copy, or nothing that may be copied. */
const REASONS_WITHOUT_COPY: readonly string[] = ["ObjectVanished", "ObjectUnreadable"];

/** After this error, what could be unpacked of the object is staged and goes on. The object is only reported here. */
const TRUNCATED_REASON = "TruncatedArchive";

const quarantineInput = z.object({
  batch: batchRef,
  /** The object's place in the manifest. */
  index: z.int().min(0),
  reason: z.string(),
  detail: z.string(),
  /** A copy was tried and refused: the reason names the object, and the object stays where it is. */
  byReference: z.boolean().default(false),
});

/**
 * Copies an object into quarantine, with the reason beside it. The whole lines of a truncated object go on all the same.
 * An object that is passed over leaves nothing there.
 *
 * @throws {ObjectUnreadable} When S3 refuses the copy. The reason is written; the workflow asks again by reference.
 * @throws {ObjectVanished} When the version that was claimed is gone.
 */
export async function quarantine({
  batch,
  index,
  reason,
  detail,
  byReference,
}: z.output<typeof quarantineInput>): Promise<void> {
  const object = await stagedObject(batch, index);
  const status = reason === PASSED_OVER_REASON ? "passed-over" : "quarantined";
  if (status === "quarantined") {
    const bucket = environment("QUARANTINE_BUCKET");
    await writeJson(
      { bucket, key: quarantineReasonKey(batch, index) },
      { object, reason, detail, batchId: batch.batchId, ...(byReference && { byReference }) },
    );
    const copy = { bucket, key: quarantinedObjectKey(batch, index, object) };
    // Where the text is withheld the reason points to the raw object, which has it; a copy is from before the policy.
    if (!mayQuote(config.sources[batch.source]!.pii)) await deleteObject(copy);
    else if (!byReference && !REASONS_WITHOUT_COPY.includes(reason)) await copyObject(object, copy);
  }
  if (reason !== TRUNCATED_REASON) await stagePrepared(batch, index, { status, object, reason, detail });
}

export const handler = task(quarantineInput, quarantine);
