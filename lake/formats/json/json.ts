/**
 * JSON records: one a line, back to back as Firehose writes them, in an array, alone, or in an array within an envelope.
 *
 * Entries are records, not lines. What is no JSON is rejected up to the end of the line on which it stopped making
 * sense, and reading goes on there; or with the first line within it that is a whole record, as after a line that was cut.
 *
 * Of two members with one name the last counts, as in JSON.parse; what no column takes is kept as it stands, number for
 * number. Nesting costs memory and no call stack. A record must be UTF-8; a lone surrogate, which only an escape can
 * write, becomes U+FFFD in a column.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259
 * @see https://docs.aws.amazon.com/firehose/latest/dev/basic-deliver.html Firehose puts nothing between records.
 */
import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { FIELD_STRIDE, NULL_LENGTH, type RowBatch } from "../../rows/row-block.ts";
import type { Framer, LineOutcome } from "../../rows/scanner.ts";
import type { ColumnDefinition } from "../../rows/schema.ts";
import { checkTime, checkUpstreamNames, configuredColumns, EventTime, eventTimeOptions } from "../event-time.ts";
import type { FormatOptions, LogFormat } from "../format.ts";
import { recordsPath } from "./json-envelope.ts";
import { kernelJsonFramer } from "./json-framer.ts";
import { type KernelRecords, kernelJsonScanner, type RecordScanner } from "./json-kernel.ts";
import { INCOMPLETE, INVALID, sawEscape, skipColon, skipKey, skipSpace, skipString, skipValue } from "./json-text.ts";

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const LETTER_N = 0x6e;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

const jsonOptions = z
  .strictObject({
    /** The columns of the table, by key. Other keys go to `_extra`. */
    columns: configuredColumns.optional(),
    ...eventTimeOptions,
    /** Keys that lead from the top of each document to the array that holds the records; none when records stand alone. */
    recordsAt: z.array(z.string()).default([]),
  })
  .superRefine(checkUpstreamNames)
  .superRefine(checkTime);

type JsonOptions = Omit<z.output<typeof jsonOptions>, "columns"> & { readonly columns: readonly ColumnDefinition[] };

export const json: LogFormat = {
  name: "json",
  title: "JSON records",
  entries: "records",
  optionsSchema: jsonOptions,
  claims: startsLikeRecords,
  accepts: holdsJson,
  columns: (options) => columnsOf(read(options)),
  openScanner: open,
  openKernelScanner(kernel, options) {
    return kernelJsonScanner(kernel, kernelRecords(options), open(options));
  },
  openFramer: (options) => (read(options).recordsAt.length > 0 ? new JsonFramer(true) : jsonFramer()),
};

function open(options: FormatOptions | undefined): RecordScanner {
  const { columns, recordsAt, ...time } = read(options);
  const eventTime = new EventTime(columns, time);
  const endRecord = (batch: RowBatch) => (eventTime.setDay(batch) ? "row" : "INVALID_DATE");
  return new JsonScanner(new RecordReader({ columns, endRecord }), recordsAt);
}

/** What the kernel is told about the records of a source. */
export function kernelRecords(options: FormatOptions | undefined): KernelRecords {
  const { columns, ...time } = read(options);
  return { columnOfKey: columnsByKey({ columns }), ...new EventTime(columns, time).spelling };
}

/** The scanner of a format whose records are JSON objects with keys of its own. */
export function jsonScanner(record: RecordOptions): RecordScanner {
  return new JsonScanner(new RecordReader(record), []);
}

/** The framer of such a format. */
export function jsonFramer(): Framer {
  return kernelJsonFramer(new JsonFramer(false));
}

export interface RecordOptions {
  /** Found by their upstream names. */
  readonly columns: readonly ColumnDefinition[];
  /** Sees the record when all its members are set: gives the row its day, or a reason against it. */
  endRecord(batch: RowBatch): LineOutcome;
  /** A text that stands for nothing, as JSON null does. */
  readonly nothing?: string;
  /** Further keys, and the upstream name of the column that each means. */
  readonly otherKeys?: ReadonlyMap<string, string>;
}

/** The column of each key. */
export function columnsByKey({ columns, otherKeys = new Map() }: Pick<RecordOptions, "columns" | "otherKeys">) {
  const columnOfKey = new Map(columns.map(({ upstreamName }, index) => [upstreamName, index]));
  for (const [key, upstreamName] of otherKeys) columnOfKey.set(key, columnOfKey.get(upstreamName)!);
  return columnOfKey;
}

