/** Objects of the staging bucket: the tasks of one batch hand them to each other. */
import type { BatchRef, ManifestObject } from "../lake/batch/batch.ts";
import type { Chunk, PreparedObject } from "../lake/batch/chunk-plan.ts";
import type { FilePlan } from "../lake/batch/file-plan.ts";
import { manifestSlices } from "../lake/batch/ledger.ts";
import type { ParsedChunk } from "../lake/batch/outcome.ts";
import {
  chunkKey,
  parsedKey,
  preparedKey,
  STAGED_SLICE_OBJECTS,
  stagedSliceKey,
  writePlanKey,
} from "../lake/batch/places.ts";
import type { ObjectRef } from "../lake/object-ref.ts";
import { environment } from "./environment.ts";
import { inParallel } from "./in-parallel.ts";
import { readJson, writeJson } from "./objects.ts";

const CONCURRENT_OBJECTS = 32;

export const inStaging = (key: string): ObjectRef => ({ bucket: environment("STAGING_BUCKET"), key });

export async function stageManifest(batchId: string, objects: readonly ManifestObject[]): Promise<void> {
  await inParallel(manifestSlices(objects, STAGED_SLICE_OBJECTS), CONCURRENT_OBJECTS, (slice, n) =>
    writeJson(inStaging(stagedSliceKey(batchId, n)), slice),
  );
}

/** One object of the batch. */
export async function stagedObject({ batchId }: BatchRef, index: number): Promise<ManifestObject> {
  const slice = Math.floor(index / STAGED_SLICE_OBJECTS);
  const objects = await readJson<ManifestObject[]>(inStaging(stagedSliceKey(batchId, slice)));
  const object = objects[index - slice * STAGED_SLICE_OBJECTS];
  if (!object) throw new Error(`Batch ${batchId} has no object ${index}`);
  return object;
}

export async function stagePrepared({ batchId }: BatchRef, index: number, prepared: PreparedObject): Promise<void> {
  await writeJson(inStaging(preparedKey(batchId, index)), prepared);
}

export async function preparedObject({ batchId }: BatchRef, index: number): Promise<PreparedObject> {
  return readJson(inStaging(preparedKey(batchId, index)));
}

/** The outcome of unpacking for each object of the batch, in its order. */
export async function preparedObjects({ batchId, objectCount }: BatchRef): Promise<PreparedObject[]> {
  return readAll(objectCount, (index) => preparedKey(batchId, index));
}

export async function stageChunk({ batchId }: BatchRef, chunk: number, plan: Chunk): Promise<void> {
  await writeJson(inStaging(chunkKey(batchId, chunk)), plan);
}

export async function stagedChunk({ batchId }: BatchRef, chunk: number): Promise<Chunk> {
  return readJson(inStaging(chunkKey(batchId, chunk)));
}

export async function stageParsed({ batchId }: BatchRef, chunk: number, parsed: ParsedChunk): Promise<void> {
  await writeJson(inStaging(parsedKey(batchId, chunk)), parsed);
}

export async function parsedChunks({ batchId }: BatchRef, chunkCount: number): Promise<ParsedChunk[]> {
  return readAll(chunkCount, (chunk) => parsedKey(batchId, chunk));
}

/** Stages the files that one task writes. */
export async function stageWrite({ batchId }: BatchRef, write: number, files: readonly FilePlan[]): Promise<void> {
  await writeJson(inStaging(writePlanKey(batchId, write)), files);
}

export async function stagedWrite({ batchId }: BatchRef, write: number): Promise<FilePlan[]> {
  return readJson(inStaging(writePlanKey(batchId, write)));
}

/** All files of the batch. */
export async function stagedFiles({ batchId }: BatchRef, writeCount: number): Promise<FilePlan[]> {
  return (await readAll<FilePlan[]>(writeCount, (write) => writePlanKey(batchId, write))).flat();
}

async function readAll<Value>(count: number, key: (n: number) => string): Promise<Value[]> {
  const keys = Array.from({ length: count }, (_, n) => key(n));
  return inParallel(keys, CONCURRENT_OBJECTS, (key) => readJson<Value>(inStaging(key)));
}
