/**
 * Delimited text with a header: RFC 4180, with what people really send forgiven. Rows may be ragged, line ends mixed,
 * blanks around quotes; the delimiter is detected or told by a first line `sep=;`, and a quote in the middle of a field is
 * a character like any other.
 *
 * The first line is the header, unless it has no name of a configured column and looks like data: its first field is a
 * time, or all of its fields are numbers or times (one suffices where columns are configured). Without a header the
 * configured columns count in their order.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
import { z } from "zod";
import { isBinary } from "../binary-kind.ts";
import type { RowBatch } from "../columns/row-batch.ts";
import { repairUtf8 } from "../columns/text-decoding.ts";
import { CARRIAGE_RETURN, LINE_FEED, latin1, QUOTE, SPACE } from "./ascii.ts";
import { checkTime, checkUpstreamNames, configuredColumns, EventTime, eventTimeOptions } from "./event-time.ts";
import type { FormatOptions, Framer, LogFormat, LogScanner } from "./format.ts";
import { instantText } from "./instant.ts";

const DELIMITERS = [",", "\t", ";", "|"] as const;
/** More fields than any sensible table has; what comes after is one last field. */
const MAX_FIELDS = 4096;
/** A header is at the start of the object and no longer than this. */
const MAX_HEADER_BYTES = 1 << 20;
/** A quote that is not closed within so many lines was never meant to be one: it costs its line, and not the object. */
const MAX_QUOTED_LINES = 10_000;

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
  .superRefine(checkUpstreamNames)
  .superRefine(checkTime);

type CsvOptions = z.output<typeof csvOptions>;

export const csv: LogFormat = {
  name: "csv",
  title: "delimited text",
  entries: "records",
  optionsSchema: csvOptions,
  claims: isRegular,
  // A header alone, or one column, could be any text; JSON and markup are none of it.
  accepts: (head) => !isBinary(head) && !/^\s*[[{<]/.test(latin1(head, 0, head.length)),
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
  const { at: start, delimiter = "," } = afterPrologue(head, 0, head.length, true);
  const counts: number[] = [];
  let at = start;
  while (at < head.length && counts.length < 3) {
    const next = fields.split(head, at, head.length, delimiter.charCodeAt(0), false);
    if (next < 0) break;
    if (!fields.isBlank) counts.push(fields.count);
    at = next;
  }
  // A text of two lines may lack its last line end.
  if (counts.length === 1 && fields.split(head, at, head.length, delimiter.charCodeAt(0), true) >= 0)
    counts.push(fields.count);
  const [first = 0] = counts;
  return counts.length >= 2 && first >= 2 && counts.every((count) => count === first);
}

/** As Excel is told the delimiter. */
const SEPARATOR_LINE = /^"?sep=([,;|\t])"?$/i;

/** Where the blank lines and the `sep=` line before the header end, and what delimiter that has. */
function afterPrologue(bytes: Uint8Array, start: number, end: number, isLast: boolean, configured?: string) {
  let delimiter = configured;
  let lines = 0;
  let at = start;
  while (at < end) {
    const lineEnd = endOfLine(bytes, at, end);
    const [, separator] = SEPARATOR_LINE.exec(latin1(bytes, at, Math.min(lineEnd, at + 16))) ?? [];
    if (lineEnd === end || (lineEnd > at && !(separator && lineEnd - at < 8))) break;
    delimiter ??= separator;
    lines++;
    at = lineEnd + (bytes[lineEnd] === CARRIAGE_RETURN && bytes[lineEnd + 1] === LINE_FEED ? 2 : 1);
  }
  return { at, lines, delimiter: delimiter ?? delimiterOf(bytes, at, end, isLast) };
}

/** The place of the first line end at or after `at`, or `end`. */
function endOfLine(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i] !== LINE_FEED && bytes[i] !== CARRIAGE_RETURN) i++;
  return i;
}

/**
 * The delimiter that the first line has most of, outside quotes.
 *
 * @returns Undefined while the line has no end.
 */