/** A source without columns keeps its records whole in `_extra`, partitioned by `time`. */
const DEFAULT_COLUMNS = {
  columns: [{ name: "time", type: "timestamp_millis", upstreamName: "time" }],
  time: "time",
} as const;

function read(options: FormatOptions = {}): JsonOptions {
  const { columns, ...others } = jsonOptions.parse(options);
  return columns ? { ...others, columns } : { ...others, ...DEFAULT_COLUMNS };
}

function columnsOf({ columns }: JsonOptions): readonly ColumnDefinition[] {
  return columns;
}

/** `{"` or `{}`, alone or as the first of an array: nothing else that we read begins so. */
export function startsLikeRecords(head: Uint8Array): boolean {
  let at = skipSpace(head, 0, head.length);
  if (head[at] === OPENING_BRACKET) at = skipSpace(head, at + 1, head.length);
  if (head[at] !== OPENING_BRACE) return false;
  const next = head[skipSpace(head, at + 1, head.length)];
  return next === QUOTE || next === CLOSING_BRACE;
}

/**
 * Whether a text that its source says is JSON may be it: it starts with a value, or one of its lines starts like a record.
 * What is wrong with the others is told line by line.
 */
function holdsJson(head: Uint8Array): boolean {
  const start = skipSpace(head, 0, head.length);
  const first = head[start];
  const after = skipValue(head, start, head.length);
  if (after >= 0 && !isOneOf(head[after], "-:+.")) return true;
  if (after === INCOMPLETE && (first === OPENING_BRACE || first === OPENING_BRACKET)) return true;
  for (let at = head.indexOf(LINE_FEED); at >= 0; at = head.indexOf(LINE_FEED, at + 1))
    if (startsLikeRecords(head.subarray(at + 1))) return true;
  return false;
}

/** Where the scanner stands in an envelope: before it, among its records, or between them and its end. */
interface Place {
  among: "documents" | "records" | "leftovers";
  /** Objects of the envelope that are open. */
  openObjects: number;
}

/**
 * Between records, brackets and commas are passed over. So a text can be read on from any place between two records,
 * and a damaged array costs no record that is whole; only a comma or an opening bracket with nothing after it is told.
 */
class JsonScanner implements RecordScanner {
  readonly #recordsAt: readonly string[];
  readonly #record: RecordReader;
  #place: Place;
  /** The next line feed at or after the entry in hand; -1 when it has to be looked for, infinite when there is none. */
  #feedAt = -1;

  constructor(record: RecordReader, recordsAt: readonly string[]) {
    this.#recordsAt = recordsAt;
    this.#record = record;
    this.#place = { among: this.#recordsAt.length > 0 ? "documents" : "records", openObjects: 0 };
  }

  get isAmongRecords(): boolean {
    return this.#place.among === "records";
  }

  scan(batch: RowBatch, start: number, end: number, isLast: boolean): number {
    return this.scanSome(batch, start, end, isLast, Number.POSITIVE_INFINITY);
  }

  scanSome(batch: RowBatch, start: number, end: number, isLast: boolean, maxCount: number): number {
    let at = start;
    this.#feedAt = -1;
    for (let count = 0; count < maxCount && !batch.isFull; count++) {
      const next = skipSpace(batch.bytes, at, end);
      this.#countLines(batch, at, next, end);
      at = next;
      if (at === end) break;
      // No more is looked at than an entry may have: whether one is too long must not depend on how the text comes.
      const limit = Math.min(end, at + batch.maxEntryBytes + 1);
      const after = this.#next(batch, at, limit, isLast && limit === end);
      if (after < 0) break;
      this.#countLines(batch, at, after, end);
      at = after;
    }
    return at;
  }

  /** Advances the batch's line over a text. */
  #countLines(batch: RowBatch, from: number, to: number, end: number): void {
    if (this.#feedAt < from) this.#feedAt = nextFeed(batch.bytes, from, end);
    for (; this.#feedAt < to; this.#feedAt = nextFeed(batch.bytes, this.#feedAt + 1, end)) batch.line++;
  }

  /** Takes what stands at `at`. Negative when it is not all there. */
  #next(batch: RowBatch, at: number, end: number, isLast: boolean): number {
    switch (this.#place.among) {
      case "documents":
        return this.#openEnvelope(batch, at, end, isLast);
      case "records":
        return this.#nextRecord(batch, at, end, isLast);
      case "leftovers":
        return this.#closeEnvelope(batch, at, end, isLast);
    }
  }

