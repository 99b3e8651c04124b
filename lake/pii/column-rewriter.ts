import { BLOCK_ROWS, FIELD_STRIDE, NULL_LENGTH } from "../rows/block-layout.ts";
import { dateOfDay } from "../rows/calendar.ts";
import { GrowingBytes } from "../rows/growing-bytes.ts";
import type { RowBlock } from "../rows/row-block.ts";
import type { Decoding } from "../rows/schema.ts";
import { storedText } from "../rows/text-decoding.ts";
import type { TextNumbers } from "../rows/text-numbers.ts";

/**
 * Makes the value to keep from a value.
 *
 * @param value - The value as the table would hold it: escapes undone.
 * @param date - The row's day, `YYYY-MM-DD`; empty when the result does not depend on it.
 * @returns Null when nothing is kept.
 */
export type Rewrite = (value: string, date: string) => string | null;

export interface RewriterOptions {
  readonly rewrite: Rewrite;
  /** How the log escaped the column's text. New text is escaped in the same way, because the column undoes it again. */
  readonly decoding: Decoding | undefined;
  /** Whether the result of `rewrite` depends on the day. */
  readonly dependsOnDate: boolean;
  /**
   * Does the work of `rewrite` for plain cases, in the text's bytes.
   *
   * @param at - The place of the field in `block.fields`.
   * @returns False when the field is left to `rewrite`.
   */
  readonly rewriteBytes?: ((block: RowBlock, at: number) => boolean) | undefined;
}

/** Results are forgotten when there are more texts than this, or more bytes of texts and results. */
const MAX_TEXTS = 1 << 15;
const MAX_TEXT_BYTES = 4 << 20;
/** A block with more text in the column holds long texts, which hardly repeat. */
const MAX_BLOCK_TEXT_BYTES = 1 << 20;
/** Room for the texts of one more block. */
const TEXT_CAPACITY = MAX_TEXTS + BLOCK_ROWS;

/** Stands for the length of a kept value: the value stays as it is. */
const UNCHANGED = -2;
/** Stands for the place of a kept value: not in this block yet. */
const NOWHERE = -1;
/** Stands for a length in `done`: the field is not done. */
const LEFT = -3;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

// For each row of the current block: the length of a field that is done, and the number of its text.
const done = new Int32Array(BLOCK_ROWS);
const numbers = new Int32Array(BLOCK_ROWS);

/**
 * Rewrites one column of blocks. The engine numbers its texts, and results are remembered by these numbers: so each distinct
 * text is rewritten once, and a row costs one look-up in a table. Texts that can be rewritten in their bytes are not numbered,
 * because rewriting them is faster than finding them.
 */
export class ColumnRewriter {
  readonly #options: RewriterOptions;
  #texts: TextNumbers | undefined;
  #block: RowBlock | undefined;
  // The kept value of each text, by its number: its start in `#kept`, its length, and the day for which it was made.
  readonly #starts = new Int32Array(TEXT_CAPACITY);
  readonly #lengths = new Int32Array(TEXT_CAPACITY);
  readonly #days = new Int32Array(TEXT_CAPACITY);
  readonly #kept = new GrowingBytes(1 << 12);
  /** Its place in the text of the current block, or `NOWHERE`. */
  readonly #places = new Int32Array(TEXT_CAPACITY);

  constructor(options: RewriterOptions) {
    this.#options = options;
  }

  apply(block: RowBlock, column: number): void {
    if (!hasText(block, column)) return;
    const leftBytes = this.#rewriteInBytes(block, column);
    if (leftBytes > 0 && leftBytes <= MAX_BLOCK_TEXT_BYTES) this.#rewriteNumbered(block, column);
    for (let row = 0, at = 2 * column * FIELD_STRIDE; row < block.rowCount; row++, at += 2)
      if (done[row] !== LEFT) block.fields[at + 1] = done[row]!;
      else if (leftBytes > MAX_BLOCK_TEXT_BYTES) this.#rewriteAlone(block, at, block.days[row]!);
  }

