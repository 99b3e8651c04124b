import { dateOfDay } from "../columns/calendar.ts";
import { GrowingBytes } from "../columns/growing-bytes.ts";
import { TextIndex } from "../columns/reference/text-index.ts";
import { FIELD_STRIDE, NULL_LENGTH, type RowBatch } from "../columns/row-batch.ts";
import type { Decoding } from "../columns/schema.ts";
import { storedText } from "../columns/text-decoding.ts";

/**
 * Makes the value that is kept of a value.
 *
 * @param value - As the table would hold it: escapes undone.
 * @param date - The row's day, `YYYY-MM-DD`; empty where nothing depends on it.
 * @returns Null when nothing is kept.
 */
export type Rewrite = (value: string, date: string) => string | null;

export interface RewriterOptions {
  readonly rewrite: Rewrite;
  /** How the log escaped the column's text. What is made of it is escaped alike, as the column undoes it again. */
  readonly decoding: Decoding | undefined;
  /** Whether `rewrite` makes something else of a value each day. */
  readonly dependsOnDate: boolean;
  /**
   * Does what `rewrite` would to the plain cases, in the text's bytes.
   *
   * @param at - The place of the field in `batch.fields`.
   * @returns False when the field is left to `rewrite`.
   */
  readonly rewriteBytes?: ((batch: RowBatch, at: number) => boolean) | undefined;
}

/** The cache forgets all when it holds more. */
const MAX_CACHED_VALUES = 1 << 15;
const MAX_CACHED_BYTES = 4 << 20;
/** Longer texts hardly come twice. */
const MAX_CACHED_TEXT_BYTES = 4 << 10;

/** In place of the length of what is kept of a value. */
const UNCHANGED = -2;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Rewrites one column of batches. What became of a text is remembered, so that the work and its strings are for each
 * distinct text, and a field costs a look-up of its bytes.
 */
export class ColumnRewriter {
  readonly #options: RewriterOptions;
  readonly #texts = new TextIndex();
  // What is kept of each text, by its number: where it begins in `#kept`, its length, and the day for which it was made.
  readonly #starts = new Int32Array(MAX_CACHED_VALUES);
  readonly #lengths = new Int32Array(MAX_CACHED_VALUES);
  readonly #days = new Int32Array(MAX_CACHED_VALUES);
  readonly #kept = new GrowingBytes(1 << 12);
  // Where it stands in the text of the batch in which it came last.
  readonly #batches = new Float64Array(MAX_CACHED_VALUES);
  readonly #places = new Int32Array(MAX_CACHED_VALUES);
  #batchNumber = 0;

  constructor(options: RewriterOptions) {
    this.#options = options;
  }

  apply(batch: RowBatch, column: number): void {
    this.#batchNumber++;
    const { rewriteBytes } = this.#options;
    for (let row = 0, at = 2 * column * FIELD_STRIDE; row < batch.rowCount; row++, at += 2) {
      // Taken anew for each row: text that is added may move the batch's arrays.
      if (batch.fields[at + 1]! <= 0) continue;
      if (!rewriteBytes?.(batch, at)) this.#rewriteField(batch, at, batch.days[row]!);
    }
  }

  #rewriteField(batch: RowBatch, at: number, day: number): void {
    const start = batch.fields[at]!;
    const length = batch.fields[at + 1]!;
    if (length > MAX_CACHED_TEXT_BYTES) {
      this.#place(batch, at, this.#make(batch, start, length, day));
      return;
    }
    const texts = this.#texts;
    if (texts.count === MAX_CACHED_VALUES || texts.textBytes + this.#kept.length > MAX_CACHED_BYTES) this.#forget();
    const known = texts.count;
    const number = texts.numberOf(batch.view, start, length);
    if (number === known || (this.#options.dependsOnDate && this.#days[number] !== day))
      this.#remember(number, this.#make(batch, start, length, day), day);
    this.#use(batch, at, number);
  }

  #forget(): void {
    this.#texts.clear();
    this.#kept.length = 0;
  }

  /** @returns What is kept of a text, escaped; null when nothing is, undefined when all of it is. */
  #make(batch: RowBatch, start: number, length: number, day: number): Uint8Array | null | undefined {
    const { rewrite, decoding } = this.#options;
    const value = decoder.decode(storedText(batch.bytes.subarray(start, start + length), decoding));
    const kept = rewrite(value, this.#options.dependsOnDate ? dateOfDay(day) : "");
    if (kept === null) return null;
    return kept === value ? undefined : Buffer.from(escaped(kept, decoding));
  }

  #remember(number: number, kept: Uint8Array | null | undefined, day: number): void {
    this.#days[number] = day;
    this.#batches[number] = 0;
    this.#lengths[number] = kept === null ? NULL_LENGTH : (kept?.length ?? UNCHANGED);
    if (!kept) return;
    this.#starts[number] = this.#kept.length;
    this.#kept.append(kept);
  }

  /** Sets a field to what is kept of the text with a number. */
  #use(batch: RowBatch, at: number, number: number): void {
    const length = this.#lengths[number]!;
    if (length === UNCHANGED) return;
    if (length === NULL_LENGTH) {
      batch.fields[at + 1] = NULL_LENGTH;
      return;
    }
    if (this.#batches[number] !== this.#batchNumber) {
      const start = this.#starts[number]!;
      this.#places[number] = batch.addText(this.#kept.bytes.subarray(start, start + length));
      this.#batches[number] = this.#batchNumber;
    }
    batch.fields[at] = this.#places[number]!;
    batch.fields[at + 1] = length;
  }

  #place(batch: RowBatch, at: number, kept: Uint8Array | null | undefined): void {
    if (kept === undefined) return;
    if (kept === null) {
      batch.fields[at + 1] = NULL_LENGTH;
      return;
    }
    const start = batch.addText(kept);
    batch.fields[at] = start;
    batch.fields[at + 1] = kept.length;
  }
}

/** The text of which `storedText` makes `value` again. */
function escaped(value: string, decoding: Decoding | undefined): string {
  switch (decoding) {
    case "percent":
      return value.replaceAll("%", "%25");
    case "backslash":
      return value.replaceAll("\\", "\\\\");
    case undefined:
      return value;
  }
}
