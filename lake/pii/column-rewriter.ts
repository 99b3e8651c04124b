import { BLOCK_ROWS, FIELD_STRIDE, NULL_LENGTH } from "../rows/block-layout.ts";
import { dateOfDay } from "../rows/calendar.ts";
import { GrowingBytes } from "../rows/growing-bytes.ts";
import type { RowBlock } from "../rows/row-block.ts";
import type { Decoding } from "../rows/schema.ts";
import { storedText } from "../rows/text-decoding.ts";
import type { TextNumbers } from "../rows/text-numbers.ts";

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
   * @param at - The place of the field in `block.fields`.
   * @returns False when the field is left to `rewrite`.
   */
  readonly rewriteBytes?: ((block: RowBlock, at: number) => boolean) | undefined;
}

/** What was made is forgotten once more texts are remembered than this, or more bytes of them and of what was made. */
const MAX_TEXTS = 1 << 15;
const MAX_TEXT_BYTES = 4 << 20;
/** A block with more text in the column holds long ones, which hardly come twice. */
const MAX_BLOCK_TEXT_BYTES = 1 << 20;
/** A block may add as many to the most that are remembered. */
const TEXT_CAPACITY = MAX_TEXTS + BLOCK_ROWS;

/** In place of the length of what is kept of a value. */
const UNCHANGED = -2;
/** In place of where it stands: not in this block. */
const NOWHERE = -1;
/** In place of a length in `done`: there is work left. */
const LEFT = -3;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

// For each row of the block at hand: the length of a field with which nothing is left to do, and the number of its text.
const done = new Int32Array(BLOCK_ROWS);
const numbers = new Int32Array(BLOCK_ROWS);

/**
 * Rewrites one column of blocks. The engine numbers its texts and what became of a text is remembered by the number, so that
 * the work and its strings are for each distinct text, and a row costs a look-up in a table. Texts that can be rewritten in their
 * bytes are not numbered: that is sooner done than to find them.
 */
export class ColumnRewriter {
  readonly #options: RewriterOptions;
  #texts: TextNumbers | undefined;
  #block: RowBlock | undefined;
  // What is kept of each text, by its number: where it begins in `#kept`, its length, and the day for which it was made.
  readonly #starts = new Int32Array(TEXT_CAPACITY);
  readonly #lengths = new Int32Array(TEXT_CAPACITY);
  readonly #days = new Int32Array(TEXT_CAPACITY);
  readonly #kept = new GrowingBytes(1 << 12);
  /** Where it stands in the text of the block at hand, or `NOWHERE`. */
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
   * Rewrites what can be in its bytes, and hides the fields with which nothing is left to do: as long as they are null, they
   * have no number.
   *
   * @returns Bytes of text that are left.
   */
  #rewriteInBytes(block: RowBlock, column: number): number {
    const { rewriteBytes } = this.#options;
    let leftBytes = 0;
    for (let row = 0, at = 2 * column * FIELD_STRIDE; row < block.rowCount; row++, at += 2) {
      // Taken anew for each row: text that is added may move the block's arrays.
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
    // What was put into the last block is gone.
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

  /** Numbers of texts live in the memory of a block. */
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

  /** @returns What is kept of a text, escaped; null when nothing is, undefined when all of it is. */
  #make(block: RowBlock, start: number, length: number, day: number): Uint8Array | null | undefined {
    const { rewrite, decoding } = this.#options;
    const value = decoder.decode(storedText(block.bytes.subarray(start, start + length), decoding));
    const kept = rewrite(value, this.#options.dependsOnDate ? dateOfDay(day) : "");
    if (kept === null) return null;
    return kept === value ? undefined : Buffer.from(escaped(kept, decoding));
  }

  /** Makes what is kept of a field's text and remembers it by the text's number. */
  #remember(block: RowBlock, at: number, number: number, day: number): void {
    const kept = this.#make(block, block.fields[at]!, block.fields[at + 1]!, day);
    this.#days[number] = day;
    this.#places[number] = NOWHERE;
    this.#lengths[number] = kept === null ? NULL_LENGTH : (kept?.length ?? UNCHANGED);
    if (!kept) return;
    this.#starts[number] = this.#kept.length;
    this.#kept.append(kept);
  }

  /** Sets a field to what is kept of the text with a number. */
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

  /** Rewrites a field and remembers nothing. */
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
