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
      rowGroups: members.map(({ stagedKey }) => stagedKey),
    })),
  );
}

function packInOrder(rowGroups: readonly StagedRowGroup[], maxBytes: number): StagedRowGroup[][] {
  const files: StagedRowGroup[][] = [];
  let room = 0;
  for (const rowGroup of rowGroups) {
    if (files.length === 0 || rowGroup.byteLength > room) {
      files.push([]);
      room = maxBytes;
    }
    files.at(-1)!.push(rowGroup);
    room -= rowGroup.byteLength;
  }
  return files;
}