  #nextRecord(batch: RowBatch, at: number, end: number, isLast: boolean): number {
    const { bytes } = batch;
    switch (bytes[at]) {
      case OPENING_BRACKET: {
        const next = skipSpace(bytes, at + 1, end);
        if (next === end && !isLast) return INCOMPLETE;
        if (next === end) batch.reject("INVALID_JSON", at, at + 1);
        return at + 1;
      }
      case CLOSING_BRACKET:
        if (this.#recordsAt.length > 0) this.#place.among = "leftovers";
        return at + 1;
      case COMMA: {
        const next = skipSpace(bytes, at + 1, end);
        if (next === end && !isLast) return INCOMPLETE;
        if (next === end || bytes[next] === COMMA || bytes[next] === CLOSING_BRACKET)
          batch.reject("INVALID_JSON", at, at + 1);
        return at + 1;
      }
      default:
        // Files that were put together bring their byte order marks along.
        if (isMark(bytes, at, end)) return at + BYTE_ORDER_MARK.length;
        return this.#value(batch, at, end, isLast);
    }
  }

  #value(batch: RowBatch, at: number, end: number, isLast: boolean): number {
    const { bytes } = batch;
    const isObject = bytes[at] === OPENING_BRACE;
    const after = isObject ? this.#record.pass(batch, at, end) : skipValue(bytes, at, end);
    if (isOpen(bytes, after, end) && !isLast) return INCOMPLETE;
    if (after < 0) return this.#rejectLine(batch, at, end, isLast);
    const outcome = isObject ? this.#record.read(batch, at, after) : "NOT_AN_OBJECT";
    if (outcome === "row") batch.endRow();
    else if (outcome === "comment") batch.comment();
    else if (outcome === "INVALID_DATE" && this.#isEnvelope(batch, at, after)) batch.reject("ENVELOPE", at, after);
    else batch.reject(outcome, at, after);
    return after;
  }

  /** Whether what was read as a record rather holds the records: it has none of the columns, but an array of objects. */
  #isEnvelope({ bytes, fields, columnCount, rowCount }: RowBatch, at: number, end: number): boolean {
    if (this.#recordsAt.length > 0) return false;
    for (let column = 0; column < columnCount; column++)
      if (fields[2 * (column * FIELD_STRIDE + rowCount) + 1] !== NULL_LENGTH) return false;
    return recordsPath(bytes, at, end) !== undefined;
  }

  /** Goes down the envelope to the bracket of the records. */
  #openEnvelope(batch: RowBatch, at: number, end: number, isLast: boolean): number {
    const { bytes } = batch;
    let i = at;
    for (const key of this.#recordsAt) {
      i = findMember(bytes, i, end, key);
      if (i === INCOMPLETE && !isLast) return INCOMPLETE;
      if (i < 0) return this.#rejectDocument(batch, at, end, isLast);
    }
    if (i >= end && !isLast) return INCOMPLETE;
    if (i >= end || bytes[i] !== OPENING_BRACKET) return this.#rejectDocument(batch, at, end, isLast);
    this.#place = { among: "records", openObjects: this.#recordsAt.length };
    return i + 1;
  }

  /** Passes what the envelope holds after the records: members, and its closing braces. */
  #closeEnvelope(batch: RowBatch, at: number, end: number, isLast: boolean): number {
    const { bytes } = batch;
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
    const after = this.#rejectLine(batch, at, end, isLast);
    if (after >= 0) this.#place = { among: "documents", openObjects: 0 };
    return after;
  }

  /** Rejects a document that lacks the records: whole when it is JSON, else its line. */
  #rejectDocument(batch: RowBatch, at: number, end: number, isLast: boolean): number {
    const after = skipValue(batch.bytes, at, end);
    if (isOpen(batch.bytes, after, end) && !isLast) return INCOMPLETE;
    if (after < 0) return this.#rejectLine(batch, at, end, isLast);
    batch.reject("NO_MATCH", at, after);
    return after;
  }

  /** Rejects a text that is no JSON: up to the next record, or the end of the line on which it stopped making sense. */
  #rejectLine(batch: RowBatch, at: number, end: number, isLast: boolean): number {
    const { bytes } = batch;
    const failedAt = endOfSense(bytes, at, end);
    if (failedAt === end && !isLast) return INCOMPLETE;
    const lineFeed = indexOf(bytes, LINE_FEED, failedAt, end);
    if (lineFeed < 0 && !isLast) return INCOMPLETE;
    const lineEnd = lineFeed < 0 ? end : lineFeed;
    const record = wholeRecordAfter(bytes, at, failedAt, lineEnd);
    batch.reject("INVALID_JSON", at, record < 0 ? lineEnd : record - 1);
    return record < 0 ? Math.min(lineEnd + 1, end) : record;
  }
}

