/**
 * Delimited text with a header: RFC 4180, with what people really send forgiven. Rows may be ragged, line ends mixed,
 * the delimiter is detected, and a quote in the middle of a field is a character like any other.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
import { z } from "zod";
import type { RowBatch } from "../columns/row-batch.ts";
import { CARRIAGE_RETURN, firstRecordLine, LINE_FEED, QUOTE } from "./ascii.ts";
import { checkTime, configuredColumns, EventTime, eventTimeOptions } from "./event-time.ts";
import type { FormatOptions, Framer, LogFormat, LogScanner } from "./format.ts";

const DELIMITERS = [",", "\t", ";", "|"] as const;
/** More fields than any sensible table has; what comes after is one last field. */
const MAX_FIELDS = 4096;
/** A header is at the start of the object and no longer than this. */
const MAX_HEADER_BYTES = 1 << 20;

const csvOptions = z
  .strictObject({
    /** The columns of the table, by header. Other headers go to `_extra`. */
    columns: configuredColumns.default([]),
    ...eventTimeOptions,
    /** Detected from the header when absent. */
    delimiter: z.enum(DELIMITERS).optional(),
    /** The names of the fields, for objects that do not begin with them. */
    header: z.array(z.string()).optional(),
  })
  .superRefine(checkTime);

type CsvOptions = z.output<typeof csvOptions>;

