import type { RowBlock } from "../../rows/row-block.ts";
import { BACKSLASH, MINUS, QUOTE, SPACE } from "../ascii.ts";

/** More fields than any record of the load balancers has; the rest of the record is one last field. */
const MAX_FIELDS = 256;

/**
 * The fields of a record as the load balancers write it: separated by spaces, in quotes where the value may hold one. No field
 * is empty outside quotes, so a run of spaces is one separator. Within quotes a backslash takes the next character with it, so
 * `\"` does not end the field; a value that ends in a backslash is told by what follows. After a closing quote the space may be
 * missing.
 */
export class QuotedFields {
  count = 0;
  /** Where each field starts and ends, without its quotes. */
  readonly starts = new Int32Array(MAX_FIELDS);
  readonly ends = new Int32Array(MAX_FIELDS);

  readonly #quotesInside: boolean;

  /**
   * @param options.quotes - `around`: the value of a field in quotes is the text between them. `inside`: quotes are part of
   *   the value, and only protect its spaces.
   */
  constructor({ quotes = "around" }: { quotes?: "around" | "inside" } = {}) {
    this.#quotesInside = quotes === "inside";
  }

  /** @returns False when the record ends within a quoted field. */
  split(bytes: Uint8Array, start: number, end: number): boolean {
    const { starts, ends } = this;
    let count = 0;
    let i = start;
    // A space at the end of the record does not begin another field.
    while (i < end && count < MAX_FIELDS) {
      if (bytes[i] === SPACE) {
        i++;
        continue;
      }
      if (bytes[i] === QUOTE && !this.#quotesInside) {
        const j = closingQuote(bytes, i, end);
        if (j < 0) return false;
        starts[count] = i + 1;
        ends[count++] = j;
        i = j + 1;
        continue;
      }
      let j = i;
      let isQuoted = false;
      while (j < end && (isQuoted || bytes[j] !== SPACE)) {
        if (this.#quotesInside && bytes[j] === QUOTE) isQuoted = !isQuoted;
        j++;
      }
      if (isQuoted) return false;
      starts[count] = i;
      ends[count++] = count === MAX_FIELDS ? end : j;
      i = j + 1;
    }
    this.count = count;
    return true;
  }

  /** Whether a field is `-`, which stands for null. */
  isDash(bytes: Uint8Array, field: number): boolean {
    const start = this.starts[field]!;
    const length = this.ends[field]! - start;
    if (length === 1) return bytes[start] === MINUS;
    return this.#quotesInside && length === 3 && bytes[start] === QUOTE && bytes[start + 1] === MINUS;
  }

  /** Keeps the fields from a position on under their position in the record, counted from 1. */
  keepSurplus(block: RowBlock, from: number): void {
    for (let field = from; field < this.count; field++) {
      block.extra.add(`extra_${field + 1}`, this.starts[field]!, this.ends[field]!);
    }
  }
}

/**
 * The quote that closes the one at `at`; -1 when none does.
 *
 * The load balancers write a backslash at the end of a user agent as it is, so that `\"` may be the end after all. Then the
 * next quote opens a field: it is followed by text. An escaped quote before it that could end the field does.
 */
function closingQuote(bytes: Uint8Array, at: number, end: number): number {
  let quote = at + 1;
  while (quote < end && bytes[quote] !== QUOTE) quote += bytes[quote] === BACKSLASH ? 2 : 1;
  if (quote < end && endsField(bytes, quote, end)) return quote;
  for (let i = Math.min(quote, end) - 1; i > at + 1; i--)
    if (bytes[i] === QUOTE && bytes[i - 1] === BACKSLASH && endsField(bytes, i, end)) return i;
  return quote < end ? quote : -1;
}

/** Whether a quote stands where a field may end: before a space, or at the end of the record. */
function endsField(bytes: Uint8Array, quote: number, end: number): boolean {
  return quote + 1 === end || bytes[quote + 1] === SPACE;
}
