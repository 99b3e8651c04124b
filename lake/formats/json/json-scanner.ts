/** Finds the records of JSON text, and the envelope around them; `record-reader.ts` reads each. */

import { FIELD_STRIDE, NULL_LENGTH } from "../../rows/block-layout.ts";
import type { RowBlock } from "../../rows/row-block.ts";
import type { LogScanner } from "../../rows/scanner.ts";
import {
  brokenAt,
  endOfDamaged,
  endOfRejected,
  endsTooEarly,
  NOT_FOUND,
  nextRecord,
  type RecordSigns,
} from "./damaged-text.ts";
import { recordsPath, repeatedOf, type Sibling, siblingsOf } from "./json-envelope.ts";
import {
  INCOMPLETE,
  INVALID,
  invalidAt,
  isOneOf,
  skipColon,
  skipKey,
  skipSpace,
  skipString,
  skipValue,
  stringText,
} from "./json-text.ts";
import type { RecordReader } from "./record-reader.ts";

const LINE_FEED = 0x0a;
const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const QUOTE = 0x22;
const CLOSING_BRACE = 0x7d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** A scanner that can be asked for a few entries at a time. */
export interface RecordScanner extends Required<LogScanner> {
  /** Whether there is an envelope around the records. */
  readonly hasEnvelope: boolean;
  /** Whether the next entry may be a record that has all of its members itself; false outside of an envelope's array. */
  readonly isAmongRecords: boolean;
  /**
   * Where the next record ends at the latest. On a line that is damaged, which hides where records begin, none goes beyond the
   * end of the line, whatever its brackets say.
   */
  endOfRecord(block: RowBlock, at: number, end: number): number;
  /** Says that a text is scanned next, some entries at a time. */
  beginScan(): void;
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
  #isBrokenOff = false;
  /** An entry that was too long ended on this line. */
  #isAfterLong = false;
  /** Where in an entry that is too long the search for its end is. */
  #long = { depth: 0, inString: false, isEscaped: false, hasBrackets: false };
  /** What every record of the envelope gets, and not the first one only. */
  #repeated: readonly Sibling[] = [];
  /** Up to this line damage may hide where records begin. */
  #damagedUntilLine = 0;
  /** The next line feed at or after the current entry; -1 when it is not known, infinite when there is none. */
  #feedAt = -1;

  /** The key of the records' array, as it stands in the text. */
  readonly #lastKey: Buffer | undefined;
  readonly #signs: RecordSigns;

