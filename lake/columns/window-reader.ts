import { findByte } from "../rows/find-byte.ts";
import type { RowBlock } from "../rows/row-block.ts";
import type { LogScanner } from "../rows/scanner.ts";
import type { ColumnEngine } from "./column-engine.ts";

/** Text that is scanned at a time: its rows' fields are written to columns while the text is still in the cache. */
export const SCAN_BYTES = 256 << 10;
/** Less text than this is scanned at once: a buffer of input together with the end of the one before. */
const MAX_SCAN_BYTES = SCAN_BYTES + (SCAN_BYTES >> 2);
/** The first size of the window that input is copied to; a longer entry makes it larger. */
const WINDOW_BYTES = 2 << 20;
/** Text that may be added at a time: a larger buffer would make the window larger. */
export const MAX_ADDED_BYTES = WINDOW_BYTES / 2;

const LINE_FEED = 0x0a;

/** Feeds the text of a piece through the engine's window to the scanner, a cacheful of entries at a time. */
export class WindowReader {
  readonly #engine: ColumnEngine;
  readonly #block: RowBlock;
  readonly #scanner: LogScanner;
  readonly #minScanBytes: number;
  /** Where in the object the window's text starts. */
  #windowByte: number;
  /** Bytes of text in the window, from its start, and how many of them were scanned. */
  #filled = 0;
  #scanned = 0;
  /** Bytes that no scanner sees: a byte order mark, and line ends of entries that are too long. */
  skippedBytes = 0;
  #mayStartWithMark: boolean;
  /** The next scan needs this much text: less was not enough. Doubled each time, or a long entry is read over and over. */
  #neededBytes = 0;
  /** In the middle of an entry that is too long: bytes of its open part that were searched for its end. */
  #long: { isStart: boolean; searched: number } | undefined;

  constructor(options: {
    engine: ColumnEngine;
    block: RowBlock;
    scanner: LogScanner;
    firstByte: number;
    minScanBytes: number;
  }) {
    this.#engine = options.engine;
    this.#block = options.block;
    this.#scanner = options.scanner;
    this.#minScanBytes = options.minScanBytes;
    this.#windowByte = options.firstByte;
    this.#mayStartWithMark = options.firstByte === 0;
  }

  /** The place in the object of a place in the block's bytes. */
  byteOffset(at: number): number {
    return this.#windowByte + at - this.#engine.memory.windowStart;
  }

