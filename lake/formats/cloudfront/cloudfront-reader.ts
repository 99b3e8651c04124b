/** Reads the records of CloudFront's standard logs, one a line: by the header that came last, or by position. */

import { FIELD_STRIDE, NO_DAY, NULL_LENGTH } from "../../rows/block-layout.ts";
import { dayAt, isTimeOfDay } from "../../rows/calendar.ts";
import { findByte } from "../../rows/find-byte.ts";
import type { RowBlock } from "../../rows/row-block.ts";
import type { LineOutcome, LineReader } from "../../rows/scanner.ts";
import { ascii, HASH, latin1, MINUS, SPACE, startsWithAt, TAB } from "../ascii.ts";
import { instantText } from "../instant.ts";
import { RecordFit } from "../record-fit.ts";
import {
  columns,
  DATE,
  type Field,
  type Header,
  headerOf,
  INSTANT,
  isMeantAsHeader,
  isWholeGeneration,
  MAX_HEADER_BYTES,
  namesTime,
  positions,
  TIME_COLUMN,
  TIME_OF_DAY,
} from "./cloudfront-fields.ts";

const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf);
const DATE_LENGTH = "YYYY-MM-DD".length;
const TIME_LENGTH = "HH:MM:SS".length;

/** Fields of the first generation (2011): a record without a header has at least as many. */
export const FIRST_GENERATION_FIELDS = 12;

/** Delimiters beside the tab, in the order in which they are tried. Only a space is never in a value. */
const OTHER_DELIMITERS = [SPACE, ..."|;,".split("").map((character) => ascii(character)[0]!)];

/** What is known of the fields of the records that follow. */
type Naming =
  /** No header came: records of a whole generation are read by position. */
  | "positions"
  /** A header named them. */
  | "named"
  /** A header came, and it does not name them, or not those that make the time: nothing can be read. */
  | "unknown";