  constructor(record: RecordReader, recordsAt: readonly string[]) {
    this.#recordsAt = recordsAt;
    this.#record = record;
    const lastKey = recordsAt.at(-1);
    this.#lastKey = lastKey === undefined ? undefined : Buffer.from(JSON.stringify(lastKey));
    this.#signs = {
      isKnownKey: (key) => record.hasColumn(key),
      hasKeys: record.hasColumns,
      isEnvelope: (bytes, at, end) => this.#isEnvelopeOfRecords(bytes, at, end),
    };
    this.#place = { among: this.#recordsAt.length > 0 ? "documents" : "records", openObjects: 0 };
  }

  get hasEnvelope(): boolean {
    return this.#recordsAt.length > 0;
  }

  get isAmongRecords(): boolean {
    return this.#place.among === "records" && this.#record.siblings.length === 0;
  }

  endOfRecord(block: RowBlock, at: number, end: number): number {
    if (this.#isAfterLong) this.#afterLong(block);
    if (block.line > this.#damagedUntilLine) return end;
    if (this.#feedAt < at) this.#feedAt = nextFeed(block.bytes, at, end);
    return Math.min(this.#feedAt, end);
  }

  scan(block: RowBlock, start: number, end: number, isLast: boolean): number {
    this.beginScan();
    return this.scanSome(block, start, end, isLast, Number.POSITIVE_INFINITY);
  }

  breakOff(): void {
    this.#isBrokenOff = true;
  }

  /** A record that is too long ends with its brackets; other text with its line, or where an object begins. */
  endOfLong(bytes: Uint8Array, start: number, end: number, isStart: boolean): number {
    if (isStart) this.#long = { depth: 0, inString: false, isEscaped: false, hasBrackets: isOneOf(bytes[start], "{[") };
    const long = this.#long;
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!;
      if (byte === LINE_FEED) return i;
      if (long.inString) {
        if (long.isEscaped) long.isEscaped = false;
        else if (byte === BACKSLASH) long.isEscaped = true;
        else if (byte === QUOTE) long.inString = false;
      } else if (byte === QUOTE) long.inString = true;
      else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
        if (!long.hasBrackets) return this.#endLong(i);
        long.depth++;
      } else if ((byte === CLOSING_BRACE || byte === CLOSING_BRACKET) && --long.depth <= 0 && long.hasBrackets)
        return this.#endLong(i + 1);
    }
    return -1;
  }

  #endLong(at: number): number {
    this.#isAfterLong = true;
    return at;
  }

  beginScan(): void {
    this.#feedAt = -1;
  }

  #afterLong(block: RowBlock): void {
    this.#isAfterLong = false;
    this.#damagedUntilLine = Math.max(this.#damagedUntilLine, block.line);
  }

  scanSome(block: RowBlock, start: number, end: number, isLast: boolean, maxCount: number): number {
    let at = start;
    if (this.#isAfterLong) this.#afterLong(block);
    for (let count = 0; count < maxCount && !block.isFull; count++) {
      const next = skipSpace(block.bytes, at, end);
      this.#countLines(block, at, next, end);
      block.separatorBytes += next - at;
      at = next;
      if (at === end) break;
      // Looks at no more bytes than an entry may have: whether one is too long must not depend on how the text comes.
      const limit = Math.min(end, at + block.maxEntryBytes + 1);
      const after = this.#next(block, at, limit, isLast && limit === end);
      if (after < 0) break;
      this.#countLines(block, at, after, end);
      block.countBytes(at, after);
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
    const recordEnd = this.endOfRecord(block, at, end);
    return this.#wholeValue(block, at, recordEnd, isLast || recordEnd < end);
  }

  #wholeValue(block: RowBlock, at: number, end: number, isLast: boolean): number {
    const { bytes } = block;
    const isObject = bytes[at] === OPENING_BRACE;
    const after = isObject ? this.#record.pass(block, at, end) : skipValue(bytes, at, end);
    if (isOpen(bytes, after, end) && !isLast) return INCOMPLETE;
    if (after < 0) return this.#rejectDamage(block, at, end, isLast);
    if (isObject) {
      const isEarly = endsTooEarly(bytes, after, end);
      if (isEarly === INCOMPLETE && !isLast && !this.#isBrokenOff && end - at <= block.maxEntryBytes) return INCOMPLETE;
      if (isEarly === true) return this.#rejectDamage(block, at, end, isLast, after);
    } else if (bytes[at] === QUOTE) {
      // A lone quote begins a string that takes what follows for its text, up to the first quote of a record.
      if (after === end && !isLast && end - at <= block.maxEntryBytes) return INCOMPLETE;
      if (after < end && !isOneOf(bytes[after], ' \t\r\n,:{}[]"'))
        return this.#rejectDamage(block, at, end, isLast, after);
    }
    const outcome = isObject ? this.#record.read(block, at, after) : "NOT_AN_OBJECT";
    // Damage may have hidden the end of the envelope before.
    const isDocument = this.#recordsAt.length > 0 && isObject && (outcome !== "row" || hasNoColumn(block));
    if (isDocument && this.#isEnvelopeOfRecords(bytes, at, after)) return this.#openEnvelope(block, at, end, isLast);
    if (outcome === "row") {
      block.endRow();
      this.#record.siblings = this.#repeated;
    } else if (outcome === "comment") block.comment();
    else if (outcome === "INVALID_DATE" && this.#isEnvelope(block, at, after)) block.reject("ENVELOPE", at, after);
    else block.reject(outcome, at, after);
    return after;
  }

  /** Whether an object rather is an envelope of records: it has none of the columns, but an array of objects. */
  #isEnvelope(block: RowBlock, at: number, end: number): boolean {
    return this.#recordsAt.length === 0 && hasNoColumn(block) && recordsPath(block.bytes, at, end) !== undefined;
  }

  /** Goes down the envelope to the bracket of the records. */
  #openEnvelope(block: RowBlock, at: number, end: number, isLast: boolean): number {
    const { bytes } = block;
    // Members of an envelope in an array are documents of their own.
    if (isOneOf(bytes[at], "[],")) return at + 1;
    if (isMark(bytes, at, end)) return at + BYTE_ORDER_MARK.length;
    let i = at;
    for (const key of this.#recordsAt) {
      i = findMember(bytes, i, end, key);
      if (i === INCOMPLETE && !isLast) return INCOMPLETE;
      if (i < 0) return this.#rejectDocument(block, at, end, isLast);
    }
    if (i >= end && !isLast) return INCOMPLETE;
    if (i >= end || bytes[i] !== OPENING_BRACKET) return this.#rejectDocument(block, at, end, isLast);
    // All of it says what stands behind the records; a longer one is read without that.
    const after = skipValue(bytes, at, end);
    if (after === INCOMPLETE && !isLast && !this.#isBrokenOff && end - at <= block.maxEntryBytes) return INCOMPLETE;
    const siblings = siblingsOf(bytes, at, after < 0 ? end : after, this.#recordsAt, (key) =>
      this.#record.columnOf(key),
    );
    if (after > 0 && siblings.some(isControlMessage)) {
      block.comment();
      return after;
    }
    this.#record.siblings = siblings;
    this.#repeated = repeatedOf(siblings);
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
    return this.#rejectDamage(block, at, end, isLast);
  }

  /** Rejects a document without the records: all of it when it is JSON, else what of it is damaged. */
  #rejectDocument(block: RowBlock, at: number, end: number, isLast: boolean): number {
    const after = skipValue(block.bytes, at, end);
    if (isOpen(block.bytes, after, end) && !isLast) return INCOMPLETE;
    if (after < 0) return this.#rejectDamage(block, at, end, isLast);
    block.reject("NO_MATCH", at, after);
    return after;
  }

  /**
   * Rejects a text that is not JSON: a damaged record up to its end where brackets and quotes lead there, else everything up to
   * the next record, or to the end of the line on which it stopped being JSON.
   *
   * @param failedAt - The first byte that is not JSON, if it is known.
   */
  #rejectDamage(
    block: RowBlock,
    at: number,
    end: number,
    isLast: boolean,
    failedAt = failureOf(block.bytes, at, end),
  ): number {
    const { bytes } = block;
    const { among, openObjects } = this.#place;
    if (failedAt === end && !isLast) return INCOMPLETE;
    let damagedTo = failedAt;
    const lineFeed = this.#feedAt >= failedAt ? this.#feedAt : nextFeed(bytes, failedAt, end);
    const lineEnd = Math.min(lineFeed, end);
    const hasMore = lineFeed >= end && !isLast;
    if (bytes[at] === OPENING_BRACE || among === "leftovers") {
      const after = endOfDamaged(bytes, at, end, isLast, {
        openObjects: among === "leftovers" ? openObjects : 0,
        isInList: among === "records" && openObjects > 0,
      });
      if (after === INCOMPLETE) return INCOMPLETE;
      if (after > 0) {
        if (among === "documents") return this.#rejectHead(block, at, failedAt, after, false);
        if (among === "leftovers") this.#place = { among: "documents", openObjects: 0 };
        block.reject("INVALID_JSON", at, after);
        return after;
      }
      damagedTo = Math.max(failedAt, brokenAt);
    }
    if (among === "documents") return this.#rejectHead(block, at, failedAt, lineEnd, hasMore);
    const ownLine = wholeRecordAfter(bytes, at, failedAt, lineEnd, hasMore);
    if (ownLine === INCOMPLETE) return INCOMPLETE;
    const isFull = end - at > block.maxEntryBytes;
    const text = { bytes, at, failedAt, lineEnd, hasMore, isFull, openObjects: this.#recordsAt.length };
    const record =
      ownLine > 0 ? ownLine : startsRecordLine(bytes, at, failedAt) ? failedAt : nextRecord(text, this.#signs);
    if (record === INCOMPLETE) return INCOMPLETE;
    this.#damagedUntilLine = Math.max(this.#damagedUntilLine, block.line + damagedLines(bytes, at, damagedTo));
    const next = record < 0 ? lineEnd : record;
    block.reject("INVALID_JSON", at, endOfRejected(bytes, at, next, record > 0));
    if (this.#recordsAt.length > 0) {
      const openObjects = this.#recordsAt.length;
      if (record < 0 && among === "leftovers") this.#place = { among: "documents", openObjects: 0 };
      else if (record > 0 && this.#isEnvelopeOfRecords(bytes, record, end))
        this.#place = { among: "documents", openObjects: 0 };
      else this.#place = { among: "records", openObjects };
    }
    return next;
  }

  /** Rejects what is damaged of an envelope before its records, and goes on with them, or with the envelope after it. */
  #rejectHead(block: RowBlock, at: number, failedAt: number, end: number, hasMore: boolean): number {
    const { bytes } = block;
    const list = this.#listAfter(bytes, failedAt, end);
    if (list < 0 && hasMore) return INCOMPLETE;
    const envelope = list < 0 ? NOT_FOUND : lastBorder(bytes, failedAt, list);
    this.#record.siblings = [];
    this.#repeated = [];
    if (list > 0 && envelope < 0) this.#place = { among: "records", openObjects: this.#recordsAt.length };
    const next = envelope > 0 ? envelope : list > 0 ? list : end;
    block.reject("INVALID_JSON", at, endOfRejected(bytes, at, next, false));
    return next;
  }

  /** Where the records of a damaged envelope begin: after the bracket behind the last key that leads to them. */
  #listAfter(bytes: Uint8Array, from: number, end: number): number {
    const key = this.#lastKey;
    if (!key) return NOT_FOUND;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, end);
    for (let at = text.indexOf(key, from); at >= 0; at = text.indexOf(key, at + 1)) {
      const value = skipColon(bytes, at + key.length, end);
      if (value > 0 && value < end && bytes[value] === OPENING_BRACKET) return value + 1;
    }
    return NOT_FOUND;
  }

  /** Whether a document at this place has the array of records. */
  #isEnvelopeOfRecords(bytes: Uint8Array, at: number, end: number): boolean {
    if (this.#recordsAt.length === 0) return false;
    let i = at;
    for (const key of this.#recordsAt) {
      i = findMember(bytes, i, end, key);
      if (i < 0) return false;
    }
    return bytes[i] === OPENING_BRACKET;
  }
}

