import type { Framer } from "../formats/format.ts";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
/** A header is a line; longer ones are no headers. */
const MAX_HEADER_BYTES = 64 << 10;

/**
 * Cuts a text after any line end.
 *
 * @param headerPrefix - How a line starts that says how to read the lines after it; the last one is carried over.
 */
export function lineFramer(headerPrefix?: string): Framer {
  return headerPrefix === undefined ? new LineFramer() : new HeaderFramer(headerPrefix);
}

class LineFramer implements Framer {
  readonly header = undefined;

  follow(bytes: Uint8Array, isLast: boolean): number {
    return isLast ? bytes.length : bytes.lastIndexOf(LINE_FEED) + 1;
  }
}

class HeaderFramer implements Framer {
  header: string | undefined;
  readonly #prefix: Uint8Array;
  /** The beginning of a line that may be a header, when it came in parts. */
  #open: number[] | undefined = [];
  /** Bytes of a byte order mark at the start of the text that were passed over; 3 when there can be none. */
  #mark = 0;

  constructor(prefix: string) {
    this.#prefix = new TextEncoder().encode(prefix);
  }

  follow(bytes: Uint8Array, isLast: boolean): number {
    let at = 0;
    while (this.#mark < 3 && at < bytes.length) {
      if (bytes[at] === BYTE_ORDER_MARK[this.#mark]) {
        this.#mark++;
        at++;
      } else this.#mark = 3;
    }
    // Only lines whose first byte is right are looked at; the others are passed over without a copy.
    while (at < bytes.length) {
      if (this.#open !== undefined) {
        at = this.#followCandidate(bytes, at);
        continue;
      }
      const lineFeed = bytes.indexOf(LINE_FEED, at);
      if (lineFeed < 0) break;
      at = lineFeed + 1;
      this.#open = [];
    }
    return isLast ? bytes.length : bytes.lastIndexOf(LINE_FEED) + 1;
  }

  /** Takes bytes of a line that is a header as far as it was seen; returns where to go on. */
  #followCandidate(bytes: Uint8Array, start: number): number {
    const open = this.#open!;
    for (let i = start; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (byte === LINE_FEED) {
        if (open.length >= this.#prefix.length) this.#setHeader(open);
        this.#open = [];
        return i + 1;
      }
      const isPrefix = open.length >= this.#prefix.length || byte === this.#prefix[open.length];
      if (!isPrefix || open.length >= MAX_HEADER_BYTES) {
        this.#open = undefined;
        return i;
      }
      open.push(byte);
    }
    return bytes.length;
  }

  #setHeader(line: number[]): void {
    const end = line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length;
    this.header = Buffer.from(line.slice(0, end)).toString("latin1");
  }
}