function delimiterOf(bytes: Uint8Array, start: number, end: number, isLast: boolean): string | undefined {
  const counts = new Map<number, number>(DELIMITERS.map((delimiter) => [delimiter.charCodeAt(0), 0]));
  let isQuoted = false;
  let isFieldStart = true;
  let lines = 0;
  let i = start;
  for (; i < end; i++) {
    const byte = bytes[i]!;
    const isLineEnd = byte === LINE_FEED || byte === CARRIAGE_RETURN;
    if (isLineEnd && (!isQuoted || ++lines > MAX_QUOTED_LINES)) break;
    // A quote after a closing one is its double: the field goes on.
    if (byte === QUOTE) isQuoted = !isQuoted && (isFieldStart || bytes[i - 1] === QUOTE);
    else if (!isQuoted && counts.has(byte)) counts.set(byte, counts.get(byte)! + 1);
    if (byte !== SPACE) isFieldStart = !isQuoted && counts.has(byte);
  }
  if (i === end && !isLast) return undefined;
  const [[best]] = [...counts].sort(([, a], [, b]) => b - a) as [[number, number]];
  return String.fromCharCode(best);
}

/** How the records of an object are to be read: what its first line said. */
interface Layout {
  delimiter: string;
  names: string[];
  /** The header as it stands, where there is one: files that were put together repeat it. */
  header?: string[];
}

class CsvScanner implements LogScanner {
  readonly #options: CsvOptions;
  readonly #fields = new CsvFields();
  readonly #time: EventTime;
  #layout: Layout | undefined;
  /** The column of each field; -1 for those that go to `_extra`. */
  #columnOfField = new Int32Array(0);
  #firstNameLength = 0;
  /** By column. */
  readonly #isText: readonly boolean[];

  constructor(options: CsvOptions, header: string | undefined) {
    this.#options = options;
    this.#isText = options.columns.map(({ type }) => type === "string");
    this.#time = new EventTime(options.columns, options);
    if (header !== undefined) this.#setLayout(JSON.parse(header) as Layout);
  }

  scan(batch: RowBatch, start: number, end: number, isLast: boolean): number {
    let at = start;
    while (at < end && !batch.isFull) {
      // No more is looked at than an entry may have: whether one is too long must not depend on how the text comes.
      const limit = Math.min(end, at + batch.maxEntryBytes + 1);
      const isEnd = isLast && limit === end;
      const after = this.#layout ? this.#record(batch, at, limit, isEnd) : this.#firstLine(batch, at, limit, isEnd);
      if (after < 0) break;
      batch.line += lineFeeds(batch.bytes, at, after);
      at = after;
    }
    return at;
  }

  /** Learns the layout. A header, and what stands before it, is a comment; without one the line is the first record. */
  #firstLine(batch: RowBatch, at: number, end: number, isLast: boolean): number {
    const preamble = preambleAt(batch.bytes, at, end, isLast, this.#options);
    if (preamble === INCOMPLETE) return INCOMPLETE;
    this.#setLayout(preamble.layout);
    for (let comments = preamble.commentLines; comments > 0; comments--) batch.comment();
    return preamble.recordsAt;
  }

