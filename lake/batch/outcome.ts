/** The outcome of a batch, from what its tasks left in staging. */

import { NothingReadable } from "../errors.ts";
import { type FormatName, formatNamed } from "../formats/index.ts";
import { s3Uri } from "../object-ref.ts";
import type { BatchRef } from "./batch.ts";
import type { ChunkPiece, PreparedObject } from "./chunk-plan.ts";
import { reasonsText } from "./day-accounting.ts";
import type { FilePlan, StagedRowGroup } from "./file-plan.ts";
import type {
  ArrivalItem,
  BatchCounts,
  BatchItem,
  ByteCounts,
  DayBatchItem,
  LineCounts,
  ObjectItem,
} from "./ledger.ts";
import { quarantinedObjectKey, quarantineReasonKey } from "./places.ts";

/** The outcome of parsing a chunk. */
export interface ParsedChunk {
  /** One for each piece. */
  readonly pieces: readonly (LineCounts & { index: number; bytes?: ByteCounts })[];
  readonly rowGroups: readonly StagedRowGroup[];
  /** Key in the quarantine bucket; absent when no line was rejected. */
  readonly rejectedKey?: string;
  /** Fields whose text did not fit their column's type: null there, kept in `_extra`. */
  readonly invalidFields: number;
}

const noLines = (): LineCounts => ({ lines: 0, comments: 0, rows: 0, rejected: 0 });

function addLines(sum: LineCounts, more: LineCounts): LineCounts {
  return {
    lines: sum.lines + more.lines,
    comments: sum.comments + more.comments,
    rows: sum.rows + more.rows,
    rejected: sum.rejected + more.rejected,
  };
}

const noBytes = (): ByteCounts => ({ rowBytes: 0, commentBytes: 0, rejectedBytes: 0, separatorBytes: 0 });

function addBytes(sum: ByteCounts, more: ByteCounts): ByteCounts {
  return {
    rowBytes: sum.rowBytes + more.rowBytes,
    commentBytes: sum.commentBytes + more.commentBytes,
    rejectedBytes: sum.rejectedBytes + more.rejectedBytes,
    separatorBytes: sum.separatorBytes + more.separatorBytes,
  };
}

/** Lines of all chunks. */
export function totalLines(parsed: readonly ParsedChunk[]): LineCounts {
  return parsed.flatMap(({ pieces }) => pieces).reduce(addLines, noLines());
}

/** The error of an object that unpacks to nothing. It is not a failure: some senders write such an object for each quiet hour. */
export const PASSED_OVER_REASON = "EmptyObject";

/** The final item of each object of a batch. */
export function objectItems(
  { source, batchId }: BatchRef,
  execution: string,
  prepared: readonly PreparedObject[],
  parsed: readonly ParsedChunk[],
): ObjectItem[] {
  const lines = prepared.map(noLines);
  const bytes = prepared.map(noBytes);
  for (const piece of parsed.flatMap(({ pieces }) => pieces)) {
    lines[piece.index] = addLines(lines[piece.index]!, piece);
    if (piece.bytes) bytes[piece.index] = addBytes(bytes[piece.index]!, piece.bytes);
  }
  return prepared.map((entry, index) => {
    const { bucket, key, etag, sizeBytes } = entry.object;
    const item = { source, bucket, key, etag, sizeBytes, batchId, execution };
    const read = "pieces" in entry && {
      format: entry.format,
      ...lines[index],
      ...bytes[index],
      ...warningOf(entry.warnings),
    };
    if (entry.status === "prepared") {
      const { rows, rejected } = lines[index]!;
      if (rows > 0 || rejected === 0) return { ...item, ...read, status: "recorded" };
      // Its lines are in the table of rejected lines; there is nothing else of it to keep.
      const { name: reason, message: detail } = new NothingReadable(
        s3Uri(entry.object),
        `all of its ${rejected} record lines were rejected; the table of rejected lines says why`,
      );
      return { ...item, ...read, status: "quarantined", reason, detail };
    }
    const { status, reason, detail } = entry;
    // Without any text nothing of the object is in the lake, and no line is counted.
    if (status === "truncated" && entry.pieces.length === 0) return { ...item, status: "quarantined", reason, detail };
    return { ...item, ...read, status, reason, detail };
  });
}

function warningOf(warnings: readonly string[] = []): { warning?: string } {
  return warnings.length > 0 ? { warning: warnings.join("; ") } : {};
}

