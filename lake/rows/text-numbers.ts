/** Rows with texts to number: a `RowBlock`. */
interface NumberedRows {
  readonly rowCount: number;
  readonly fields: Int32Array;
  readonly view: DataView;
  renewViews(): void;
}

/** Numbers the different texts of a field from 0, in the order of their first appearance. */
export interface TextNumbers {
  /** How many different texts there are. */
  readonly count: number;
  /** Bytes of all of them. */
  readonly textBytes: number;
  /**
   * Gives `numbers[row]` the number of the text in each row, or -1 where there is none. Numbers at or
   * above the `count` before the call belong to new texts.
   */
  number(rows: NumberedRows, column: number, numbers: Int32Array): void;
  /** Forgets all texts; numbers start from 0 again. */
  clear(): void;
}
