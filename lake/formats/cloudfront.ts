/**
 * CloudFront standard logs (legacy delivery, and w3c delivery of v2): tab-separated records under a `#Fields` line.
 *
 * The `#Fields` line says what stands where; it may change within an object. Records without one are read by position:
 * every generation of the format only added fields at the end of the list.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
 */
import { isTimeOfDay } from "../columns/calendar.ts";
import type { Kernel } from "../columns/kernel/kernel.ts";
import { kernelLineScanner, type OrdinaryLines } from "../columns/kernel/line-scanner.ts";
import { lineFramer } from "../columns/line-framer.ts";
import { lineScanner } from "../columns/line-scanner.ts";
import { FIELD_STRIDE, NULL_LENGTH, type RowBatch } from "../columns/row-batch.ts";
import type { ColumnDefinition, ColumnType, Decoding } from "../columns/schema.ts";
import { ascii, firstRecordLine, HASH, latin1, MINUS, SPACE, startsWithAt, TAB } from "./ascii.ts";
import type { LineOutcome, LineReader, LogFormat } from "./format.ts";

const FIELDS = ascii("#Fields:");

/** Fields of the first generation (2011): a record without a header is at least so long. */
const FIRST_GENERATION_FIELDS = 12;

/** Fields in the order of the newest generation. `date` and `time` become the one column `time`. */
const fields: readonly (readonly [upstreamName: string, type: ColumnType, decoding?: Decoding])[] = [
  ["x-edge-location", "string"],
  ["sc-bytes", "int64"],
  ["c-ip", "string"],
  ["cs-method", "string"],
  ["cs(Host)", "string", "percent"],
  ["cs-uri-stem", "string", "percent"],
  ["sc-status", "int32"],
  ["cs(Referer)", "string", "percent"],
  ["cs(User-Agent)", "string", "percent"],
  ["cs-uri-query", "string", "percent"],
  ["cs(Cookie)", "string", "percent"],
  ["x-edge-result-type", "string"],
  ["x-edge-request-id", "string"],
  ["x-host-header", "string", "percent"],
  ["cs-protocol", "string"],
  ["cs-bytes", "int64"],
  ["time-taken", "double"],
  ["x-forwarded-for", "string", "percent"],
  ["ssl-protocol", "string"],
  ["ssl-cipher", "string"],
  ["x-edge-response-result-type", "string"],
  ["cs-protocol-version", "string"],
  ["fle-status", "string"],
  ["fle-encrypted-fields", "int32"],
  ["c-port", "int32"],
  ["time-to-first-byte", "double"],
  ["x-edge-detailed-result-type", "string"],
  ["sc-content-type", "string", "percent"],
  ["sc-content-len", "int64"],
  ["sc-range-start", "int64"],
  ["sc-range-end", "int64"],
];

/** Lower snake case of a name such as `cs(User-Agent)`. */
function columnName(upstreamName: string): string {
  return upstreamName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/_$/, "");
}

const columns: readonly ColumnDefinition[] = [
  { name: "time", type: "timestamp_millis", upstreamName: "date time" },
  ...fields.map(([upstreamName, type, decoding]) => ({
    name: columnName(upstreamName),
    type,
    upstreamName,
    ...(decoding && { decoding }),
  })),
];

const TIME_COLUMN = 0;

/** What stands at a position of a record. Columns are named by their index. */
type Field = { readonly name: string; readonly column: number };
const DATE = -1;
const TIME_OF_DAY = -2;
const UNKNOWN = -3;

const columnOf = new Map<string, number>([
  ["date", DATE],
  ["time", TIME_OF_DAY],
  ...fields.map(([upstreamName], i): [string, number] => [upstreamName.toLowerCase(), i + 1]),
]);

function fieldsOf(names: readonly string[]): Field[] {
  const taken = new Set<number>();
  return names.map((name) => {
    const column = columnOf.get(name.toLowerCase()) ?? UNKNOWN;
    // A name that comes twice is data all the same.
    if (taken.has(column)) return { name, column: UNKNOWN };
    if (column !== UNKNOWN) taken.add(column);
    return { name, column };
  });
}

const positions = fieldsOf(["date", "time", ...fields.map(([upstreamName]) => upstreamName)]);