/** How edge location, address, method and path look. A program on the way may have changed one or two. */
const LOOKS_BY_POSITION: readonly (readonly [field: number, looks: RegExp])[] = [
  [2, /^(?:[A-Z]{3}[A-Z\d-]*|-)$/],
  [4, /^(?:[\da-fA-F.:]*[.:][\da-fA-F.:]*|-)$/],
  [5, /^[A-Za-z_-]+$/],
  [7, /^(?:[/*-]|https?:)/],
];

const fit = new RecordFit(columns, { time: TIME_COLUMN });

export class CloudFrontReader implements LineReader {
  #fields: readonly Field[] = positions;
  /** Column of each position; date, time and unknown ones are negative. */
  #columns = new Int32Array(0);
  #naming: Naming = "positions";
  #dateAt = 0;
  #timeAt = 1;
  #instantAt = -1;
  /** Date and time stand side by side: their text is a timestamp as it stands. */
  #isDateTime = true;
  // Start and end of each known field of the record; fields after those are found later.
  #starts = new Int32Array(0);
  #ends = new Int32Array(0);
  /** Where the fields after those of the header start; -1 when there are none. */
  #surplusAt = -1;

  constructor(header: string | undefined) {
    this.#setFields(positions);
    const carried = header === undefined ? undefined : headerOf(header);
    if (carried) this.#setHeader(carried);
  }

  /** Column of each field; another array after each header. */
  get layout(): Int32Array {
    return this.#columns;
  }

  get dateAt(): number {
    return this.#dateAt;
  }

  /** A header named the fields, every field has a column, and date and time stand side by side. */
  get isPlain(): boolean {
    return this.#isDateTime && this.#unknown.length === 0 && this.#naming === "named";
  }

  readLine(block: RowBlock, lineStart: number, end: number): LineOutcome {
    const { bytes } = block;
    // Joined files keep their byte order marks.
    const start = startsWithAt(bytes, lineStart, BYTE_ORDER_MARK) ? lineStart + BYTE_ORDER_MARK.length : lineStart;
    if (!isDigit(bytes[start]!)) {
      const header = this.#headerAt(bytes, start, end);
      if (header) this.#setHeader(header);
      if (header || bytes[start] === HASH) return "comment";
    }
    if (this.#naming === "unknown") return "MISSING_HEADER";
    let delimiter = TAB;
    let count = this.#split(bytes, start, end, delimiter);
    if (count === 1 && this.#columns.length > 1) {
      delimiter = this.#otherDelimiter(bytes, start, end) ?? TAB;
      count = this.#split(bytes, start, end, delimiter);
    }
    return this.#readFields(block, count, delimiter, end);
  }

  #headerAt(bytes: Uint8Array, start: number, end: number): Header | undefined {
    if (end - start <= MAX_HEADER_BYTES) return headerOf(latin1(bytes, start, end));
    return isMeantAsHeader(latin1(bytes, start, start + MAX_HEADER_BYTES)) ? "unreadable" : undefined;
  }

  /** Finds the fields that the header names, and where surplus ones start. */
  #split(bytes: Uint8Array, start: number, end: number, delimiter: number): number {
    const starts = this.#starts;
    const ends = this.#ends;
    const known = this.#columns.length;
    let count = 0;
    let fieldStart = start;
    for (let i = start; i < end && count < known; i++) {
      if (bytes[i] === delimiter) {
        starts[count] = fieldStart;
        ends[count++] = i;
        fieldStart = i + 1;
      }
    }
    this.#surplusAt = -1;
    if (count < known) {
      starts[count] = fieldStart;
      ends[count++] = end;
    } else this.#surplusAt = fieldStart;
    return count;
  }

  /** The delimiter by which date and time are where they should be; undefined when no delimiter is certain. */
  #otherDelimiter(bytes: Uint8Array, start: number, end: number): number | undefined {
    return OTHER_DELIMITERS.find((delimiter) => {
      const count = this.#split(bytes, start, end, delimiter);
      // A value may hold the delimiter, which would shift all fields after it.
      if (delimiter !== SPACE && (this.#surplusAt >= 0 || count < this.#columns.length)) return false;
      if (this.#hasInstant) return this.#instant(bytes, count) !== undefined;
      const date = this.#placeOf(this.#dateAt, count, DATE_LENGTH);
      const time = this.#placeOf(this.#timeAt, count, TIME_LENGTH);
      return date >= 0 && time >= 0 && dayAt(bytes, date) !== NO_DAY && isTimeOfDay(bytes, time);
    });
  }

  /** Where a field starts; -1 when the record does not have it, or has it with another length. */
  #placeOf(field: number, count: number, length: number): number {
    if (field < 0 || field >= count) return -1;
    const start = this.#starts[field]!;
    return this.#ends[field]! - start === length ? start : -1;
  }

  /** The time of a record whose header has no date and no time of day. */
  #instant(bytes: Uint8Array, count: number): string | undefined {
    const start = this.#starts[this.#instantAt]!;
    const end = this.#ends[this.#instantAt]!;
    return this.#instantAt < count && end - start < 24 ? instantText(latin1(bytes, start, end)) : undefined;
  }

  get #hasInstant(): boolean {
    return this.#instantAt >= 0 && (this.#dateAt < 0 || this.#timeAt < 0);
  }

  #setTime(block: RowBlock, count: number): LineOutcome {
    const lastAt = this.#hasInstant ? this.#instantAt : Math.max(this.#dateAt, this.#timeAt);
    if (count <= lastAt) return "TOO_FEW_FIELDS";
    if (this.#hasInstant) {
      const instant = this.#instant(block.bytes, count);
      if (instant === undefined) return "INVALID_DATE";
      const at = block.addText(ascii(instant));
      block.setField(TIME_COLUMN, at, at + instant.length);
      return block.setDay(at) ? "row" : "INVALID_DATE";
    }
    const date = this.#placeOf(this.#dateAt, count, DATE_LENGTH);
    if (date < 0 || !block.setDay(date)) return "INVALID_DATE";
    const time = this.#placeOf(this.#timeAt, count, TIME_LENGTH);
    if (time < 0 || !isTimeOfDay(block.bytes, time)) return "INVALID_TIME";
    if (this.#isDateTime) block.setField(TIME_COLUMN, date, time + TIME_LENGTH);
    else this.#joinTime(block, date, time);
    return "row";
  }

  #readFields(block: RowBlock, count: number, delimiter: number, end: number): LineOutcome {
    if (this.#naming === "positions" && !isWholeGeneration(count)) return "MISSING_HEADER";
    block.startRow();
    const outcome = this.#setTime(block, count);
    if (outcome !== "row") return outcome;
    const { bytes, fields } = block;
    const starts = this.#starts;
    const ends = this.#ends;
    const columnAt = this.#columns;
    const rowAt = 2 * block.rowCount;
    for (let i = 0; i < count; i++) {
      const column = columnAt[i]!;
      if (column < 0) continue;
      const length = ends[i]! - starts[i]!;
      const at = 2 * FIELD_STRIDE * column + rowAt;
      fields[at] = starts[i]!;
      fields[at + 1] = length === 1 && bytes[starts[i]!] === MINUS ? NULL_LENGTH : length;
    }
    if (this.#unknown.length > 0) this.#keepUnknown(block, count);
    if (this.#surplusAt >= 0) keepSurplus(block, this.#surplusAt, end, count + 1, delimiter);
    return fit.isShifted(block, this.#naming === "positions" ? this.#oddTexts(bytes, count) : 0) ? "SHIFTED" : "row";
  }

  /** Texts at positions that do not look like those of their fields: without a header nothing else says which they are. */
  #oddTexts(bytes: Uint8Array, count: number): number {
    let odd = 0;
    for (const [field, looks] of LOOKS_BY_POSITION)
      if (field < count && !looks.test(latin1(bytes, this.#starts[field]!, this.#ends[field]!))) odd++;
    return odd;
  }

  /** Positions of fields that have no column. */
  #unknown: readonly number[] = [];

  #keepUnknown(block: RowBlock, count: number): void {
    for (const i of this.#unknown) {
      if (i >= count) break;
      const start = this.#starts[i]!;
      const isNull = this.#ends[i]! - start === 1 && block.bytes[start] === MINUS;
      if (!isNull) block.extra.add(this.#fields[i]!.name, start, this.#ends[i]!);
    }
  }

  /** Date and time stand apart: puts them side by side. */
  #joinTime(block: RowBlock, dateStart: number, timeStart: number): void {
    const at = block.reserveText(19);
    const { bytes } = block;
    bytes.copyWithin(at, dateStart, dateStart + 10);
    bytes[at + 10] = SPACE;
    bytes.copyWithin(at + 11, timeStart, timeStart + 8);
    block.setField(TIME_COLUMN, at, at + 19);
  }

  #setHeader(header: Header): void {
    // One that says nothing changes nothing where names are known.
    if (header === "empty" && this.#naming === "named") return;
    const isReadable = typeof header !== "string" && namesTime(header);
    this.#naming = isReadable ? "named" : "unknown";
    if (isReadable) this.#setFields(header);
  }

  #setFields(newFields: readonly Field[]): void {
    this.#fields = newFields;
    this.#columns = Int32Array.from(newFields, ({ column }) => column);
    this.#starts = new Int32Array(newFields.length + 1);
    this.#ends = new Int32Array(newFields.length + 1);
    this.#dateAt = newFields.findIndex(({ column }) => column === DATE);
    this.#timeAt = newFields.findIndex(({ column }) => column === TIME_OF_DAY);
    this.#instantAt = newFields.findIndex(({ column }) => column === INSTANT);
    this.#isDateTime = this.#timeAt === this.#dateAt + 1 && this.#dateAt >= 0;
    this.#unknown = newFields.flatMap(({ column }, i) => (column <= INSTANT ? [i] : []));
  }
}

const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;

/** Keeps the fields after the last one of the header, under their position in the record. */
function keepSurplus(block: RowBlock, start: number, end: number, position: number, delimiter: number): void {
  let fieldStart = start;
  for (let number = position; fieldStart <= end; number++) {
    const next = findByte(block.bytes, delimiter, fieldStart, end);
    const fieldEnd = next < 0 ? end : next;
    block.extra.add(`extra_${number}`, fieldStart, fieldEnd);
    fieldStart = fieldEnd + 1;
  }
}
