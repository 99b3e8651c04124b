import type { RowBatch } from "./row-block.ts";

/** Numbers the different texts of a field from 0, in the order of their first appearance. */
export interface TextNumbers {
  /** How many different texts there are. */
  readonly count: number;
  /** Bytes of all of them. */
  readonly textBytes: number;
  /**
   * Gives `numbers[row]` the number of the text in each row of the batch, or -1 where there is none. Numbers from what
   * `count` was before on are those of new texts.
   */
  number(batch: RowBatch, column: number, numbers: Int32Array): void;
  /** Forgets all texts; numbers start from 0 again. */
  clear(): void;
}