export const cloudfront: LogFormat = {
  name: "cloudfront",
  title: "CloudFront standard log",
  claims(head) {
    if (startsWithAt(head, 0, FIELDS)) return true;
    if (startsWithAt(head, 0, ascii("#Version:"))) return true;
    // No header: a date, a time and ten more fields.
    const record = firstRecordLine(head).split("\t");
    return (
      record.length >= FIRST_GENERATION_FIELDS &&
      /^\d{4}-\d{2}-\d{2}$/.test(record[0]!) &&
      /^\d{2}:\d{2}:\d{2}$/.test(record[1]!)
    );
  },
  columns: () => columns,
  openScanner: (_options, header) => lineScanner(new CloudFrontReader(header)),
  openKernelScanner: (kernel, _options, header) => {
    const reader = new CloudFrontReader(header);
    return kernelLineScanner(kernel, new KernelTabs(kernel, reader), lineScanner(reader));
  },
  openFramer: () => lineFramer("#Fields:"),
};

class CloudFrontReader implements LineReader {
  #fields: readonly Field[] = positions;
  /** Column of each position; date, time and unknown ones are negative. */
  #columns = new Int32Array(0);
  #hasHeader = false;
  #dateAt = 0;
  #timeAt = 1;
  /** Neighbours in this order: their text is one timestamp as it stands. */
  #isDateTime = true;
  // Start and end of each field of the record; the fields after the last known one are found again.
  #starts = new Int32Array(0);
  #ends = new Int32Array(0);

  constructor(header: string | undefined) {
    this.#setFields(positions);
    if (header !== undefined) this.#setHeader(header);
  }

  /** Column of each field; another array after each header. */
  get layout(): Int32Array {
    return this.#columns;
  }

  get dateAt(): number {
    return this.#dateAt;
  }

  /** Every field has a column, and date and time stand side by side. */
  get isPlain(): boolean {
    return (
      this.#isDateTime &&
      this.#unknown.length === 0 &&
      this.#columns.length >= (this.#hasHeader ? 1 : FIRST_GENERATION_FIELDS)
    );
  }

  readLine(batch: RowBatch, start: number, end: number): LineOutcome {
    const { bytes } = batch;
    if (bytes[start] === HASH) {
      if (end - start >= FIELDS.length && startsWithAt(bytes, start, FIELDS)) {
        this.#setHeader(latin1(bytes, start, end));
      }
      return "comment";
    }
    const starts = this.#starts;
    const ends = this.#ends;
    const known = this.#columns.length;
    let count = 0;
    let fieldStart = start;
    for (let i = start; i < end && count < known; i++) {
      if (bytes[i] === TAB) {
        starts[count] = fieldStart;
        ends[count++] = i;
        fieldStart = i + 1;
      }
    }
    let surplusAt = -1;
    if (count < known) {
      starts[count] = fieldStart;
      ends[count++] = end;
    } else surplusAt = fieldStart;
    return this.#readFields(batch, count, surplusAt, end);
  }

  #readFields(batch: RowBatch, count: number, surplusAt: number, end: number): LineOutcome {
    if (!this.#hasHeader && count < FIRST_GENERATION_FIELDS) return "MISSING_HEADER";
    const { bytes } = batch;
    const starts = this.#starts;
    const ends = this.#ends;
    const dateAt = this.#dateAt;
    const timeAt = this.#timeAt;
    if (dateAt < 0 || dateAt >= count || ends[dateAt]! - starts[dateAt]! !== 10) return "INVALID_DATE";
    batch.startRow();
    if (!batch.setDay(starts[dateAt]!)) return "INVALID_DATE";
    if (timeAt < 0 || timeAt >= count || ends[timeAt]! - starts[timeAt]! !== 8) return "INVALID_TIME";
    if (!isTimeOfDay(bytes, starts[timeAt]!)) return "INVALID_TIME";
    if (this.#isDateTime) batch.setField(TIME_COLUMN, starts[dateAt]!, ends[timeAt]!);
    else this.#joinTime(batch, starts[dateAt]!, starts[timeAt]!);
    const columnAt = this.#columns;
    const rowAt = 2 * batch.rowCount;
    const { fields } = batch;
    for (let i = 0; i < count; i++) {
      const column = columnAt[i]!;
      if (column < 0) continue;
      const length = ends[i]! - starts[i]!;
      const at = 2 * FIELD_STRIDE * column + rowAt;
      fields[at] = starts[i]!;
      fields[at + 1] = length === 1 && bytes[starts[i]!] === MINUS ? NULL_LENGTH : length;
    }
    if (this.#unknown.length > 0) this.#keepUnknown(batch, count);
    if (surplusAt >= 0) keepSurplus(batch, surplusAt, end, count + 1);
    return "row";
  }

  /** Positions of fields that have no column. */
  #unknown: readonly number[] = [];

  #keepUnknown(batch: RowBatch, count: number): void {
    for (const i of this.#unknown) {
      if (i >= count) break;
      const start = this.#starts[i]!;
      const isNull = this.#ends[i]! - start === 1 && batch.bytes[start] === MINUS;
      if (!isNull) batch.extra.add(this.#fields[i]!.name, start, this.#ends[i]!);
    }
  }

  /** Date and time stand apart: puts them side by side. */
  #joinTime(batch: RowBatch, dateStart: number, timeStart: number): void {
    const at = batch.reserveText(19);
    const { bytes } = batch;
    bytes.copyWithin(at, dateStart, dateStart + 10);
    bytes[at + 10] = SPACE;
    bytes.copyWithin(at + 11, timeStart, timeStart + 8);
    batch.setField(TIME_COLUMN, at, at + 19);
  }

  /** @param line - `#Fields:` and the names, separated by spaces or tabs. */
  #setHeader(line: string): void {
    const names = line
      .slice(FIELDS.length)
      .split(/[ \t]+/)
      .filter((name) => name !== "");
    this.#setFields(fieldsOf(names));
    this.#hasHeader = true;
  }

