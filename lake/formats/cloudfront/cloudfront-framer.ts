import type { Framer } from "../../rows/scanner.ts";
import { LINE_FEED, latin1 } from "../ascii.ts";
import { headerOf, isMeantAsHeader, MAX_HEADER_BYTES, UNREADABLE_HEADER } from "./cloudfront-fields.ts";

const BYTE_ORDER_MARK = "\xef\xbb\xbf";

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
        if (this.#open.length > MAX_HEADER_BYTES) {
          // Too long to be read. Its names are lost, and that there was a header is not.
          if (isMeantAsHeader(this.#open)) this.header = UNREADABLE_HEADER;
          this.#open = undefined;
        }
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
    const header = unmarked === "" ? undefined : headerOf(unmarked);
    // One that says nothing changes nothing where names are known.
    if (header === "empty") this.header ??= UNREADABLE_HEADER;
    else if (header) this.header = header === "unreadable" ? UNREADABLE_HEADER : unmarked;
  }
}

/** Whether a line may be a header: records begin with a digit. */
function mayStartHeader(byte: number): boolean {
  return byte < 0x30 || byte > 0x39;
}