/** CloudWatch Logs sends such a document to see whether its destination is there: it has no events of a log. */
function isControlMessage({ name, json }: Sibling): boolean {
  return name === "messageType" && json === '"CONTROL_MESSAGE"';
}

/** Whether the record that was read last has none of the columns. */
function hasNoColumn({ fields, columnCount, rowCount }: RowBlock): boolean {
  for (let column = 0; column < columnCount; column++)
    if (fields[2 * (column * FIELD_STRIDE + rowCount) + 1] !== NULL_LENGTH) return false;
  return true;
}

/** The last place in `bytes[from, end)` where an object starts right after another one ended; -1 when there is no such place. */
function lastBorder(bytes: Uint8Array, from: number, end: number): number {
  for (let i = end - 1; i > from; i--) {
    if (bytes[i] !== OPENING_BRACE || bytes[skipSpace(bytes, i + 1, end)] !== QUOTE) continue;
    let before = i - 1;
    while (before > from && isOneOf(bytes[before], " \t\r")) before--;
    if (bytes[before] === CLOSING_BRACE) return i;
  }
  return NOT_FOUND;
}

/** The place of the first byte with which a text from `at` on is not the start of a value; `end` when there is no such byte. */
function failureOf(bytes: Uint8Array, at: number, end: number): number {
  const after = skipValue(bytes, at, end);
  return after === INCOMPLETE ? end : after === INVALID ? invalidAt : after;
}

