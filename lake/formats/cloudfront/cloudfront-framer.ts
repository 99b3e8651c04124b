import type { Framer } from "../../rows/scanner.ts";
import { HASH, LINE_FEED, latin1 } from "../ascii.ts";
import { headerFields, MAX_HEADER_BYTES } from "./cloudfront-fields.ts";

const BYTE_ORDER_MARK = "\xef\xbb\xbf";
const ASCII_LETTER_BIT = 0x20;

/** Cuts a text after any line end, and carries the last header over. */
export class CloudFrontFramer implements Framer {
  header: string | undefined;
  lineFeeds = 0;
  /** The line whose end is missing, if it may be a header. */
  #open: string | undefined = "";

  follow(bytes: Uint8Array, isLast: boolean): number {
    this.lineFeeds = 0;
    for (let at = 0; at < bytes.length; ) {
      const lineFeed = bytes.indexOf(LINE_FEED, at);
      const end = lineFeed < 0 ? bytes.length : lineFeed;
      // Records begin with a digit: only other lines are looked at, records are skipped without a copy.
      if (this.#open !== undefined && (this.#open !== "" || mayStartHeader(bytes[at]!))) {
        this.#open += latin1(bytes, at, Math.min(end, at + MAX_HEADER_BYTES));
        if (this.#open.length >= MAX_HEADER_BYTES) this.#open = undefined;
      } else if (end > at) this.#open = undefined;
      if (lineFeed < 0) break;
      this.lineFeeds++;
      this.#take(this.#open ?? "");
      this.#open = "";
      at = lineFeed + 1;
    }
    return isLast ? bytes.length : bytes.lastIndexOf(LINE_FEED) + 1;
  }

  #take(text: string): void {
    const line = text.endsWith("\r") ? text.slice(0, -1) : text;
    const unmarked = line.startsWith(BYTE_ORDER_MARK) ? line.slice(BYTE_ORDER_MARK.length) : line;
    if (unmarked !== "" && headerFields(unmarked)) this.header = unmarked;
  }
}

/** `#`, a letter, or the byte order mark before either. */
function mayStartHeader(byte: number): boolean {
  const lower = byte | ASCII_LETTER_BIT;
  return byte === HASH || byte === 0xef || (lower >= 0x61 && lower <= 0x7a);
}
