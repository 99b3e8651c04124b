import type { Framer } from "../../rows/scanner.ts";
import { CARRIAGE_RETURN, LINE_FEED, QUOTE, SPACE } from "../ascii.ts";
import { prologueAt } from "./csv-delimiter.ts";
import { INCOMPLETE, MAX_QUOTED_LINES } from "./csv-fields.ts";
import type { CsvOptions } from "./csv-options.ts";
import { knownLayout, preambleAt } from "./csv-preamble.ts";

/** A header is at the start of the object and no longer than this. */
const MAX_HEADER_BYTES = 1 << 20;

/** States of the framer: its place in a field. */
const FIELD_START = 0;
const PLAIN = 1;
const QUOTED = 2;
/** After a quote within quotes: it closes the field, unless another quote or other text follows. */
const MAYBE_CLOSED = 3;
/** After that quote and blanks. */
const MAYBE_CLOSED_BLANK = 4;

/** Follows the quotes to know which line ends are within them, and reads the layout from the first line. */
export class CsvFramer implements Framer {
  header: string | undefined;
  readonly #options: CsvOptions;
  #delimiter = 0;
  /** The first bytes, until the header is read from them. */
  #head: Buffer | undefined = Buffer.alloc(0);
  #state = FIELD_START;
  /** Lines in the open quote, and whether text followed a quote inside it. */
  #quotedLines = 0;
  #isOdd = false;

  constructor(options: CsvOptions) {
    this.#options = options;
  }

  follow(bytes: Uint8Array, isLast: boolean): number {
    if (!this.#head) return this.#lastCut(bytes, isLast);
    const before = this.#head.length;
    this.#head = Buffer.concat([this.#head, bytes]);
    const start = this.#head[0] === 0xef && this.#head[1] === 0xbb && this.#head[2] === 0xbf ? 3 : 0;
    const preamble = preambleAt(this.#head, start, this.#head.length, isLast, this.#options);
    if (preamble === INCOMPLETE && this.#head.length < MAX_HEADER_BYTES) return isLast ? bytes.length : 0;
    const layout = preamble === INCOMPLETE ? undefined : preamble.layout;
    this.header = layout && JSON.stringify(layout);
    const delimiter =
      layout?.delimiter ??
      prologueAt(this.#head, start, this.#head.length, true, knownLayout(this.#options)).delimiter!;
    this.#delimiter = delimiter.charCodeAt(0);
    const cut = start + this.#lastCut(this.#head.subarray(start), isLast);
    this.#head = undefined;
    if (isLast) return bytes.length;
    // A scanner that starts after a cut has the layout, and would take a header that follows for a record.
    const isBeforeRecords = preamble !== INCOMPLETE && cut < preamble.recordsAt;
    return isBeforeRecords ? 0 : Math.max(0, cut - before);
  }

  #lastCut(bytes: Uint8Array, isLast: boolean): number {
    let cut = 0;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      this.#state = this.#next(byte);
      if (byte === LINE_FEED && this.#state === FIELD_START) cut = i + 1;
    }
    return isLast ? bytes.length : cut;
  }

  /** The state after a byte, by the rules of `CsvFields`. */
  #next(byte: number): number {
    const isLineEnd = byte === LINE_FEED || byte === CARRIAGE_RETURN;
    const isEnd = isLineEnd || byte === this.#delimiter;
    switch (this.#state) {
      case FIELD_START:
        if (byte === QUOTE) return this.#open();
        return isEnd || byte === SPACE ? FIELD_START : PLAIN;
      case PLAIN:
        return isEnd ? FIELD_START : PLAIN;
      case QUOTED:
        if (byte === QUOTE) return MAYBE_CLOSED;
        return isLineEnd && (++this.#quotedLines > MAX_QUOTED_LINES || this.#isOdd) ? FIELD_START : QUOTED;
    }
    // After a quote.
    if (isEnd) return FIELD_START;
    if (byte === SPACE) return MAYBE_CLOSED_BLANK;
    if (byte === QUOTE && this.#state === MAYBE_CLOSED) return QUOTED;
    this.#isOdd = true;
    return byte === QUOTE ? MAYBE_CLOSED : QUOTED;
  }

  #open(): number {
    this.#isOdd = false;
    this.#quotedLines = 0;
    return QUOTED;
  }
}
