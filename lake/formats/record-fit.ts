/**
 * Whether the fields of a record are where its format says. A format that is read by position would put every value after a
 * missing or an additional field into the wrong column.
 */
import { FIELD_STRIDE } from "../rows/block-layout.ts";
import type { RowBlock } from "../rows/row-block.ts";
import type { ColumnDefinition, ColumnType } from "../rows/schema.ts";
import { parseValue } from "../rows/typed-value.ts";
import { MINUS, QUOTE } from "./ascii.ts";

/** A record with so many values that its typed columns cannot hold is no record of these columns. Fewer are odd values. */
const MOST_ODD_VALUES = 2;

const ZERO = 0x30;
/** A whole number of so many digits fits any type of whole numbers. */
const SURE_DIGITS = 9;

const scratch = new DataView(new ArrayBuffer(8));

interface FitOptions {
  /** The column of the event time, which a row has in any case. */
  readonly time: number;
  /** The writer puts texts in quotes, and numbers not: a number's column with a quoted text says enough. */
  readonly quotesTexts?: boolean;
  /** Columns of an address and its port, which the writer always writes. */
  readonly endpoints?: readonly (readonly [address: number, port: number])[];
}

export class RecordFit {
  readonly #columns: Int32Array;
  readonly #types: readonly ColumnType[];
  readonly #quotesTexts: boolean;
  readonly #endpoints: readonly (readonly [address: number, port: number])[];

  constructor(columns: readonly ColumnDefinition[], { time, quotesTexts = false, endpoints = [] }: FitOptions) {
    const typed = [...columns.keys()].filter((column) => columns[column]!.type !== "string" && column !== time);
    this.#columns = Int32Array.from(typed);
    this.#types = typed.map((column) => columns[column]!.type);
    this.#quotesTexts = quotesTexts;
    this.#endpoints = endpoints;
  }

  /**
   * Judges the current row of a block, whose fields are set.
   *
   * @param oddTexts - Texts that are not as the writer writes them (`oddQuotes`); they count as values that do not fit.
   * @returns Whether three or more typed values do not fit their columns, or more than half of them, the event time included.
   */
  isShifted({ bytes, fields, rowCount }: RowBlock, oddTexts = 0): boolean {
    let values = 1 + oddTexts;
    let odd = oddTexts;
    for (const [address, port] of this.#endpoints) {
      if (fields[2 * (address * FIELD_STRIDE + rowCount) + 1]! < 0) continue;
      if (fields[2 * (port * FIELD_STRIDE + rowCount) + 1]! >= 0) continue;
      values++;
      odd++;
    }
    for (let i = 0; i < this.#columns.length; i++) {
      const at = 2 * (this.#columns[i]! * FIELD_STRIDE + rowCount);
      const length = fields[at + 1]!;
      if (length < 0) continue;
      values++;
      const start = fields[at]!;
      const type = this.#types[i]!;
      const isNumber = type === "int32" || type === "int64" || type === "double";
      if (isNumber && isShortNumber(bytes, start, length)) continue;
      if (parseValue(type, bytes, start, start + length, scratch, 0)) continue;
      odd++;
      if (this.#quotesTexts && isNumber && bytes[start - 1] === QUOTE) return true;
    }
    return odd > MOST_ODD_VALUES || 2 * odd > values;
  }
}

/** How the writer writes the fields: of each, whether it is in quotes. Fields that are not in the list may be either. */
export type QuotedPositions = Int8Array;

/** @param ranges - Positions of fields in quotes, and of others. */
export function quotedPositions(inQuotes: readonly number[], plain: readonly number[]): QuotedPositions {
  const positions = new Int8Array(1 + Math.max(...inQuotes, ...plain)).fill(-1);
  for (const field of inQuotes) positions[field] = 1;
  for (const field of plain) positions[field] = 0;
  return positions;
}

/** Counts the fields that are in quotes where the writer writes none, or the other way round. A dash may be either. */
export function oddQuotes(
  bytes: Uint8Array,
  { starts, ends, count }: { readonly starts: Int32Array; readonly ends: Int32Array; readonly count: number },
  positions: QuotedPositions,
): number {
  let odd = 0;
  // The byte before the first field is of another record.
  for (let field = 1; field < count && field < positions.length; field++) {
    const wanted = positions[field]!;
    const start = starts[field]!;
    if (wanted < 0 || (bytes[start - 1] === QUOTE ? 1 : 0) === wanted) continue;
    if (ends[field]! - start !== 1 || bytes[start] !== MINUS) odd++;
  }
  return odd;
}

/** Whether a text is digits only, and few: a value of every numeric type. */
function isShortNumber(bytes: Uint8Array, start: number, length: number): boolean {
  if (length === 0 || length > SURE_DIGITS) return false;
  for (let i = start; i < start + length; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit < 0 || digit > 9) return false;
  }
  return true;
}