/**
 * The first line after `at`, and not after `last`, that starts with a whole record, as after a record that was cut; -1 when
 * there is no such line.
 */
function wholeRecordAfter(bytes: Uint8Array, at: number, last: number, end: number, hasMore: boolean): number {
  for (let feed = indexOf(bytes, LINE_FEED, at, last); feed >= 0; ) {
    const nextFeed = indexOf(bytes, LINE_FEED, feed + 1, end);
    const lineEnd = nextFeed < 0 ? end : nextFeed;
    if (bytes[feed + 1] === OPENING_BRACE) {
      const after = skipValue(bytes, feed + 1, lineEnd);
      if (after > 0) return feed + 1;
      if (after === INCOMPLETE && lineEnd === end && hasMore) return INCOMPLETE;
    }
    feed = nextFeed < last ? nextFeed : -1;
  }
  return NOT_FOUND;
}

/**
 * Lines after that of `at` which are read one by one: up to where the damage shows. A record that begins the line there is no
 * part of it.
 */
function damagedLines(bytes: Uint8Array, at: number, damagedTo: number): number {
  let feeds = 0;
  for (let feed = indexOf(bytes, LINE_FEED, at, damagedTo); feed >= 0; feeds++)
    feed = indexOf(bytes, LINE_FEED, feed + 1, damagedTo);
  return feeds > 0 && startsRecordLine(bytes, at, damagedTo) ? feeds - 1 : feeds;
}

/** Whether a line after that of `at` begins with an object at `brace`. */
function startsRecordLine(bytes: Uint8Array, at: number, brace: number): boolean {
  if (bytes[brace] !== OPENING_BRACE) return false;
  let before = brace - 1;
  while (before > at && isOneOf(bytes[before], " \t\r")) before--;
  return before > at && bytes[before] === LINE_FEED;
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
