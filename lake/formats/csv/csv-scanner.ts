import type { RowBlock } from "../../rows/row-block.ts";
import type { LogScanner } from "../../rows/scanner.ts";
import { repairUtf8 } from "../../rows/text-decoding.ts";
import { CARRIAGE_RETURN, LINE_FEED, SPACE } from "../ascii.ts";
import { EventTime } from "../event-time.ts";
import { RecordFit } from "../record-fit.ts";
import { endOfLine, SAMPLE_BYTES } from "./csv-delimiter.ts";
import { BROKEN, CsvFields, INCOMPLETE, skipBlanks, UNTERMINATED, unquoted } from "./csv-fields.ts";
import type { CsvOptions } from "./csv-options.ts";
import { type Layout, preambleAt } from "./csv-preamble.ts";

/** Reads the records of delimited text. */
export class CsvScanner implements LogScanner {
  readonly #options: CsvOptions;
  readonly #fields = new CsvFields();
  readonly #time: EventTime;
  readonly #fit: RecordFit;
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
    const timeAt = options.columns.findIndex(({ name }) => name === options.time);
    this.#fit = new RecordFit(options.columns, { time: timeAt });
    if (header !== undefined) this.#setLayout(JSON.parse(header) as Layout);
  }

  scan(block: RowBlock, start: number, end: number, isLast: boolean): number {
    let at = start;
    while (at < end && !block.isFull) {
      // Looks at no more bytes than an entry may have: whether one is too long must not depend on how the text comes.
      const limit = Math.min(end, at + block.maxEntryBytes + 1);
      const isEnd = isLast && limit === end;
      const after = this.#layout ? this.#record(block, at, limit, isEnd) : this.#firstLine(block, at, limit, isEnd);
      if (after < 0) break;
      block.line += lineFeeds(block.bytes, at, after);
      block.countBytes(at, after);
      at = after;
    }
    return at;
  }

  /** Learns the layout. A header and the lines before it are comments; without a header the line is the first record. */
  #firstLine(block: RowBlock, at: number, end: number, isLast: boolean): number {
    // An entry may not be longer than that.
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
    if (this.#fields.isTooMany) block.reject("TOO_MANY_FIELDS", at, trimmedEnd(block.bytes, at, after));
    else if (this.#fields.isBlank || this.#isHeader(block.bytes)) block.comment();
    else this.#readRow(block, at, after);
    return after;
  }

  /** Whether a record repeats the header. A single field that equals its name could be a value. */
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
      // Nothing between two delimiters is null; two quotes are an empty text.
      if (from === to && !fields.isQuoted(field)) continue;
      if (fields.hasDoubledQuote(field)) this.#setDecoded(block, field, column, from, to);
      else if (column >= 0 && this.#isText[column]) block.setField(column, from, to);
      else if (column >= 0) setTrimmed(block, column, from, to);
      else block.extra.add(this.#nameOf(field), from, to);
    }
    const reason = !this.#time.setDay(block) ? "INVALID_DATE" : this.#isShifted(block) ? "SHIFTED" : undefined;
    if (reason) block.reject(reason, start, trimmedEnd(block.bytes, start, end));
    else block.endRow();
  }

  /** Without a header in the object the columns are only a matter of position. */
  #isShifted(block: RowBlock): boolean {
    return this.#layout!.header === undefined && this.#fit.isShifted(block);
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

/** Sets a field without the blanks around it, which mean nothing in numbers and times; only blanks are null. */
function setTrimmed(block: RowBlock, column: number, from: number, to: number): void {
  const { bytes } = block;
  const start = skipBlanks(bytes, from, to);
  let end = to;
  while (end > start && bytes[end - 1] === SPACE) end--;
  if (end > start) block.setField(column, start, end);
}

function rejectLine(block: RowBlock, at: number, end: number, isLast: boolean): number {
  return rejectRecord(block, at, endOfLine(block.bytes, at, end), end, isLast);
}

/** Rejects the text up to a line end, and skips that. */
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

/** Counts lines by their line feeds alone, as `cut-text.ts` does: a lone `\r` ends a record, but not a line. */
function lineFeeds(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) if (bytes[i] === LINE_FEED) count++;
  return count;
}
