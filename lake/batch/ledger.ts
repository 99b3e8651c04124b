/**
 * The items of the ledger, one DynamoDB table: what happened to every object, batch and day. Plain values; numbers are
 * integers and ratios are text, as DynamoDB's numbers are not floats.
 */
import type { ObjectRef } from "../object-ref.ts";
import type { ManifestObject } from "./batch.ts";

/** The version of the parsers that made a batch's rows. Raise it when the same text would give other rows. */
export const PARSER_VERSION = 1;

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

export const objectItemKey = ({ bucket, key }: ObjectRef): ItemKey => ({ pk: `object#${bucket}/${key}`, sk: "object" });
export const batchItemKey = (batchId: string): ItemKey => ({ pk: `batch#${batchId}`, sk: "batch" });
export const manifestItemKey = (batchId: string, slice: number): ItemKey => ({
  pk: `batch#${batchId}`,
  sk: `manifest#${String(slice).padStart(4, "0")}`,
});
export const dayItemKey = (source: string, date: string): ItemKey => ({ pk: `day#${source}#${date}`, sk: "day" });
/** The rows that a batch gave to a day. A day's totals are sums over these, so running a batch again never doubles them. */
export const dayBatchItemKey = (source: string, date: string, batchId: string): ItemKey => ({
  pk: `day#${source}#${date}`,
  sk: `batch#${batchId}`,
});
/** What became of a batch, under the day it arrived: a batch that gave no row is under no other day. */
export const arrivalItemKey = (source: string, date: string, batchId: string): ItemKey => ({
  pk: `arrivals#${source}#${date}`,
  sk: `batch#${batchId}`,
});
/** Says whether the catalog knows a day of rejected lines, which is the day they arrived. */
export const rejectedDayItemKey = (source: string, date: string): ItemKey => ({
  pk: `rejected-day#${source}#${date}`,
  sk: "day",
});

/** `lines = comments + rows + rejected`. */
export interface LineCounts {
  lines: number;
  comments: number;
  rows: number;
  rejected: number;
}

/**
 * Bytes of unpacked text, by what they belong to: rows, comments, rejected entries, and what separates entries (line ends, the
 * commas and brackets of JSON, the members of an envelope). Their sum is all of the text.
 */
export interface ByteCounts {
  rowBytes: number;
  commentBytes: number;
  rejectedBytes: number;
  separatorBytes: number;
}

export interface ObjectItem extends Partial<LineCounts & ByteCounts> {
  source: string;
  bucket: string;
  key: string;
  /** The version that the rest is about. */
  etag: string;
  sizeBytes: number;
  /** Absent while an execution has claimed the object and not yet formed its batch. */
  batchId?: string;
  /** The ARN of the execution that claimed it. */
  execution: string;
  /**
   * `truncated`: its archive breaks off; the rows of the lines before that are in the lake. `quarantined`: not read, for
   * `reason`, or of a refused batch. `passed-over`: unpacks to nothing.
   */
  status: "claimed" | "recorded" | "truncated" | "quarantined" | "passed-over";
  format?: string;
  /** Name of the error for which it was quarantined, cut or passed over. */
  reason?: string;
  detail?: string;
  warning?: string;
}

/**
 * The outcome of a whole batch. Each of its objects is recorded, truncated, quarantined or passed over. Only the first two
 * have lines.
 */
export interface BatchCounts extends LineCounts {
  objects: number;
  recordedObjects: number;
  truncatedObjects: number;
  quarantinedObjects: number;
  passedOverObjects: number;
  files: number;
  dates: number;
}

/** What became of the objects of one batch, for the day they arrived: the day of the batch's first claim, in UTC. */
export interface ArrivalItem extends LineCounts {
  status: BatchItem["status"];
  objects: number;
  recordedObjects: number;
  truncatedObjects: number;
  quarantinedObjects: number;
  passedOverObjects: number;
  /** How many objects were truncated or quarantined, by the name of the error. */
  reasons: Record<string, number>;
}

export interface BatchItem {
  source: string;
  status: "running" | "recorded" | "refused";
  /** Counts how often the batch was run, from 1. */
  generation: number;
  /** The ARN of the execution that runs it or ran it last. */
  execution: string;
  claimedAtMs: number;
  objectCount: number;
  /** Keys in the lake of every file that the batch may have there. They are listed before the first is written. */
  outputs: string[];
  /** Rows of all record lines, such as "0.9987". */
  quality?: string;
  parserVersion?: number;
  counts?: BatchCounts;
  reason?: string;
  detail?: string;
  recordedAtMs?: number;
}

export interface DayItem {
  source: string;
  date: string;
  /** `sealed`: a report was made of it. `reopened`: rows changed after that. */
  status: "open" | "sealed" | "reopened";
  partition: "registered" | "absent";
}

export interface DayBatchItem {
  rows: number;
  /** Objects of the batch that gave rows, to whatever day. */
  objects: number;
  files: number;
}

/** Objects in a manifest item: with the longest keys that S3 allows, it stays under DynamoDB's 400 KB. */
const MANIFEST_SLICE_OBJECTS = 300;

/** Cuts a manifest into the slices that the ledger keeps. */
export function manifestSlices(
  objects: readonly ManifestObject[],
  sliceObjects = MANIFEST_SLICE_OBJECTS,
): ManifestObject[][] {
  return Array.from({ length: Math.ceil(objects.length / sliceObjects) }, (_, slice) =>
    objects.slice(slice * sliceObjects, (slice + 1) * sliceObjects),
  );
}