  #record(batch: RowBatch, at: number, end: number, isLast: boolean): number {
    const after = this.#fields.split(batch.bytes, at, end, this.#layout!.delimiter.charCodeAt(0), isLast);
    if (after === BROKEN) return rejectRecord(batch, at, this.#fields.brokenAt, end, isLast);
    if (after === UNTERMINATED) return rejectLine(batch, at, end, isLast);
    if (after === INCOMPLETE) return INCOMPLETE;
    if (this.#fields.isBlank || this.#isHeader(batch.bytes)) batch.comment();
    else this.#readRow(batch, at, after);
    return after;
  }

  /** Whether a record is the header once more. One field that is its name could be a value. */
  #isHeader(bytes: Uint8Array): boolean {
    const header = this.#layout!.header;
    const fields = this.#fields;
    if (fields.count === 1) return false;
    if (header?.length !== fields.count || fields.ends[0]! - fields.starts[0]! !== this.#firstNameLength) return false;
    return header.every((name, field) => fields.textOf(bytes, field) === name);
  }

  #setLayout(layout: Layout): void {
    this.#layout = layout;
    this.#firstNameLength = Buffer.byteLength(layout.header?.[0] ?? "");
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
      else if (column >= 0 && this.#isText[column]) batch.setField(column, from, to);
      else if (column >= 0) setTrimmed(batch, column, from, to);
      else batch.extra.add(this.#nameOf(field), from, to);
    }
    if (this.#time.setDay(batch)) batch.endRow();
    else batch.reject("INVALID_DATE", start, trimmedEnd(batch.bytes, start, end));
  }

  #setDecoded(batch: RowBatch, field: number, column: number, from: number, to: number): void {
    const text = unquoted(batch.bytes, from, to);
    if (column >= 0) batch.setText(column, text);
    else batch.extra.addValue(this.#nameOf(field), Buffer.from(repairUtf8(text)).toString());
  }

  #nameOf(field: number): string {
    return this.#layout!.names[field] ?? `extra_${field + 1}`;
  }
}

/** Blanks around a number or a time mean nothing; a value of blanks is none. */
function setTrimmed(batch: RowBatch, column: number, from: number, to: number): void {
  const { bytes } = batch;
  const start = skipBlanks(bytes, from, to);
  let end = to;
  while (end > start && bytes[end - 1] === SPACE) end--;
  if (end > start) batch.setField(column, start, end);
}

/** The text of a quoted field, its doubled quotes made single; whatever its encoding is. */
function unquoted(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return Buffer.from(latin1(bytes, start, end).replaceAll('""', '"'), "latin1");
}

const INCOMPLETE = -1;
/** A quote is open at the end of it all, or has been for too long: it costs its line and no other. */
const UNTERMINATED = -2;
/** Text follows on a quote, and no quote that closes the field follows on the same line: it costs the record. */
const BROKEN = -3;

interface Preamble {
  readonly layout: Layout;
  /** The header, if there is one, and the lines before it. */
  readonly commentLines: number;
  /** Where the first record starts. */
  readonly recordsAt: number;
}

/** What stands before the first record. */
function preambleAt(
  bytes: Uint8Array,
  start: number,
  end: number,
  isLast: boolean,
  options: CsvOptions,
): Preamble | typeof INCOMPLETE {
  const { at, lines, delimiter } = afterPrologue(bytes, start, end, isLast, options.delimiter);
  if (delimiter === undefined) return INCOMPLETE;
  const fields = new CsvFields();
  const after = fields.split(bytes, at, end, delimiter.charCodeAt(0), isLast);
  if (after === INCOMPLETE) return INCOMPLETE;
  // Without its header nobody knows what stands where: all fields are kept by their position, and the line is rejected.
  if (after < 0) return { layout: { delimiter, names: [] }, commentLines: lines, recordsAt: at };
  const texts = Array.from({ length: fields.count }, (_, field) => fields.textOf(bytes, field));
  const upstreamNames = options.columns.map(({ upstreamName }) => upstreamName);
  const isHeader = options.header
    ? options.header.join("\0") === texts.join("\0")
    : texts.some((text) => upstreamNames.includes(text)) || !isData(texts, upstreamNames.length > 0);
  const hasHeader = isHeader && at < end;
  const given = options.header ?? (hasHeader ? texts : upstreamNames);
  const names = distinctNames(given.length > 0 ? given : texts.map((_, field) => `field_${field + 1}`));
  return {
    layout: { delimiter, names, ...(hasHeader && { header: texts }) },
    commentLines: lines + (hasHeader ? 1 : 0),
    recordsAt: hasHeader ? after : at,
  };
}

const NUMBER = /^[+-]?(\d[\d,._]*|\.\d+)([eE][+-]?\d+)?%?$/;

/**
 * Whether no header would look like this.
 *
 * @param hasNames - The source names columns, of which none is here: so a single number tells.
 */
function isData(texts: readonly string[], hasNames: boolean): boolean {
  const isTime = (text: string) => instantText(text) !== undefined;
  const isValue = (text: string) => NUMBER.test(text) || isTime(text);
  const values = texts.filter((text) => text !== "");
  if (isTime(texts[0]!) || (hasNames && values.some(isValue))) return true;
  return values.length > 0 && values.every(isValue);
}

/** A field without a name, or with that of one before, is known by its position. */
function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name, field) => {
    const distinct = name === "" || taken.has(name) ? `extra_${field + 1}` : name;
    taken.add(distinct);
    return distinct;
  });
}

