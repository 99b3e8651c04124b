/** A CloudFront log of any size, and what must come out of it: counted on the way, from the bytes. */
import { cloudFrontText } from "../columns/generate.ts";

const TAB = 0x09;
const LINE_FEED = 0x0a;
const HASH = 0x23;
/** Position of `sc-bytes` among the fields. */
const SENT_BYTES_FIELD = 3;
/** Rows of one log: its clients and pages, and then others. */
const LOG_ROWS = 1_000_000;

/** What is known of the text so far. */
export class Counted {
  textBytes = 0;
  /** Physical lines, comments included. */
  lines = 0;
  comments = 0;
  /** Of `sc-bytes` of all rows. */
  sentBytes = 0n;
  /** Of the numbers of the lines with rows. */
  lineNumbers = 0n;

  get rows(): number {
    return this.lines - this.comments;
  }

  /** @param block - Whole lines. */
  add(block: Uint8Array): void {
    let sentBytes = 0;
    let lineNumbers = 0;
    for (let at = 0; at < block.length; at = block.indexOf(LINE_FEED, at) + 1) {
      this.lines++;
      if (block[at] === HASH) {
        this.comments++;
        continue;
      }
      lineNumbers += this.lines;
      for (let field = 0; field < SENT_BYTES_FIELD; field++) at = block.indexOf(TAB, at) + 1;
      let number = 0;
      for (; block[at] !== TAB; at++) number = number * 10 + block[at]! - 0x30;
      sentBytes += number;
    }
    this.textBytes += block.length;
    this.sentBytes += BigInt(sentBytes);
    this.lineNumbers += BigInt(lineNumbers);
  }
}

/** At least `bytes` of text: logs one after the other, each with its header, as if several were joined. */
export function* largeText(bytes: number, counted: Counted): Generator<Uint8Array, void, undefined> {
  for (let seed = 1; ; seed++) {
    for (const block of cloudFrontText({ rows: LOG_ROWS, seed })) {
      counted.add(block);
      yield block;
      if (counted.textBytes >= bytes) return;
    }
  }
}
