import { BLOCK_ROWS } from "../rows/block-layout.ts";
import { dateOfDay } from "../rows/calendar.ts";
import type { RowBlock } from "../rows/row-block.ts";
import { type PartitionOptions, PartitionWriter } from "./partition-writer.ts";
import type { SerializedRowGroup } from "./row-group.ts";

/** When the open row groups hold more, the least recently used ones are handed over before they are full. */
const MAX_HELD_BYTES = 64 << 20;
/** A day is finished when this many rows in a row were of other days. Logs come nearly in order. */
const IDLE_ROWS = 16 * BLOCK_ROWS;
/** Open days at a time: more than any delivery in order has. Each costs memory even when it is small. */
const MAX_OPEN_PARTITIONS = 128;

export interface FinishedRowGroup {
  /** `YYYY-MM-DD`, from the calendar: safe in a path. */
  readonly date: string;
  readonly rowGroup: SerializedRowGroup;
}

/** The open partitions. Sends rows to the partition of their day and keeps the memory of all within bounds. */
export class PartitionSet {
  readonly #options: PartitionOptions;
  /** By day; the most recently used one is last. */
  readonly #writers = new Map<number, PartitionWriter>();
  /** Rows of all days when each day got its last row. */
  readonly #lastRows = new Map<number, number>();
  #rowCount = 0;
  #rowsSinceCheck = 0;
  #invalidOfClosed = 0;

  constructor(options: PartitionOptions) {
    this.#options = options;
  }

  /** Fields so far whose text did not fit their column's type. */
  get invalidCount(): number {
    let sum = this.#invalidOfClosed;
    for (const writer of this.#writers.values()) sum += writer.invalidCount;
    return sum;
  }

  /**
   * Takes all rows of the block.
   *
   * @returns The row groups that are ready, in the order in which they become so. Each is valid until the next is asked
   *   for: its memory is reused.
   */
  *append(block: RowBlock, sourceFile: string): Generator<FinishedRowGroup> {
    const { rowCount } = block;
    for (let start = 0; start < rowCount; ) {
      // The engine may have moved its memory with the rows before.
      block.renewViews();
      const { days } = block;
      const day = days[start]!;
      // The memory is checked after fixed numbers of rows, never at the end of a block: the output must not depend on how
      // the input was cut.
      const limit = Math.min(rowCount, start + BLOCK_ROWS - this.#rowsSinceCheck);
      let end = start + 1;
      while (end < limit && days[end] === day) end++;
      const writer = this.#writers.get(day) ?? (yield* this.#open(day));
      this.#touch(day, writer);
      yield* dated(day, writer.append(block, sourceFile, start, end));
      this.#rowsSinceCheck += end - start;
      this.#rowCount += end - start;
      this.#lastRows.set(day, this.#rowCount);
      if (this.#rowsSinceCheck === BLOCK_ROWS) {
        this.#rowsSinceCheck = 0;
        yield* this.#closeIdle();
        yield* this.#boundMemory();
      }
      start = end;
    }
  }

  /** Moves a day to the end of those that wait for rows. */
  #touch(day: number, writer: PartitionWriter): void {
    if (this.#writers.size === 1) return;
    this.#writers.delete(day);
    this.#writers.set(day, writer);
  }

  *#open(day: number): Generator<FinishedRowGroup, PartitionWriter> {
    if (this.#writers.size === MAX_OPEN_PARTITIONS) yield* this.#close(this.#largest());
    const writer = new PartitionWriter(this.#options);
    this.#writers.set(day, writer);
    return writer;
  }

  *#closeIdle(): Generator<FinishedRowGroup> {
    for (const day of this.#writers.keys()) {
      if (this.#rowCount - this.#lastRows.get(day)! < IDLE_ROWS) return;
      yield* this.#close(day);
    }
  }

  *#boundMemory(): Generator<FinishedRowGroup> {
    let held = 0;
    for (const { heldBytes } of this.#writers.values()) held += heldBytes;
    // Closing gives memory back; where there is only one day, it keeps the memory for its next row group.
    for (const [day, writer] of this.#writers) {
      if (held <= MAX_HELD_BYTES) return;
      held -= writer.heldBytes;
      if (this.#writers.size > 1) yield* this.#close(day);
      else yield* dated(day, writer.finishRowGroup());
    }
  }

  /** The day with the largest row group: where many days come out of order, none is closed nearly empty. */
  #largest(): number {
    let largest = { day: 0, heldBytes: -1 };
    for (const [day, { heldBytes }] of this.#writers) if (heldBytes > largest.heldBytes) largest = { day, heldBytes };
    return largest.day;
  }

  *#close(day: number): Generator<FinishedRowGroup> {
    const writer = this.#writers.get(day)!;
    yield* dated(day, writer.close());
    this.#invalidOfClosed += writer.invalidCount;
    this.#writers.delete(day);
    this.#lastRows.delete(day);
  }

  /** Ends all partitions, the earliest day first. */
  *close(): Generator<FinishedRowGroup> {
    for (const day of [...this.#writers.keys()].sort((a, b) => a - b)) yield* this.#close(day);
  }
}

function* dated(day: number, rowGroups: Generator<SerializedRowGroup>): Generator<FinishedRowGroup> {
  for (const rowGroup of rowGroups) yield { date: dateOfDay(day), rowGroup };
}