  #setFields(newFields: readonly Field[]): void {
    this.#fields = newFields;
    this.#columns = Int32Array.from(newFields, ({ column }) => column);
    this.#starts = new Int32Array(newFields.length + 1);
    this.#ends = new Int32Array(newFields.length + 1);
    this.#dateAt = newFields.findIndex(({ column }) => column === DATE);
    this.#timeAt = newFields.findIndex(({ column }) => column === TIME_OF_DAY);
    this.#isDateTime = this.#timeAt === this.#dateAt + 1 && this.#dateAt >= 0;
    this.#unknown = newFields.flatMap(({ column }, i) => (column === UNKNOWN ? [i] : []));
  }
}

/** Tells the kernel which column each field between tabs goes to. */
class KernelTabs implements OrdinaryLines {
  readonly #kernel: Kernel;
  readonly #reader: CloudFrontReader;
  #layout: Int32Array | undefined;
  #count = 0;
  #columnsAt = 0;
  #missing: number[] = [];
  #missingAt = 0;

  constructor(kernel: Kernel, reader: CloudFrontReader) {
    this.#kernel = kernel;
    this.#reader = reader;
  }

  prepare(): void {
    const { layout, dateAt } = this.#reader;
    if (layout !== this.#layout) this.#setLayout(layout);
    const missingCount = this.#missing.length;
    this.#kernel.exports.setTabs(this.#columnsAt, this.#count, this.#missingAt, missingCount, dateAt, TIME_COLUMN);
  }

  #setLayout(layout: Int32Array): void {
    const kernel = this.#kernel;
    this.#layout = layout;
    // No line has 0 fields: a layout that the kernel cannot read is left to the reference.
    this.#count = this.#reader.isPlain ? layout.length : 0;
    const targets = layout.map((column) => (column === DATE ? kernel.spareColumn : column));
    this.#columnsAt = kernel.putNumbers(
      targets.map((column) => (column === TIME_OF_DAY ? kernel.spareColumn + 1 : column)),
    );
    // `_extra` is in no ordinary line.
    this.#missing = [...columns.keys(), kernel.extraColumn].filter(
      (column) => column !== TIME_COLUMN && !layout.includes(column),
    );
    this.#missingAt = kernel.putNumbers(this.#missing);
  }

  scan(start: number, end: number, firstRow: number, firstLine: number): number {
    return this.#kernel.exports.scanTabs(start, end, firstRow, firstLine);
  }
}

/** Keeps what stands after the last field of the header, under its position in the record. */
function keepSurplus(batch: RowBatch, start: number, end: number, position: number): void {
  let fieldStart = start;
  for (let number = position; fieldStart <= end; number++) {
    const tab = batch.bytes.indexOf(TAB, fieldStart);
    const fieldEnd = tab < 0 || tab > end ? end : tab;
    batch.extra.add(`extra_${number}`, fieldStart, fieldEnd);
    fieldStart = fieldEnd + 1;
  }
}