export const csv: LogFormat = {
  name: "csv",
  title: "delimited text",
  entries: "records",
  optionsSchema: csvOptions,
  claims: isRegular,
  // A header alone, or one column, could be any text; JSON is none of it.
  accepts: (head) => head.indexOf(0) < 0 && !/^\s*[[{]/.test(firstRecordLine(head)),
  columns: (options) => read(options).columns,
  openScanner: (options, header) => new CsvScanner(read(options), header),
  openFramer: (options) => new CsvFramer(read(options)),
};

function read(options: FormatOptions | undefined): CsvOptions {
  return csvOptions.parse(options ?? {});
}

/** The first lines have the same number of fields, at least two, by one delimiter. */
function isRegular(head: Uint8Array): boolean {
  const fields = new CsvFields();
  const delimiter = delimiterOf(head, 0, head.length);
  const counts: number[] = [];
  for (let at = 0; at < head.length && counts.length < 3; ) {
    const next = fields.split(head, at, head.length, delimiter.charCodeAt(0), false);
    if (next < 0) break;
    counts.push(fields.count);
    at = next;
  }
  const [first = 0] = counts;
  return counts.length >= 2 && first >= 2 && counts.every((count) => count === first);
}

/** The delimiter that the first line has most of, outside quotes. */
function delimiterOf(bytes: Uint8Array, start: number, end: number): string {
  const counts = new Map<number, number>(DELIMITERS.map((delimiter) => [delimiter.charCodeAt(0), 0]));
  let isQuoted = false;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (byte === LINE_FEED || byte === CARRIAGE_RETURN) break;
    else if (counts.has(byte)) counts.set(byte, counts.get(byte)! + 1);
  }
  const [[best]] = [...counts].sort(([, a], [, b]) => b - a) as [[number, number]];
  return String.fromCharCode(best);
}

/** How the records of an object are to be read: what its first line said. */
interface Layout {
  delimiter: string;
  names: string[];
}

class CsvScanner implements LogScanner {
  readonly #options: CsvOptions;
  readonly #fields = new CsvFields();
  readonly #time: EventTime;
  #layout: Layout | undefined;
  /** The column of each field; -1 for those that go to `_extra`. */
  #columnOfField = new Int32Array(0);

  constructor(options: CsvOptions, header: string | undefined) {
    this.#options = options;
    this.#time = new EventTime(options.columns, options);
    if (header !== undefined) this.#setLayout(JSON.parse(header) as Layout);
  }

  scan(batch: RowBatch, start: number, end: number, isLast: boolean): number {
    let at = start;
    while (at < end && !batch.isFull) {
      const after = this.#layout ? this.#record(batch, at, end, isLast) : this.#firstLine(batch, at, end, isLast);
      if (after < 0) break;
      batch.line += lineEnds(batch.bytes, at, after);
      at = after;
    }
    return at;
  }

  /** Learns the layout. A header is a comment; without one the line is the first record. */
  #firstLine(batch: RowBatch, at: number, end: number, isLast: boolean): number {
    const delimiter = this.#options.delimiter ?? delimiterOf(batch.bytes, at, end);
    const layout = layoutAt(batch.bytes, at, end, delimiter, isLast, this.#options.header);
    if (!layout) return isLast ? rejectLine(batch, at, end) : INCOMPLETE;
    this.#setLayout(layout);
    if (this.#options.header) return at;
    batch.comment();
    return this.#fields.split(batch.bytes, at, end, delimiter.charCodeAt(0), isLast);
  }

  #record(batch: RowBatch, at: number, end: number, isLast: boolean): number {
    const after = this.#fields.split(batch.bytes, at, end, this.#layout!.delimiter.charCodeAt(0), isLast);
    if (after === UNTERMINATED) return rejectLine(batch, at, end);
    if (after === INCOMPLETE) return INCOMPLETE;
    if (this.#fields.isBlank) batch.comment();
    else this.#readRow(batch, at, after);
    return after;
  }

  #setLayout(layout: Layout): void {
    this.#layout = layout;
    const indexes = new Map(this.#options.columns.map(({ upstreamName }, index) => [upstreamName, index]));
    this.#columnOfField = Int32Array.from(layout.names, (name) => indexes.get(name) ?? -1);
  }

  #readRow(batch: RowBatch, start: number, end: number): void {
    const fields = this.#fields;
    batch.startRow();
    for (let field = 0; field < fields.count; field++) {
      const column = this.#columnOfField[field] ?? -1;
      const from = fields.starts[field]!;
      const to = fields.ends[field]!;
      // Nothing between two delimiters is no value; two quotes are an empty one.
      if (from === to && !fields.isQuoted(field)) continue;
      if (fields.hasDoubledQuote(field)) this.#setDecoded(batch, field, column, from, to);
      else if (column >= 0) batch.setField(column, from, to);
      else batch.extra.add(this.#nameOf(field), from, to);
    }
    if (this.#time.setDay(batch)) batch.endRow();
    else batch.reject("INVALID_DATE", start, trimmedEnd(batch.bytes, start, end));
  }

  #setDecoded(batch: RowBatch, field: number, column: number, from: number, to: number): void {
    const text = unquoted(batch.bytes, from, to);
    if (column >= 0) batch.setText(column, Buffer.from(text));
    else batch.extra.addValue(this.#nameOf(field), text);
  }

  #nameOf(field: number): string {
    return this.#layout!.names[field] ?? `extra_${field + 1}`;
  }
}

/** The text of a quoted field, its doubled quotes made single. */
function unquoted(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.subarray(start, end)).toString().replaceAll('""', '"');
}

/** Undefined while the first line is not all there, or when it never ends. */
function layoutAt(
  bytes: Uint8Array,
  at: number,
  end: number,
  delimiter: string,
  isLast: boolean,
  names: string[] | undefined,
): Layout | undefined {
  if (names) return { delimiter, names };
  const fields = new CsvFields();
  const after = fields.split(bytes, at, end, delimiter.charCodeAt(0), isLast);
  if (after < 0) return undefined;
  const name = (_: unknown, field: number) => unquoted(bytes, fields.starts[field]!, fields.ends[field]!);
  return { delimiter, names: Array.from({ length: fields.count }, name) };
}

const INCOMPLETE = -1;
const UNTERMINATED = -2;

/** A quote that is never closed costs its line and no other. */
function rejectLine(batch: RowBatch, at: number, end: number): number {
  const lineFeed = batch.bytes.indexOf(LINE_FEED, at);
  const lineEnd = lineFeed < 0 || lineFeed >= end ? end : lineFeed;
  batch.reject("UNTERMINATED_QUOTE", at, trimmedEnd(batch.bytes, at, lineEnd));
  return Math.min(end, lineEnd + 1);
}

function trimmedEnd(bytes: Uint8Array, start: number, end: number): number {
  let trimmed = end;
  while (trimmed > start && (bytes[trimmed - 1] === LINE_FEED || bytes[trimmed - 1] === CARRIAGE_RETURN)) trimmed--;
  return trimmed;
}

/** Line ends in a text: `\n`, `\r\n` and a lone `\r` are one each. */
function lineEnds(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++)
    if (bytes[i] === LINE_FEED || (bytes[i] === CARRIAGE_RETURN && bytes[i + 1] !== LINE_FEED)) count++;
  return count;
}

/** The fields of one record. */
class CsvFields {
  count = 0;
  /** Where each field starts and ends, without the quotes around it. */
  readonly starts = new Int32Array(MAX_FIELDS);
  readonly ends = new Int32Array(MAX_FIELDS);
  readonly #kinds = new Uint8Array(MAX_FIELDS);

  isQuoted(field: number): boolean {
    return this.#kinds[field] !== 0;
  }

  hasDoubledQuote(field: number): boolean {
    return this.#kinds[field] === 2;
  }

  /** A line with nothing on it. */
  get isBlank(): boolean {
    return this.count === 1 && this.starts[0] === this.ends[0] && !this.isQuoted(0);
  }

