import { dateOfDay } from "./calendar.ts";
import { type PartitionOptions, PartitionWriter } from "./partition-writer.ts";
import { BATCH_ROWS, type RowBatch } from "./row-batch.ts";
import type { SerializedRowGroup } from "./row-group.ts";

/** When the open row groups hold more, the largest is handed over before it is full. */
const MAX_HELD_BYTES = 96 << 20;
/** More days at a time than any delivery in order has; each costs memory even when it is small. */
const MAX_OPEN_PARTITIONS = 128;

export interface FinishedRowGroup {
  /** `YYYY-MM-DD`, from the calendar: safe in a path. */
  readonly date: string;
  readonly rowGroup: SerializedRowGroup;
}

/** The open partitions. Sends rows to the partition of their day and keeps the memory of all within bounds. */
export class PartitionSet {
  readonly #options: PartitionOptions;
  readonly #writers = new Map<number, PartitionWriter>();
  readonly #finished: FinishedRowGroup[] = [];
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

  /** Takes all rows of the batch. */
  append(batch: RowBatch, sourceFile: string): void {
    const { rowCount } = batch;
    for (let start = 0; start < rowCount; ) {
      // The engine may have moved its memory with the rows before.
      batch.renewViews();
      const { days } = batch;
      const day = days[start]!;
      // The memory is looked at after fixed numbers of rows, never at the end of a batch: what comes out must not
      // depend on how the input was cut.
      const limit = Math.min(rowCount, start + BATCH_ROWS - this.#rowsSinceCheck);
      let end = start + 1;
      while (end < limit && days[end] === day) end++;
      this.#writerOf(day).append(batch, sourceFile, start, end);
      this.#rowsSinceCheck += end - start;
      if (this.#rowsSinceCheck === BATCH_ROWS) {
        this.#rowsSinceCheck = 0;
        this.#boundMemory();
      }
      start = end;
    }
  }

  #writerOf(day: number): PartitionWriter {
    const open = this.#writers.get(day);
    if (open) return open;
    if (this.#writers.size === MAX_OPEN_PARTITIONS) this.#close(this.#largest().day);
    const date = dateOfDay(day);
    const writer = new PartitionWriter(this.#options, (rowGroup) => this.#finished.push({ date, rowGroup }));
    this.#writers.set(day, writer);
    return writer;
  }

  #boundMemory(): void {
    let held = 0;
    for (const { heldBytes } of this.#writers.values()) held += heldBytes;
    if (held > MAX_HELD_BYTES) this.#largest().writer.finishRowGroup();
  }

  #largest(): { day: number; writer: PartitionWriter } {
    let largest: { day: number; writer: PartitionWriter; heldBytes: number } | undefined;
    for (const [day, writer] of this.#writers) {
      const { heldBytes } = writer;
      if (!largest || heldBytes > largest.heldBytes) largest = { day, writer, heldBytes };
    }
    return largest!;
  }

  #close(day: number): void {
    const writer = this.#writers.get(day)!;
    writer.close();
    this.#invalidOfClosed += writer.invalidCount;
    this.#writers.delete(day);
  }

  /** Row groups that are ready, in the order in which they became so. */
  takeFinished(): FinishedRowGroup[] {
    return this.#finished.splice(0);
  }

  /** Ends all partitions, the earliest day first. */
  close(): void {
    for (const day of [...this.#writers.keys()].sort((a, b) => a - b)) this.#close(day);
  }
}