/** The place of the byte with which a text that starts at `at` stops being the start of a value; `end` when none is. */
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

/** The first line after `at`, and not after `last`, that is one whole record; -1 when there is none. */
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

function isOneOf(byte: number | undefined, characters: string): boolean {
  return byte !== undefined && characters.includes(String.fromCharCode(byte));
}

/** Whether a value, of which `skipValue` said that it ends at `after`, may go on with more text: so may a number at its end. */
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
    if (textOf(bytes, i, keyEnd) === key) return value;
    i = skipValue(bytes, value, end);
    if (i < 0) return i;
    i = skipSpace(bytes, i, end);
    if (bytes[i] === COMMA) i = skipSpace(bytes, i + 1, end);
    else if (i < end && bytes[i] !== CLOSING_BRACE) return INVALID;
  }
  return i >= end ? INCOMPLETE : NO_SUCH_MEMBER;
}

/** The text of the string in `bytes[start, end)`, quotes included. */
function textOf(bytes: Uint8Array, start: number, end: number): string {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString()) as string;
}

/** Numbers of a member that is kept for later: its column (or -1), where its key and its value start and end. */
const KEPT_NUMBERS = 5;

/** Reads records in one pass over their bytes. */
class RecordReader {
  readonly #keys: readonly Uint8Array[];
  readonly #columnOfKey: ReadonlyMap<string, number>;
  readonly #options: RecordOptions;
  /** What stands for nothing, with its quotes. */
  readonly #nothing: Uint8Array | undefined;
  /**
   * Members whose text has to be made, in strings with escapes and for `_extra`. That is done when the record is known to
   * be one: what is not all there is passed over again and again.
   */
  readonly #kept: number[] = [];

  constructor(options: RecordOptions) {
    this.#options = options;
    this.#columnOfKey = columnsByKey(options);
    this.#keys = options.columns.map(({ upstreamName }) => Buffer.from(JSON.stringify(upstreamName)));
    this.#nothing = options.nothing === undefined ? undefined : Buffer.from(JSON.stringify(options.nothing));
  }

  /**
   * Passes over the object at `start` and takes note of its members in the batch's row. It must be `read` before anything
   * else is done, or it is forgotten.
   *
   * @returns What `skipValue` returns.
   */
  pass(batch: RowBatch, start: number, end: number): number {
    const { bytes } = batch;
    batch.startRow();
    this.#kept.length = 0;
    let guess = 0;
    let at = skipSpace(bytes, start + 1, end);
    if (bytes[at] === CLOSING_BRACE && at < end) return at + 1;
    for (;;) {
      if (at >= end) return INCOMPLETE;
      // Records of one stream have their keys in the same order: the next key is guessed before it is looked up.
      let keyEnd = this.#endOfKey(bytes, at, guess);
      const isGuessed = keyEnd > 0;
      if (!isGuessed) {
        if (bytes[at] !== QUOTE) return INVALID;
        keyEnd = skipString(bytes, at, end);
        if (keyEnd < 0) return keyEnd;
      }
      const value = skipColon(bytes, keyEnd, end);
      if (value < 0) return value;
      if (value >= end) return INCOMPLETE;
      const isString = bytes[value] === QUOTE;
      const after = isString ? skipString(bytes, value, end) : skipValue(bytes, value, end);
      if (after < 0) return after;
      const column = isGuessed ? guess : (this.#columnOfKey.get(textOf(bytes, at, keyEnd)) ?? -1);
      const isEscaped = isString && sawEscape;
      if (column >= 0) {
        guess = column + 1 < this.#keys.length ? column + 1 : 0;
        if (bytes[value] === LETTER_N || this.#isNothing(bytes, value, after)) batch.setNull(column);
        else if (isString) batch.setField(column, value + 1, after - 1);
        else batch.setField(column, value, after);
      }
      if (column < 0 || isEscaped) this.#kept.push(column, at, keyEnd, value, after);
      at = skipSpace(bytes, after, end);
      if (at >= end) return INCOMPLETE;
      if (bytes[at] === CLOSING_BRACE) return at + 1;
      if (bytes[at] !== COMMA) return INVALID;
      at = skipSpace(bytes, at + 1, end);
    }
  }

  /** Reads the record that was passed over. */
  read(batch: RowBatch, start: number, end: number): LineOutcome {
    if (!isUtf8(batch.bytes.subarray(start, end))) return "INVALID_UTF8";
    const kept = this.#kept;
    for (let i = 0; i < kept.length; i += KEPT_NUMBERS) {
      const column = kept[i]!;
      const value = kept[i + 3]!;
      const valueEnd = kept[i + 4]!;
      if (column < 0) this.#keepExtra(batch, textOf(batch.bytes, kept[i + 1]!, kept[i + 2]!), value, valueEnd);
      // A key that comes twice counts with its last value, as JSON readers do.
      else if (batch.startOf(column) === value + 1)
        batch.setText(column, Buffer.from(textOf(batch.bytes, value, valueEnd)));
    }
    return this.#options.endRecord(batch);
  }

  /** Where the key of a column ends, if it stands at `at`; else 0. */
  #endOfKey(bytes: Uint8Array, at: number, column: number): number {
    const key = this.#keys[column];
    if (key === undefined) return 0;
    for (let i = 0; i < key.length; i++) if (bytes[at + i] !== key[i]) return 0;
    return at + key.length;
  }

  #isNothing(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#nothing !== undefined && isText(bytes, start, end, this.#nothing);
  }