export function batchCounts(objects: readonly ObjectItem[], files: readonly FilePlan[]): BatchCounts {
  const having = (status: ObjectItem["status"]) => objects.filter((object) => object.status === status).length;
  const lines = objects.map(({ lines = 0, comments = 0, rows = 0, rejected = 0 }) => ({
    lines,
    comments,
    rows,
    rejected,
  }));
  return {
    objects: objects.length,
    recordedObjects: having("recorded"),
    truncatedObjects: having("truncated"),
    quarantinedObjects: having("quarantined"),
    passedOverObjects: having("passed-over"),
    ...lines.reduce(addLines, noLines()),
    files: files.length,
    dates: new Set(files.map(({ date }) => date)).size,
  };
}

/** The error after which there is nothing to read, and nothing that anybody could mend. */
const VANISHED_REASON = "ObjectVanished";

/**
 * The failure of a batch of which no object could be read. Objects that are empty, gone, or hold only comments are no failure.
 *
 * @param objects - The final items of all its objects.
 */
export function nothingReadable(batchId: string, objects: readonly ObjectItem[]): NothingReadable | undefined {
  const unreadable = objects.filter(({ status, reason }) => status === "quarantined" && reason !== VANISHED_REASON);
  const first = unreadable[0];
  if (!first || objects.some(({ status }) => status === "recorded" || status === "truncated")) return undefined;
  return new NothingReadable(
    `batch ${batchId}`,
    `${unreadable.length} of its ${objects.length} objects were set aside (${reasonsText(reasonsOf(unreadable))}). ` +
      `The first, ${s3Uri(first)}: ${first.detail}`,
  );
}

/** How many objects were set aside or cut, by the name of the error. */
function reasonsOf(objects: readonly ObjectItem[]): Record<string, number> {
  const reasons: Record<string, number> = {};
  for (const { status, reason } of objects)
    if (reason && status !== "passed-over") reasons[reason] = (reasons[reason] ?? 0) + 1;
  return reasons;
}

/** The account of a batch under the day it arrived. */
export function arrivalItem(status: BatchItem["status"], objects: readonly ObjectItem[]): ArrivalItem {
  const { files: _, dates: __, ...counts } = batchCounts(objects, []);
  return { status, ...counts, reasons: reasonsOf(objects) };
}

/** The batch's share of each day, by date. */
export function daysOf(files: readonly FilePlan[], objects: readonly ObjectItem[]): Map<string, DayBatchItem> {
  const days = new Map<string, DayBatchItem>();
  const giving = objects.filter(({ rows = 0 }) => rows > 0).length;
  for (const { date, rows } of files) {
    const day = days.get(date) ?? { rows: 0, objects: giving, files: 0 };
    days.set(date, { ...day, rows: day.rows + rows, files: day.files + 1 });
  }
  return days;
}

/**
 * The counts of each piece of a chunk, once they are known to account for every line and every byte that was unpacked.
 *
 * @param counted - What the parser counted for each piece.
 * @throws {Error} When they do not.
 */
export function countedLines(
  format: FormatName,
  pieces: readonly ChunkPiece[],
  counted: readonly (LineCounts & { bytes: ByteCounts })[],
): (LineCounts & { index: number; bytes: ByteCounts })[] {
  const everyLineCounts = formatNamed(format).entries !== "records";
  return pieces.map(({ index, object, lineCount, byteLength }, i) => {
    const { lines, comments, rows, rejected, bytes } = counted[i]!;
    if (lines !== lineCount && everyLineCounts)
      throw new Error(
        `${lineCount} lines of ${s3Uri(object)} were unpacked, but ${lines} counted: ${comments} comments, ${rows} rows, ${rejected} rejected`,
      );
    const { rowBytes, commentBytes, rejectedBytes, separatorBytes } = bytes;
    const sum = rowBytes + commentBytes + rejectedBytes + separatorBytes;
    if (sum !== byteLength)
      throw new Error(
        `${byteLength} bytes of ${s3Uri(object)} were unpacked, but ${sum} counted: ${rowBytes} of rows, ${commentBytes} of comments, ${rejectedBytes} of rejected lines, ${separatorBytes} between them`,
      );
    return { index, lines, comments, rows, rejected, bytes };
  });
}

/** Keys that this run of a batch has in quarantine. */
export function keptInQuarantine(
  batch: BatchRef,
  prepared: readonly PreparedObject[],
  parsed: readonly ParsedChunk[],
): Set<string> {
  const lines = parsed.flatMap(({ rejectedKey }) => rejectedKey ?? []);
  const objects = prepared.flatMap((entry, index) =>
    entry.status !== "prepared"
      ? [quarantineReasonKey(batch, index), quarantinedObjectKey(batch, index, entry.object)]
      : [],
  );
  return new Set([...lines, ...objects]);
}
