import type { RowBlock } from "../rows/row-block.ts";
import type { PageEncoding } from "./row-group.ts";

/** The rows since the page before, encoded but not compressed. Valid until the next call on the same engine. */
export interface EncodedPage {
  readonly encoding: PageEncoding;
  readonly rowCount: number;
  readonly nullCount: number;
  /** Definition levels. */
  readonly levels: Uint8Array;
  /** Values. */
  readonly body: Uint8Array;
  /** Bounds of the page; undefined where it has only nulls. */
  readonly bounds: Bounds | undefined;
}

/** Least and greatest value, PLAIN-encoded; texts without their length. */
export interface Bounds {
  readonly min: Uint8Array;
  readonly max: Uint8Array;
}

/** A field whose text its column's type cannot hold. */
export interface InvalidField {
  readonly row: number;
  readonly column: number;
}

/** Turns the fields of one column of one partition into pages. */
export interface ColumnEncoder {
  /** Whether it is a text column: texts are never invalid. */
  readonly isText: boolean;
  /** Bytes of memory that its data takes. It depends on the rows alone, not on how they came in. */
  readonly heldBytes: number;
  /**
   * Takes the fields of the block's rows `[startRow, endRow)`. They must not be more than a page has room for.
   *
   * @param column - Column of the block.
   * @param invalid - Gets the fields that could not be typed; they become null.
   */
  append(block: RowBlock, column: number, startRow: number, endRow: number, invalid: InvalidField[]): void;
  /** Ends a page of at least one row. */
  takePage(): EncodedPage;
  /** The values of the dictionary, PLAIN-encoded, where a page uses it. Valid until the next call on the engine. */
  takeDictionary(): { readonly valueCount: number; readonly body: Uint8Array } | undefined;
  /** Bounds of all values since the last `reset`; undefined where there are only nulls. */
  bounds(): Bounds | undefined;
  /** Gets ready for the next row group. */
  reset(): void;
  /** Gives the memory back to the engine. */
  close(): void;
}
