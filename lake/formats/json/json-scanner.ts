/** Finds the records of JSON text, and the envelope around them; `record-reader.ts` reads each. */

import { FIELD_STRIDE, NULL_LENGTH } from "../../rows/block-layout.ts";
import type { RowBlock } from "../../rows/row-block.ts";
import type { LogScanner } from "../../rows/scanner.ts";
import { recordsPath } from "./json-envelope.ts";
import { INCOMPLETE, INVALID, isOneOf, skipKey, skipSpace, skipString, skipValue, stringText } from "./json-text.ts";
import type { RecordReader } from "./record-reader.ts";

const LINE_FEED = 0x0a;
const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** A scanner that can be asked for a few entries at a time. */
export interface RecordScanner extends LogScanner {
  /** Whether the next entry may be a record; false outside of an envelope's array. */
  readonly isAmongRecords: boolean;
  /** Scans at most `limit` entries and marks between them. */
  scanSome(block: RowBlock, start: number, end: number, isLast: boolean, limit: number): number;
}

/** The scanner's place in an envelope: before it, among its records, or between them and its end. */
interface Place {
  among: "documents" | "records" | "leftovers";
  /** Objects of the envelope that are open. */
  openObjects: number;
}

/**
 * Finds JSON records. Between records, brackets and commas are skipped. So a text can be read from any place between two
 * records, and a damaged array costs no whole record. Only a comma or an opening bracket with nothing after it is rejected.
 */
export class JsonScanner implements RecordScanner {
  readonly #recordsAt: readonly string[];
  readonly #record: RecordReader;
  #place: Place;
  /** The next line feed at or after the current entry; -1 when it is not known, infinite when there is none. */
  #feedAt = -1;

  constructor(record: RecordReader, recordsAt: readonly string[]) {
    this.#recordsAt = recordsAt;
    this.#record = record;
    this.#place = { among: this.#recordsAt.length > 0 ? "documents" : "records", openObjects: 0 };
  }

  get isAmongRecords(): boolean {
    return this.#place.among === "records";
  }

  scan(block: RowBlock, start: number, end: number, isLast: boolean): number {
    return this.scanSome(block, start, end, isLast, Number.POSITIVE_INFINITY);
  }

  scanSome(block: RowBlock, start: number, end: number, isLast: boolean, maxCount: number): number {
    let at = start;
    this.#feedAt = -1;
    for (let count = 0; count < maxCount && !block.isFull; count++) {
      const next = skipSpace(block.bytes, at, end);
      this.#countLines(block, at, next, end);
      at = next;
      if (at === end) break;
      // Looks at no more bytes than an entry may have: whether one is too long must not depend on how the text comes.
      const limit = Math.min(end, at + block.maxEntryBytes + 1);
      const after = this.#next(block, at, limit, isLast && limit === end);
      if (after < 0) break;
      this.#countLines(block, at, after, end);
      at = after;
    }
    return at;
  }

  /** Advances the block's line over a text. */
  #countLines(block: RowBlock, from: number, to: number, end: number): void {
    if (this.#feedAt < from) this.#feedAt = nextFeed(block.bytes, from, end);
    for (; this.#feedAt < to; this.#feedAt = nextFeed(block.bytes, this.#feedAt + 1, end)) block.line++;
  }

  /** Takes the entry or mark at `at`. Negative when its end is missing. */
  #next(block: RowBlock, at: number, end: number, isLast: boolean): number {
    switch (this.#place.among) {
      case "documents":
        return this.#openEnvelope(block, at, end, isLast);
      case "records":
        return this.#nextRecord(block, at, end, isLast);
      case "leftovers":
        return this.#closeEnvelope(block, at, end, isLast);
    }
  }

