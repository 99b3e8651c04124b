/**
 * A batch: the objects that are turned into rows together. They are frozen when the batch is claimed, so that running it
 * again gives the same bytes.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { type ObjectRef, s3Uri } from "../object-ref.ts";

/** The part of a batch that crosses the states of `ingest`. Everything else is in staging and in the ledger. */
export const batchRef = z.object({
  source: z.string(),
  batchId: z.string().regex(/^[0-9a-f]{16}$/, "16 hexadecimal digits"),
  objectCount: z.int().positive(),
  /** The time of the first claim, which is `_processed_at` of each of its rows. */
  claimedAtMs: z.int(),
});

export type BatchRef = z.output<typeof batchRef>;

/** One object of a batch, in the version that was claimed. */
export interface ManifestObject extends ObjectRef {
  /** Without its quotes. */
  readonly etag: string;
  readonly sizeBytes: number;
}

/** The manifest's order, whatever order the objects arrived in. */
export function inManifestOrder<Item extends ObjectRef>(objects: readonly Item[]): Item[] {
  return objects
    .map((object) => ({ object, name: `${object.bucket}/${object.key}` }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ object }) => object);
}

/** The first 16 hexadecimal digits of SHA-256 over the source and the sorted names of the objects. */
export function batchIdOf(source: string, objects: readonly ObjectRef[]): string {
  const hash = createHash("sha256").update(source);
  // A line feed cannot be part of a bucket's name, and a key that holds one still ends where the next bucket begins.
  for (const { bucket, key } of inManifestOrder(objects)) hash.update(`\n${bucket}/${key}`);
  return hash.digest("hex").slice(0, 16);
}

/** The value of `_source_file`. */
export function sourceFileOf(object: ObjectRef): string {
  return s3Uri(object);
}

/** The day of the first claim, in UTC: where the rejected lines and quarantined objects of a batch are. */
export function claimDateOf({ claimedAtMs }: Pick<BatchRef, "claimedAtMs">): string {
  return new Date(claimedAtMs).toISOString().slice(0, 10);
}