function rejectLine(batch: RowBatch, at: number, end: number, isLast: boolean): number {
  return rejectRecord(batch, at, endOfLine(batch.bytes, at, end), end, isLast);
}

/** Rejects the text up to a line end, and passes over that. */
function rejectRecord(batch: RowBatch, at: number, lineEnd: number, end: number, isLast: boolean): number {
  const isReturn = lineEnd < end && batch.bytes[lineEnd] === CARRIAGE_RETURN;
  if (isReturn && lineEnd + 1 >= end && !isLast) return INCOMPLETE;
  batch.reject("UNTERMINATED_QUOTE", at, trimmedEnd(batch.bytes, at, lineEnd));
  return Math.min(end, lineEnd + (isReturn && batch.bytes[lineEnd + 1] === LINE_FEED ? 2 : 1));
}

function trimmedEnd(bytes: Uint8Array, start: number, end: number): number {
  let trimmed = end;
  while (trimmed > start && (bytes[trimmed - 1] === LINE_FEED || bytes[trimmed - 1] === CARRIAGE_RETURN)) trimmed--;
  return trimmed;
}

/** Lines are counted by their line feeds alone, as where the text is cut into pieces: a lone `\r` ends a record and no line. */
function lineFeeds(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) if (bytes[i] === LINE_FEED) count++;
  return count;
}

/** The fields of one record. */
class CsvFields {
  count = 0;
  /** Where each field starts and ends, without the quotes around it. */
  readonly starts = new Int32Array(MAX_FIELDS);
  readonly ends = new Int32Array(MAX_FIELDS);
  readonly #kinds = new Uint8Array(MAX_FIELDS);
  /** Where the line ends on which a record stopped making sense. */
  brokenAt = 0;

  isQuoted(field: number): boolean {
    return this.#kinds[field] !== 0;
  }

  hasDoubledQuote(field: number): boolean {
    return this.#kinds[field] === 2;
  }

  /** A field as a name: without the blanks around it, unless they are in quotes. */
  textOf(bytes: Uint8Array, field: number): string {
    const text = Buffer.from(repairUtf8(unquoted(bytes, this.starts[field]!, this.ends[field]!))).toString();
    return this.isQuoted(field) ? text : text.trim();
  }

  /** A line with nothing on it. */
  get isBlank(): boolean {
    return this.count === 1 && this.starts[0] === this.ends[0] && !this.isQuoted(0);
  }

  /** @returns Where the next record starts; or `INCOMPLETE`, `UNTERMINATED` or `BROKEN`. */
  split(bytes: Uint8Array, start: number, end: number, delimiter: number, isLast: boolean): number {
    this.count = 0;
    for (let i = start; ; i++) {
      const quote = skipBlanks(bytes, i, end);
      i =
        quote < end && bytes[quote] === QUOTE
          ? this.#quoted(bytes, quote, end, delimiter, isLast)
          : this.#plain(bytes, i, end, delimiter);
      if (i < 0) return i;
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

  /** A field in quotes ends at a quote before a delimiter or line end; other quotes are text, if one follows that ends it. */
  #quoted(bytes: Uint8Array, start: number, end: number, delimiter: number, isLast: boolean): number {
    let kind = 1;
    let lines = 0;
    let isOdd = false;
    for (let i = start + 1; i < end; i++) {
      const byte = bytes[i]!;
      if (byte === LINE_FEED || byte === CARRIAGE_RETURN) {
        if (++lines > MAX_QUOTED_LINES) return UNTERMINATED;
        if (!isOdd) continue;
        this.brokenAt = i;
        return BROKEN;
      }
      if (byte !== QUOTE) continue;
      const next = skipBlanks(bytes, i + 1, end);
      if (next >= end || bytes[next] === delimiter || bytes[next] === LINE_FEED || bytes[next] === CARRIAGE_RETURN) {
        this.#add(start + 1, i, kind);
        return next;
      }
      if (bytes[i + 1] === QUOTE) {
        kind = 2;
        i++;
      } else isOdd = true;
    }
    return isLast ? UNTERMINATED : INCOMPLETE;
  }

  #add(start: number, end: number, kind: number): void {
    const field = Math.min(this.count, MAX_FIELDS - 1);
    if (this.count < MAX_FIELDS) this.starts[field] = start;
    this.ends[field] = end;
    this.#kinds[field] = kind;
    this.count = field + 1;
  }
}

