/** The contract between a format, which reads the text of a log, and the code that shows it the text. */
import type { RejectReason } from "./rejection.ts";
import type { RowBlock } from "./row-block.ts";

/**
 * Reads the text of one object, or of a piece of it cut by the format's framer, in order.
 *
 * An *entry* is a row, a comment or a rejection. Every entry ends up in exactly one of the three counts; for formats
 * with a record a line, entries are the physical lines.
 */
export interface LogScanner {
  /**
   * Adds the whole entries in `block.bytes[start, end)` to the block and keeps `block.line` up to date.
   *
   * Whether an entry is too long must not depend on how the text comes: look at no more of one than `block.maxEntryBytes`
   * and a byte. The scanner may reject a longer entry as `LINE_TOO_LONG`, or leave it: then the caller rejects it up to
   * `endOfLong`, or up to the end of its first line.
   *
   * @param isLast - No text follows: an unfinished entry is an entry (or a rejection).
   * @returns Where the first entry begins that was not taken: either it is unfinished, or `block.isFull`.
   */
  scan(block: RowBlock, start: number, end: number, isLast: boolean): number;
  /**
   * Says that the text breaks off where it ends now. An entry that is whole is taken then, whatever could have followed it; what is
   * unfinished is left. Absent where a scanner never looks at what follows an entry.
   */
  breakOff?(): void;
  /**
   * Looks for the end of an entry that is too long, in the next bytes of it.
   *
   * @param isStart - The entry starts at `start`.
   * @returns Where it ends: at a line feed at the latest. Negative when it goes on beyond `end`.
   */
  endOfLong?(bytes: Uint8Array, start: number, end: number, isStart: boolean): number;
}

/** The outcome of reading a line. */
export type LineOutcome = "row" | "comment" | RejectReason;

/** The part of a scanner that is special to a format with one record a line; `lineScanner` makes a scanner of it. */
export interface LineReader {
  /**
   * Reads the line `block.bytes[start, end)`, which is not empty and comes without its line end (`\n` or `\r\n`).
   * The 32 bytes before `start` and after `end` may be read, whatever they hold.
   */
  readLine(block: RowBlock, start: number, end: number): LineOutcome;
}

/** Follows the text of one object to know where it may be cut into pieces, without reading its records. */
export interface Framer {
  /**
   * Takes the next bytes of the object.
   *
   * @param isLast - No text follows.
   * @returns The last place in `bytes` where the text may be cut: an offset after the end of a record, up to and
   *   including `bytes.length`. 0 when there is no such place.
   */
  follow(bytes: Uint8Array, isLast: boolean): number;
  /** Line feeds before the cut that `follow` returned last; set by framers that look for all of them anyway. */
  readonly lineFeeds?: number;
  /** Text that a scanner needs to start at the last cut that `follow` returned, if any. */
  readonly header: string | undefined;
}