  #nextRecord(block: RowBlock, at: number, end: number, isLast: boolean): number {
    const { bytes } = block;
    switch (bytes[at]) {
      case OPENING_BRACKET: {
        const next = skipSpace(bytes, at + 1, end);
        if (next === end && !isLast) return INCOMPLETE;
        if (next === end) block.reject("INVALID_JSON", at, at + 1);
        return at + 1;
      }
      case CLOSING_BRACKET:
        if (this.#recordsAt.length > 0) this.#place.among = "leftovers";
        return at + 1;
      case COMMA: {
        const next = skipSpace(bytes, at + 1, end);
        if (next === end && !isLast) return INCOMPLETE;
        if (next === end || bytes[next] === COMMA || bytes[next] === CLOSING_BRACKET)
          block.reject("INVALID_JSON", at, at + 1);
        return at + 1;
      }
      default:
        // Joined files keep their byte order marks.
        if (isMark(bytes, at, end)) return at + BYTE_ORDER_MARK.length;
        return this.#value(block, at, end, isLast);
    }
  }

  #value(block: RowBlock, at: number, end: number, isLast: boolean): number {
    const { bytes } = block;
    const isObject = bytes[at] === OPENING_BRACE;
    const after = isObject ? this.#record.pass(block, at, end) : skipValue(bytes, at, end);
    if (isOpen(bytes, after, end) && !isLast) return INCOMPLETE;
    if (after < 0) return this.#rejectLine(block, at, end, isLast);
    const outcome = isObject ? this.#record.read(block, at, after) : "NOT_AN_OBJECT";
    if (outcome === "row") block.endRow();
    else if (outcome === "comment") block.comment();
    else if (outcome === "INVALID_DATE" && this.#isEnvelope(block, at, after)) block.reject("ENVELOPE", at, after);
    else block.reject(outcome, at, after);
    return after;
  }

  /** Whether an object rather is an envelope of records: it has none of the columns, but an array of objects. */
  #isEnvelope({ bytes, fields, columnCount, rowCount }: RowBlock, at: number, end: number): boolean {
    if (this.#recordsAt.length > 0) return false;
    for (let column = 0; column < columnCount; column++)
      if (fields[2 * (column * FIELD_STRIDE + rowCount) + 1] !== NULL_LENGTH) return false;
    return recordsPath(bytes, at, end) !== undefined;
  }

  /** Goes down the envelope to the bracket of the records. */
  #openEnvelope(block: RowBlock, at: number, end: number, isLast: boolean): number {
    const { bytes } = block;
    let i = at;
    for (const key of this.#recordsAt) {
      i = findMember(bytes, i, end, key);
      if (i === INCOMPLETE && !isLast) return INCOMPLETE;
      if (i < 0) return this.#rejectDocument(block, at, end, isLast);
    }
    if (i >= end && !isLast) return INCOMPLETE;
    if (i >= end || bytes[i] !== OPENING_BRACKET) return this.#rejectDocument(block, at, end, isLast);
    this.#place = { among: "records", openObjects: this.#recordsAt.length };
    return i + 1;
  }

  /** Skips what the envelope holds after the records: members, and its closing braces. */
  #closeEnvelope(block: RowBlock, at: number, end: number, isLast: boolean): number {
    const { bytes } = block;
    if (bytes[at] === CLOSING_BRACE) {
      this.#place.openObjects--;
      if (this.#place.openObjects === 0) this.#place.among = "documents";
      return at + 1;
    }
    if (bytes[at] === COMMA) {
      const value = skipKey(bytes, skipSpace(bytes, at + 1, end), end);
      const after = value < 0 ? value : skipValue(bytes, value, end);
      if (isOpen(bytes, after, end) && !isLast) return INCOMPLETE;
      if (after >= 0) return after;
    }
    const after = this.#rejectLine(block, at, end, isLast);
    if (after >= 0) this.#place = { among: "documents", openObjects: 0 };
    return after;
  }

  /** Rejects a document without the records: all of it when it is JSON, else its line. */
  #rejectDocument(block: RowBlock, at: number, end: number, isLast: boolean): number {
    const after = skipValue(block.bytes, at, end);
    if (isOpen(block.bytes, after, end) && !isLast) return INCOMPLETE;
    if (after < 0) return this.#rejectLine(block, at, end, isLast);
    block.reject("NO_MATCH", at, after);
    return after;
  }

  /** Rejects a text that is not JSON: up to the next record, or the end of the line on which it stopped being JSON. */
  #rejectLine(block: RowBlock, at: number, end: number, isLast: boolean): number {
    const { bytes } = block;
    const failedAt = endOfSense(bytes, at, end);
    if (failedAt === end && !isLast) return INCOMPLETE;
    const lineFeed = indexOf(bytes, LINE_FEED, failedAt, end);
    if (lineFeed < 0 && !isLast) return INCOMPLETE;
    const lineEnd = lineFeed < 0 ? end : lineFeed;
    const record = wholeRecordAfter(bytes, at, failedAt, lineEnd);
    block.reject("INVALID_JSON", at, record < 0 ? lineEnd : record - 1);
    return record < 0 ? Math.min(lineEnd + 1, end) : record;
  }
}