function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i] === SPACE) i++;
  return i;
}

/** Where the framer stands in a field. */
const FIELD_START = 0;
const PLAIN = 1;
const QUOTED = 2;
/** After a quote within quotes: it closes the field, unless another quote or other text follows. */
const MAYBE_CLOSED = 3;
/** After that quote and blanks. */
const MAYBE_CLOSED_BLANK = 4;

/** Knows which line ends are within quotes, and what the first line said. */
class CsvFramer implements Framer {
  header: string | undefined;
  readonly #options: CsvOptions;
  #delimiter = 0;
  /** The first bytes, until the header is read from them. */
  #head: Buffer | undefined = Buffer.alloc(0);
  #state = FIELD_START;
  /** Lines that the open quote goes over, and whether text followed on a quote within. */
  #quotedLines = 0;
  #isOdd = false;

  constructor(options: CsvOptions) {
    this.#options = options;
  }

  follow(bytes: Uint8Array, isLast: boolean): number {
    if (!this.#head) return this.#lastCut(bytes, isLast);
    const before = this.#head.length;
    this.#head = Buffer.concat([this.#head, bytes]);
    const start = this.#head[0] === 0xef && this.#head[1] === 0xbb && this.#head[2] === 0xbf ? 3 : 0;
    const preamble = preambleAt(this.#head, start, this.#head.length, isLast, this.#options);
    if (preamble === INCOMPLETE && this.#head.length < MAX_HEADER_BYTES) return isLast ? bytes.length : 0;
    const layout = preamble === INCOMPLETE ? undefined : preamble.layout;
    this.header = layout && JSON.stringify(layout);
    const delimiter = layout?.delimiter ?? delimiterOf(this.#head, start, this.#head.length, true)!;
    this.#delimiter = delimiter.charCodeAt(0);
    const cut = start + this.#lastCut(this.#head.subarray(start), isLast);
    this.#head = undefined;
    if (isLast) return bytes.length;
    // Who starts after a cut has the layout, and takes a header that follows for a record.
    const isBeforeRecords = preamble !== INCOMPLETE && cut < preamble.recordsAt;
    return isBeforeRecords ? 0 : Math.max(0, cut - before);
  }

  #lastCut(bytes: Uint8Array, isLast: boolean): number {
    let cut = 0;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      this.#state = this.#next(byte);
      if (byte === LINE_FEED && this.#state === FIELD_START) cut = i + 1;
    }
    return isLast ? bytes.length : cut;
  }

  /** The state after a byte; as `CsvFields` reads it. */
  #next(byte: number): number {
    const isLineEnd = byte === LINE_FEED || byte === CARRIAGE_RETURN;
    const isEnd = isLineEnd || byte === this.#delimiter;
    switch (this.#state) {
      case FIELD_START:
        if (byte === QUOTE) return this.#open();
        return isEnd || byte === SPACE ? FIELD_START : PLAIN;
      case PLAIN:
        return isEnd ? FIELD_START : PLAIN;
      case QUOTED:
        if (byte === QUOTE) return MAYBE_CLOSED;
        return isLineEnd && (++this.#quotedLines > MAX_QUOTED_LINES || this.#isOdd) ? FIELD_START : QUOTED;
    }
    // A quote is behind.
    if (isEnd) return FIELD_START;
    if (byte === SPACE) return MAYBE_CLOSED_BLANK;
    if (byte === QUOTE && this.#state === MAYBE_CLOSED) return QUOTED;
    this.#isOdd = true;
    return byte === QUOTE ? MAYBE_CLOSED : QUOTED;
  }

  #open(): number {
    this.#isOdd = false;
    this.#quotedLines = 0;
    return QUOTED;
  }
}
