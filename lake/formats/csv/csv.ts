/**
 * Delimited text with a header: RFC 4180, with what people really send forgiven. Rows may be ragged, line ends mixed,
 * blanks around quotes; the delimiter is detected (`csv-delimiter.ts`), and a quote in the middle of a field is a character
 * like any other.
 *
 * The first line is the header, unless it has no name of a configured column and looks like data: its first field is a
 * time, or all of its fields are numbers or times (one suffices where columns are configured). Without a header the
 * configured columns count in their order.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
import { z } from "zod";
import type { RowBlock } from "../../rows/row-block.ts";
import type { Framer, LogScanner } from "../../rows/scanner.ts";
import { repairUtf8 } from "../../rows/text-decoding.ts";
import { CARRIAGE_RETURN, LINE_FEED, latin1, QUOTE, SPACE } from "../ascii.ts";
import { isBinary } from "../binary-kind.ts";
import { checkTime, checkUpstreamNames, configuredColumns, EventTime, eventTimeOptions } from "../event-time.ts";
import type { FormatOptions, LogFormat } from "../format.ts";
import { instantText } from "../instant.ts";
import { DELIMITERS, endOfLine, type KnownLayout, prologueAt, SAMPLE_BYTES } from "./csv-delimiter.ts";
import { BROKEN, CsvFields, INCOMPLETE, MAX_QUOTED_LINES, skipBlanks, UNTERMINATED, unquoted } from "./csv-fields.ts";

/** A header is at the start of the object and no longer than this. */
const MAX_HEADER_BYTES = 1 << 20;

const csvOptions = z
  .strictObject({
    /** The columns of the table, by header. Other headers go to `_extra`. */
    columns: configuredColumns.default([]),
    ...eventTimeOptions,
    /** Detected when absent. */
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
  const { at: start, delimiter = "," } = prologueAt(head, 0, head.length, true, { names: [] });
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

  scan(block: RowBlock, start: number, end: number, isLast: boolean): number {
    let at = start;
    while (at < end && !block.isFull) {
      // No more is looked at than an entry may have: whether one is too long must not depend on how the text comes.
      const limit = Math.min(end, at + block.maxEntryBytes + 1);
      const isEnd = isLast && limit === end;
      const after = this.#layout ? this.#record(block, at, limit, isEnd) : this.#firstLine(block, at, limit, isEnd);
      if (after < 0) break;
      block.line += lineFeeds(block.bytes, at, after);
      at = after;
    }
    return at;
  }

  /** Learns the layout. A header, and what stands before it, is a comment; without one the line is the first record. */
  #firstLine(block: RowBlock, at: number, end: number, isLast: boolean): number {
    // There may be no more to see than that.
    const sampleBytes = Math.min(SAMPLE_BYTES, block.maxEntryBytes >> 1);
    const preamble = preambleAt(block.bytes, at, end, isLast, this.#options, sampleBytes);
    if (preamble === INCOMPLETE) return INCOMPLETE;
    this.#setLayout(preamble.layout);
    for (let comments = preamble.commentLines; comments > 0; comments--) block.comment();
    return preamble.recordsAt;
  }

  #record(block: RowBlock, at: number, end: number, isLast: boolean): number {
    const after = this.#fields.split(block.bytes, at, end, this.#layout!.delimiter.charCodeAt(0), isLast);
    if (after === BROKEN) return rejectRecord(block, at, this.#fields.brokenAt, end, isLast);
    if (after === UNTERMINATED) return rejectLine(block, at, end, isLast);
    if (after === INCOMPLETE) return INCOMPLETE;
    if (this.#fields.isBlank || this.#isHeader(block.bytes)) block.comment();
    else this.#readRow(block, at, after);
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

  #readRow(block: RowBlock, start: number, end: number): void {
    const fields = this.#fields;
    block.startRow();
    for (let field = 0; field < fields.count; field++) {
      const column = this.#columnOfField[field] ?? -1;
      const from = fields.starts[field]!;
      const to = fields.ends[field]!;
      // Nothing between two delimiters is no value; two quotes are an empty one.
      if (from === to && !fields.isQuoted(field)) continue;
      if (fields.hasDoubledQuote(field)) this.#setDecoded(block, field, column, from, to);
      else if (column >= 0 && this.#isText[column]) block.setField(column, from, to);
      else if (column >= 0) setTrimmed(block, column, from, to);
      else block.extra.add(this.#nameOf(field), from, to);
    }
    if (this.#time.setDay(block)) block.endRow();
    else block.reject("INVALID_DATE", start, trimmedEnd(block.bytes, start, end));
  }

  #setDecoded(block: RowBlock, field: number, column: number, from: number, to: number): void {
    const text = unquoted(block.bytes, from, to);
    if (column >= 0) block.setText(column, text);
    else block.extra.addValue(this.#nameOf(field), Buffer.from(repairUtf8(text)).toString());
  }

  #nameOf(field: number): string {
    return this.#layout!.names[field] ?? `extra_${field + 1}`;
  }
}

/** Blanks around a number or a time mean nothing; a value of blanks is none. */
function setTrimmed(block: RowBlock, column: number, from: number, to: number): void {
  const { bytes } = block;
  const start = skipBlanks(bytes, from, to);
  let end = to;
  while (end > start && bytes[end - 1] === SPACE) end--;
  if (end > start) block.setField(column, start, end);
}

function knownLayout({ delimiter, columns, header }: CsvOptions): KnownLayout {
  const names = header ?? columns.map(({ upstreamName }) => upstreamName);
  return { delimiter, names, fieldCount: header?.length };
}

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
  sampleBytes = SAMPLE_BYTES,
): Preamble | typeof INCOMPLETE {
  const upstreamNames = options.columns.map(({ upstreamName }) => upstreamName);
  const { at, lines, delimiter } = prologueAt(bytes, start, end, isLast, knownLayout(options), sampleBytes);
  if (delimiter === undefined) return INCOMPLETE;
  const fields = new CsvFields();
  const after = fields.split(bytes, at, end, delimiter.charCodeAt(0), isLast);
  if (after === INCOMPLETE) return INCOMPLETE;
  // Without its header nobody knows what stands where: all fields are kept by their position, and the line is rejected.
  if (after < 0) return { layout: { delimiter, names: [] }, commentLines: lines, recordsAt: at };
  const texts = Array.from({ length: fields.count }, (_, field) => fields.textOf(bytes, field));
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

function rejectLine(block: RowBlock, at: number, end: number, isLast: boolean): number {
  return rejectRecord(block, at, endOfLine(block.bytes, at, end), end, isLast);
}

/** Rejects the text up to a line end, and passes over that. */
function rejectRecord(block: RowBlock, at: number, lineEnd: number, end: number, isLast: boolean): number {
  const isReturn = lineEnd < end && block.bytes[lineEnd] === CARRIAGE_RETURN;
  if (isReturn && lineEnd + 1 >= end && !isLast) return INCOMPLETE;
  block.reject("UNTERMINATED_QUOTE", at, trimmedEnd(block.bytes, at, lineEnd));
  return Math.min(end, lineEnd + (isReturn && block.bytes[lineEnd + 1] === LINE_FEED ? 2 : 1));
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
    const delimiter =
      layout?.delimiter ??
      prologueAt(this.#head, start, this.#head.length, true, knownLayout(this.#options)).delimiter!;
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