  /** @returns Where the next record starts; `INCOMPLETE`; or `UNTERMINATED` when a quote is open at the end of it all. */
  split(bytes: Uint8Array, start: number, end: number, delimiter: number, isLast: boolean): number {
    this.count = 0;
    for (let i = start; ; i++) {
      i =
        bytes[i] === QUOTE && i < end ? this.#quoted(bytes, i, end, delimiter) : this.#plain(bytes, i, end, delimiter);
      if (i === UNTERMINATED) return isLast ? UNTERMINATED : INCOMPLETE;
      if (i >= end) return isLast ? end : INCOMPLETE;
      if (bytes[i] === delimiter) continue;
      if (bytes[i] === LINE_FEED) return i + 1;
      // A carriage return may be the first half of a line end whose other half is still to come.
      if (i + 1 >= end) return isLast ? end : INCOMPLETE;
      return bytes[i + 1] === LINE_FEED ? i + 2 : i + 1;
    }
  }

  #plain(bytes: Uint8Array, start: number, end: number, delimiter: number): number {
    let i = start;
    while (i < end && bytes[i] !== delimiter && bytes[i] !== LINE_FEED && bytes[i] !== CARRIAGE_RETURN) i++;
    this.#add(start, i, 0);
    return i;
  }

  /** A field in quotes ends at a quote before a delimiter or line end; text between the two is kept with the field. */
  #quoted(bytes: Uint8Array, start: number, end: number, delimiter: number): number {
    let kind = 1;
    for (let i = start + 1; i < end; i++) {
      if (bytes[i] !== QUOTE) continue;
      const next = i + 1 < end ? bytes[i + 1]! : delimiter;
      if (next === delimiter || next === LINE_FEED || next === CARRIAGE_RETURN) {
        this.#add(start + 1, i, kind);
        return i + 1;
      }
      if (next === QUOTE) {
        kind = 2;
        i++;
      }
    }
    return UNTERMINATED;
  }

  #add(start: number, end: number, kind: number): void {
    const field = Math.min(this.count, MAX_FIELDS - 1);
    if (this.count < MAX_FIELDS) this.starts[field] = start;
    this.ends[field] = end;
    this.#kinds[field] = kind;
    this.count = field + 1;
  }
}

/** Where the framer stands in a field. */
const FIELD_START = 0;
const PLAIN = 1;
const QUOTED = 2;
/** After a quote within quotes: it closes the field, unless another quote or other text follows. */
const MAYBE_CLOSED = 3;

/** Knows which line ends are within quotes, and what the first line said. */
class CsvFramer implements Framer {
  header: string | undefined;
  readonly #options: CsvOptions;
  #delimiter = 0;
  /** The first bytes, until the header is read from them. */
  #head: Buffer | undefined = Buffer.alloc(0);
  #state = FIELD_START;

  constructor(options: CsvOptions) {
    this.#options = options;
  }

  follow(bytes: Uint8Array, isLast: boolean): number {
    if (!this.#head) return this.#lastCut(bytes, isLast);
    const before = this.#head.length;
    this.#head = Buffer.concat([this.#head, bytes]);
    const start = this.#head[0] === 0xef && this.#head[1] === 0xbb && this.#head[2] === 0xbf ? 3 : 0;
    const delimiter = this.#options.delimiter ?? delimiterOf(this.#head, start, this.#head.length);
    const layout = layoutAt(this.#head, start, this.#head.length, delimiter, isLast, this.#options.header);
    if (!layout && this.#head.length < MAX_HEADER_BYTES) return isLast ? bytes.length : 0;
    this.header = layout && JSON.stringify(layout);
    this.#delimiter = delimiter.charCodeAt(0);
    const cut = start + this.#lastCut(this.#head.subarray(start), isLast) - before;
    this.#head = undefined;
    return isLast ? bytes.length : Math.max(0, cut);
  }

  #lastCut(bytes: Uint8Array, isLast: boolean): number {
    let cut = 0;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      const isEnd = byte === this.#delimiter || byte === LINE_FEED || byte === CARRIAGE_RETURN;
      if (this.#state === QUOTED) this.#state = byte === QUOTE ? MAYBE_CLOSED : QUOTED;
      else if (this.#state === MAYBE_CLOSED && !isEnd) this.#state = QUOTED;
      else if (this.#state === FIELD_START && byte === QUOTE) this.#state = QUOTED;
      else this.#state = isEnd ? FIELD_START : PLAIN;
      if (byte === LINE_FEED && this.#state === FIELD_START) cut = i + 1;
    }
    return isLast ? bytes.length : cut;
  }
}