/** The place of the first byte with which a text from `at` on is not the start of a value; `end` when there is no such byte. */
function endOfSense(bytes: Uint8Array, at: number, end: number): number {
  const isOpen = (to: number) => skipValue(bytes, at, to) === INCOMPLETE;
  if (isOpen(end)) return end;
  // Twice as far each time, then halfway, so that a long text is read only a few times over.
  let length = 64;
  while (at + length < end && isOpen(at + length)) length *= 2;
  let open = at + Math.floor(length / 2);
  let closed = Math.min(at + length, end);
  if (!isOpen(open)) open = at;
  while (closed - open > 1) {
    const middle = (open + closed) >> 1;
    if (isOpen(middle)) open = middle;
    else closed = middle;
  }
  return closed - 1;
}

/** The first line after `at`, and not after `last`, that is one whole record; -1 when there is no such line. */
function wholeRecordAfter(bytes: Uint8Array, at: number, last: number, end: number): number {
  for (let feed = indexOf(bytes, LINE_FEED, at, end); feed >= 0 && feed < last; ) {
    const lineEnd = indexOf(bytes, LINE_FEED, feed + 1, end);
    const isRecord = bytes[feed + 1] === OPENING_BRACE && skipValue(bytes, feed + 1, lineEnd < 0 ? end : lineEnd) > 0;
    if (isRecord) return feed + 1;
    feed = lineEnd;
  }
  return -1;
}

function nextFeed(bytes: Uint8Array, start: number, end: number): number {
  const at = indexOf(bytes, LINE_FEED, start, end);
  return at < 0 ? Number.POSITIVE_INFINITY : at;
}

/** The place of a byte in `bytes[start, end)`, or -1. */
function indexOf(bytes: Uint8Array, byte: number, start: number, end: number): number {
  const at = bytes.subarray(start, end).indexOf(byte);
  return at < 0 ? -1 : start + at;
}

function isMark(bytes: Uint8Array, at: number, end: number): boolean {
  return at + 3 <= end && BYTE_ORDER_MARK.every((byte, i) => bytes[at + i] === byte);
}

/** Whether a value that ends at `after`, as `skipValue` said, may go on with more text: a number at the end of the text may. */
function isOpen(bytes: Uint8Array, after: number, end: number): boolean {
  return after === INCOMPLETE || (after === end && !isOneOf(bytes[end - 1], '}]"'));
}

const NO_SUCH_MEMBER = -3;

/** Where the value of a member starts, in the object at `at`; `INCOMPLETE`, `INVALID` or `NO_SUCH_MEMBER`. */
function findMember(bytes: Uint8Array, at: number, end: number, key: string): number {
  if (bytes[at] !== OPENING_BRACE) return NO_SUCH_MEMBER;
  let i = skipSpace(bytes, at + 1, end);
  while (i < end && bytes[i] !== CLOSING_BRACE) {
    const keyEnd = skipString(bytes, i, end);
    if (keyEnd < 0) return keyEnd;
    const value = skipKey(bytes, i, end);
    if (value < 0) return value;
    if (stringText(bytes, i, keyEnd) === key) return value;
    i = skipValue(bytes, value, end);
    if (i < 0) return i;
    i = skipSpace(bytes, i, end);
    if (bytes[i] === COMMA) i = skipSpace(bytes, i + 1, end);
    else if (i < end && bytes[i] !== CLOSING_BRACE) return INVALID;
  }
  return i >= end ? INCOMPLETE : NO_SUCH_MEMBER;
}
