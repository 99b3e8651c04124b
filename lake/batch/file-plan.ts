/** The plan of which row groups become which files of the lake. */
import { lakeKey } from "./places.ts";

const MIB = 1 << 20;

/** The most bytes of columns in a file. A query engine reads files of this size well in parallel. */
export const MAX_FILE_BYTES = 128 * MIB;

/** A finished row group in staging. */
export interface StagedRowGroup {
  /** Key in the staging bucket. */
  readonly stagedKey: string;
  readonly date: string;
  readonly rows: number;
  readonly byteLength: number;
}

export interface FilePlan {
  /** Key in the lake bucket. */
  readonly key: string;
  readonly date: string;
  readonly rows: number;
  /** Of its columns. */
  readonly byteLength: number;
  /** Keys in the staging bucket, in order. */
  readonly rowGroups: readonly string[];
}

/**
 * Joins the row groups of each date to files, in the order of the text.
 *
 * @param rowGroups - In the order of the chunks.
 * @returns By date, so that the plan does not depend on which chunk a date came first in.
 */
export function planFiles(
  { source, batchId }: { source: string; batchId: string },
  rowGroups: readonly StagedRowGroup[],
  maxBytes = MAX_FILE_BYTES,
): FilePlan[] {
  const byDate = [...Map.groupBy(rowGroups, ({ date }) => date)].sort(([a], [b]) => (a < b ? -1 : 1));
  return byDate.flatMap(([date, ofDate]) =>
    packInOrder(ofDate, maxBytes).map((members, n) => ({
      key: lakeKey(source, date, batchId, n),
      date,
      rows: members.reduce((sum, { rows }) => sum + rows, 0),
      byteLength: members.reduce((sum, { byteLength }) => sum + byteLength, 0),
      rowGroups: members.map(({ stagedKey }) => stagedKey),
    })),
  );
}

/**
 * Shares the files out among tasks, so that there are as many tasks as the bytes need and not as many as there are dates: an
 * object may hold thousands of dates, and each task of a workflow counts against the events that its history may have.
 *
 * @returns The files of each task, in order, together of at most `maxBytes` where one alone is not larger.
 */
export function planWrites(files: readonly FilePlan[], maxBytes = MAX_FILE_BYTES): FilePlan[][] {
  return packInOrder(files, maxBytes);
}

function packInOrder<Item extends { readonly byteLength: number }>(items: readonly Item[], maxBytes: number): Item[][] {
  const packs: Item[][] = [];
  let room = 0;
  for (const item of items) {
    if (packs.length === 0 || item.byteLength > room) {
      packs.push([]);
      room = maxBytes;
    }
    packs.at(-1)!.push(item);
    room -= item.byteLength;
  }
  return packs;
}
