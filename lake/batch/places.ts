/** The keys of everything that a batch has in a bucket. All follow from the batch, so a retried task overwrites its own work. */
import { basename } from "node:path/posix";
import type { ObjectRef } from "../object-ref.ts";
import { type BatchRef, claimDateOf } from "./batch.ts";

/** Objects in one slice of the staged manifest: a task that wants one object reads one slice. */
export const STAGED_SLICE_OBJECTS = 100;

export const stagedSliceKey = (batchId: string, slice: number): string => `${batchId}/manifest/${slice}.json`;
export const preparedKey = (batchId: string, index: number): string => `${batchId}/objects/${index}.json`;
export const pieceKey = (batchId: string, index: number, piece: number): string =>
  `${batchId}/objects/${index}-${piece}.txt`;
export const chunkKey = (batchId: string, chunk: number): string => `${batchId}/chunks/${chunk}.json`;
export const parsedKey = (batchId: string, chunk: number): string => `${batchId}/parsed/${chunk}.json`;
export const rowGroupKey = (batchId: string, chunk: number, date: string, n: number): string =>
  `${batchId}/parsed/${chunk}-${date}-${n}.rowgroup`;
export const writePlanKey = (batchId: string, write: number): string => `${batchId}/files/${write}.json`;

/** @param n - Counts the batch's files of this date from 0. */
export const lakeKey = (source: string, date: string, batchId: string, n: number): string =>
  `${source}/date=${date}/${batchId}-${n}.parquet`;

/** The date in a key of the lake. */
export function dateOfLakeKey(key: string): string {
  const date = /\/date=(\d{4}-\d{2}-\d{2})\/[^/]+$/.exec(key)?.[1];
  if (!date) throw new Error(`"${key}" is not the key of a file in the lake: it has no date`);
  return date;
}

const quarantineFolder = (batch: BatchRef) => `${batch.source}/date=${claimDateOf(batch)}`;

/** Rejected lines of a source that arrived on a day; the partition of its `_rejected` table. */
const rejectedLinesFolder = (source: string, date: string): string => `${source}/date=${date}/lines/`;

export const rejectedLinesKey = (batch: BatchRef, chunk: number): string =>
  `${rejectedLinesFolder(batch.source, claimDateOf(batch))}${batch.batchId}-${chunk}.parquet`;

/** The copy of a quarantined object. Its folder is its own: two objects may share a file name. */
export const quarantinedObjectKey = (batch: BatchRef, index: number, object: ObjectRef): string =>
  `${quarantineFolder(batch)}/objects/${batch.batchId}-${index}/${basename(object.key)}`;

export const quarantineReasonKey = (batch: BatchRef, index: number): string =>
  `${quarantineFolder(batch)}/objects/${batch.batchId}-${index}/reason.json`;

/** The prefixes of all keys that a batch may have in quarantine. */
export const quarantinePrefixes = (batch: BatchRef): string[] => [
  `${quarantineFolder(batch)}/lines/${batch.batchId}-`,
  `${quarantineFolder(batch)}/objects/${batch.batchId}-`,
];