  /** Adds text. All entries before must have been taken from the block. */
  add(bytes: Uint8Array): void {
    const { memory } = this.#engine;
    if (this.#scanned > 0) {
      const { windowStart } = memory;
      memory.bytes.copyWithin(windowStart, windowStart + this.#scanned, windowStart + this.#filled);
      this.#windowByte += this.#scanned;
      this.#filled -= this.#scanned;
      this.#scanned = 0;
    }
    const needed = this.#filled + bytes.length;
    if (needed > memory.windowByteLength) {
      memory.growWindow(Math.max(WINDOW_BYTES, memory.windowByteLength * 2, needed));
      // The side text has moved, but the block is empty here.
      this.#block.clear();
    }
    memory.bytes.set(bytes, memory.windowStart + this.#filled);
    this.#filled += bytes.length;
    // A scanner that looks for a line end finds one here at the latest.
    memory.bytes[memory.windowStart + this.#filled] = LINE_FEED;
  }

  /** Whether there is enough text for a scan. Each scan has a cost, so it waits where text comes in small buffers. */
  get isReady(): boolean {
    return this.#filled - this.#scanned >= Math.max(this.#minScanBytes, this.#neededBytes);
  }

  /**
   * Scans the next text.
   *
   * @returns Whether the block has entries to take; if not, more text is needed.
   */
  scan(isLast: boolean): boolean {
    if (this.#mayStartWithMark && !this.#skipMark(isLast)) return false;
    if (this.#long) return this.#rejectLong(this.#long, isLast);
    const start = this.#scanned;
    const isLong = this.#neededBytes > SCAN_BYTES;
    let end = isLong || this.#filled - start < MAX_SCAN_BYTES ? this.#filled : start + SCAN_BYTES;
    if (start === end) return false;
    this.#scanTo(end, isLast);
    if (this.#scanned === start && end < this.#filled) {
      end = this.#filled;
      this.#scanTo(end, isLast);
    }
    this.#neededBytes = 0;
    if (this.#scanned > start) return true;
    if (this.#filled - start > this.#block.maxEntryBytes) {
      this.#long = { isStart: true, searched: 0 };
      return this.#rejectLong(this.#long, isLast);
    }
    this.#neededBytes = Math.min(2 * (this.#filled - start), this.#block.maxEntryBytes + 1);
    return false;
  }

  /** Says that no more text comes because it breaks off. What can be scanned is scanned after that. */
  breakOff(): void {
    this.#scanner.breakOff?.();
  }

  /** Rejects the entry in which the text breaks off, which no scan took. */
  rejectRest(): void {
    const { windowStart } = this.#engine.memory;
    if (this.#scanned === this.#filled) return;
    // The rest of an entry that is too long belongs to it.
    if (this.#long) this.#rejectPart(this.#long, this.#filled);
    else this.#block.reject("TRUNCATED", windowStart + this.#scanned, windowStart + this.#filled);
    this.#scanned = this.#filled;
  }

  #scanTo(end: number, isLast: boolean): void {
    const { windowStart } = this.#engine.memory;
    const isEnd = isLast && end === this.#filled;
    const next = this.#scanner.scan(this.#block, windowStart + this.#scanned, windowStart + end, isEnd);
    this.#scanned = next - windowStart;
  }

  /** Skips a UTF-8 byte order mark; false while it is not known whether there is one. */
  #skipMark(isLast: boolean): boolean {
    if (this.#filled < 3 && !isLast) return false;
    const { bytes, windowStart } = this.#engine.memory;
    const hasMark = this.#filled >= 3 && bytes[windowStart] === 0xef && bytes[windowStart + 1] === 0xbb;
    if (hasMark && bytes[windowStart + 2] === 0xbf) {
      this.#scanned = 3;
      this.skippedBytes += 3;
    }
    this.#mayStartWithMark = false;
    return true;
  }

  /**
   * Rejects an entry that is too long, in parts of the longest length that an entry may have.
   *
   * @returns Whether a part of it, or its end, was taken; false while more text is needed.
   */
  #rejectLong(long: { isStart: boolean; searched: number }, isLast: boolean): boolean {
    const { bytes, windowStart } = this.#engine.memory;
    const limit = Math.min(this.#filled, this.#scanned + this.#block.maxEntryBytes);
    const from = this.#scanned + long.searched;
    const isStart = long.isStart && long.searched === 0;
    const found = this.#endOfLong(bytes, windowStart + from, windowStart + limit, isStart) - windowStart;
    if (found >= 0) {
      this.#rejectPart(long, found);
      this.#scanned = found;
      this.#long = undefined;
      // A scanner that finds the end itself goes on with what is there, be it the line end.
      if (!this.#scanner.endOfLong) this.#passLineEnd();
      return true;
    }
    long.searched = limit - this.#scanned;
    if (long.searched === this.#block.maxEntryBytes) {
      this.#rejectPart(long, limit);
      this.#scanned = limit;
      return true;
    }
    if (!isLast) return false;
    this.#rejectPart(long, this.#filled);
    this.#scanned = this.#filled;
    this.#long = undefined;
    this.#passLineEnd();
    return true;
  }

  #passLineEnd(): void {
    if (this.#scanned < this.#filled) {
      this.#scanned++;
      this.skippedBytes++;
    }
    this.#block.line++;
  }

  #rejectPart(long: { isStart: boolean; searched: number }, end: number): void {
    const { windowStart } = this.#engine.memory;
    if (long.isStart) this.#block.reject("LINE_TOO_LONG", windowStart + this.#scanned, windowStart + end);
    else if (end > this.#scanned)
      this.#block.rejectMore("LINE_TOO_LONG", windowStart + this.#scanned, windowStart + end);
    long.isStart = false;
    long.searched = 0;
  }

  #endOfLong(bytes: Uint8Array, start: number, end: number, isStart: boolean): number {
    if (this.#scanner.endOfLong) return this.#scanner.endOfLong(bytes, start, end, isStart);
    return findByte(bytes, LINE_FEED, start, end);
  }
}