  /**
   * Rewrites fields in their bytes where possible, and hides fields that are done: as long as they are null, they get no number.
   *
   * @returns Bytes of text in the other fields.
   */
  #rewriteInBytes(block: RowBlock, column: number): number {
    const { rewriteBytes } = this.#options;
    let leftBytes = 0;
    for (let row = 0, at = 2 * column * FIELD_STRIDE; row < block.rowCount; row++, at += 2) {
      // Read again for each row: text that is added may move the block's arrays.
      const length = block.fields[at + 1]!;
      if (length > 0 && !rewriteBytes?.(block, at)) {
        done[row] = LEFT;
        leftBytes += length;
      } else {
        done[row] = block.fields[at + 1]!;
        block.fields[at + 1] = NULL_LENGTH;
      }
    }
    return leftBytes;
  }

  #rewriteNumbered(block: RowBlock, column: number): void {
    const { dependsOnDate } = this.#options;
    const texts = this.#textsOf(block);
    let next = texts.count;
    texts.number(block, column, numbers);
    // The texts in the last block are gone.
    this.#places.fill(NOWHERE, 0, texts.count);
    for (let row = 0, at = 2 * column * FIELD_STRIDE; row < block.rowCount; row++, at += 2) {
      const number = numbers[row]!;
      if (number < 0) continue;
      const isNew = number === next;
      if (isNew) next++;
      const day = block.days[row]!;
      if (isNew || (dependsOnDate && this.#days[number] !== day)) this.#remember(block, at, number, day);
      this.#use(block, at, number);
    }
  }

  /** Numbers for texts; they live in the memory of the block. */
  #textsOf(block: RowBlock): TextNumbers {
    if (!this.#texts || block !== this.#block) {
      this.#block = block;
      this.#texts = block.openTextNumbers();
      this.#kept.length = 0;
    } else if (this.#texts.count > MAX_TEXTS || this.#texts.textBytes + this.#kept.length > MAX_TEXT_BYTES) {
      this.#texts.clear();
      this.#kept.length = 0;
    }
    return this.#texts;
  }

  /** @returns The value to keep, escaped; null to keep nothing, undefined to keep the text as it is. */
  #make(block: RowBlock, start: number, length: number, day: number): Uint8Array | null | undefined {
    const { rewrite, decoding } = this.#options;
    const value = decoder.decode(storedText(block.bytes.subarray(start, start + length), decoding));
    const kept = rewrite(value, this.#options.dependsOnDate ? dateOfDay(day) : "");
    if (kept === null) return null;
    return kept === value ? undefined : Buffer.from(escaped(kept, decoding));
  }

  /** Makes the value to keep of a field's text and remembers it by the text's number. */
  #remember(block: RowBlock, at: number, number: number, day: number): void {
    const kept = this.#make(block, block.fields[at]!, block.fields[at + 1]!, day);
    this.#days[number] = day;
    this.#places[number] = NOWHERE;
    this.#lengths[number] = kept === null ? NULL_LENGTH : (kept?.length ?? UNCHANGED);
    if (!kept) return;
    this.#starts[number] = this.#kept.length;
    this.#kept.append(kept);
  }

  /** Sets a field to the kept value of the text with a number. */
  #use(block: RowBlock, at: number, number: number): void {
    const length = this.#lengths[number]!;
    if (length >= 0) {
      if (this.#places[number] === NOWHERE) {
        const start = this.#starts[number]!;
        this.#places[number] = block.addText(this.#kept.bytes.subarray(start, start + length));
      }
      block.fields[at] = this.#places[number]!;
    }
    if (length !== UNCHANGED) block.fields[at + 1] = length;
  }

  /** Rewrites a field without remembering the result. */
  #rewriteAlone(block: RowBlock, at: number, day: number): void {
    const kept = this.#make(block, block.fields[at]!, block.fields[at + 1]!, day);
    if (kept === undefined) return;
    const start = kept && block.addText(kept);
    if (start !== null) block.fields[at] = start;
    block.fields[at + 1] = kept?.length ?? NULL_LENGTH;
  }
}

function hasText({ fields, rowCount }: RowBlock, column: number): boolean {
  for (let row = 0, at = 2 * column * FIELD_STRIDE + 1; row < rowCount; row++, at += 2)
    if (fields[at]! > 0) return true;
  return false;
}

/** Escapes a value, so that `storedText` gives the value again. */
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