  #keepExtra(batch: RowBatch, name: string, start: number, end: number): void {
    if (this.#isNothing(batch.bytes, start, end)) return;
    batch.extra.addJson(name, Buffer.from(batch.bytes.subarray(start, end)).toString());
  }
}

function isText(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false;
  return true;
}

/**
 * Follows the nesting of a text to know where a line ends between two records. It may think itself deeper than it is in
 * a text that is no JSON, and then cuts less often; it never cuts within a record.
 */
export class JsonFramer implements Framer {
  readonly header = undefined;
  readonly #hasEnvelope: boolean;
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  #inArray = false;
  #lastByte = 0;

  constructor(hasEnvelope: boolean) {
    this.#hasEnvelope = hasEnvelope;
  }

  follow(bytes: Uint8Array, isLast: boolean): number {
    // Where an envelope stands would have to be carried along; its objects are small enough not to be cut.
    if (this.#hasEnvelope) return isLast ? bytes.length : 0;
    let cut = 0;
    for (let i = 0; i < bytes.length; ) {
      if (this.#inString) {
        i = this.#passString(bytes, i);
        continue;
      }
      const byte = bytes[i++]!;
      if (byte !== LINE_FEED) this.#followByte(byte);
      else if (this.#depth === (this.#inArray ? 1 : 0) && !this.#needsMore) cut = i;
    }
    return isLast ? bytes.length : cut;
  }

  /**
   * Passes over the text of a string, which most of a record is.
   *
   * @returns The place after its end; or that of a line end, as no string goes over one: whatever this was, the scanner
   *   starts anew after it.
   */
  #passString(bytes: Uint8Array, start: number): number {
    const end = bytes.length;
    let i = start;
    if (this.#isEscaped && bytes[i] !== LINE_FEED) i++;
    this.#isEscaped = false;
    for (; i < end; i++) {
      const byte = bytes[i]!;
      if (byte > BACKSLASH) continue;
      if (byte === QUOTE) {
        this.#inString = false;
        return i + 1;
      }
      if (byte === BACKSLASH) {
        if (i + 1 === end) this.#isEscaped = true;
        else if (bytes[i + 1] !== LINE_FEED) i++;
      } else if (byte === LINE_FEED) {
        this.#inString = false;
        return i;
      }
    }
    return end;
  }

  /** What follows a comma or an opening bracket decides about it, so they stay together. */
  get #needsMore(): boolean {
    return this.#lastByte === COMMA || this.#lastByte === OPENING_BRACKET;
  }

  #followByte(byte: number): void {
    if (byte === 0x20 || byte === 0x09 || byte === 0x0d) return;
    this.#lastByte = byte;
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
      if (this.#depth === 0) this.#inArray = byte === OPENING_BRACKET;
      this.#depth++;
    } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) {
      this.#depth = Math.max(0, this.#depth - 1);
      if (this.#depth === 0) this.#inArray = false;
    }
  }
}
