/** Checks what a Parquet file says about its data against the data. */
import { parquetMetadataAsync, readOffsetIndex, type SchemaElement } from "hyparquet";
import { deserializeTCompactProtocol } from "hyparquet/src/thrift.js";
import { asyncBuffer } from "../parse-text.ts";
import { plainParsers, readPlainly } from "./readers.ts";

/** Rows of a page, as in `shared-numbers.ts`. */
const PAGE_ROWS = 20_000;

interface StatisticsReport {
  /** What is wrong. */
  readonly problems: readonly string[];
  /** Columns without a column index, by name. */
  readonly withoutColumnIndex: readonly string[];
}

type Comparable = number | bigint | Buffer | boolean;

function compare(a: Comparable, b: Comparable): number {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function asComparable(value: unknown): Comparable {
  if (value instanceof Uint8Array) return Buffer.from(value);
  return typeof value === "string" ? Buffer.from(value) : (value as Comparable);
}

interface Bounds {
  readonly min: Comparable;
  readonly max: Comparable;
}

/** Undefined where there is no value. */
function boundsOf(values: readonly unknown[]): Bounds | undefined {
  let bounds: { min: Comparable; max: Comparable } | undefined;
  for (const raw of values) {
    if (raw === null || raw === undefined) continue;
    const value = asComparable(raw);
    if (!bounds) bounds = { min: value, max: value };
    else if (compare(value, bounds.min) < 0) bounds.min = value;
    else if (compare(value, bounds.max) > 0) bounds.max = value;
  }
  return bounds;
}

const nullsIn = (values: readonly unknown[]) => values.filter((value) => value === null || value === undefined).length;

/** Texts are cut, downwards and upwards; everything else is exact. */
function boundsProblem(
  stated: { min: unknown; max: unknown; isMinExact?: boolean | undefined; isMaxExact?: boolean | undefined },
  actual: Bounds | undefined,
  isDouble: boolean,
): string | undefined {
  const { min, max } = stated;
  if (!actual) return min === undefined && max === undefined ? undefined : `bounds ${min} to ${max} of no value`;
  if (min === undefined || max === undefined) return "no bounds";
  const [lower, upper] = [compare(asComparable(min), actual.min), compare(asComparable(max), actual.max)];
  const isText = actual.min instanceof Uint8Array;
  if (lower > 0 || upper < 0) return `values from ${actual.min} to ${actual.max} outside of ${min} to ${max}`;
  if (!isText && (lower !== 0 || upper !== 0)) return `bounds ${min} to ${max} of ${actual.min} to ${actual.max}`;
  if (isText && lower !== 0 && stated.isMinExact !== false) return `least text ${min} is said to be exact`;
  if (isText && upper !== 0 && stated.isMaxExact !== false) return `greatest text ${max} is said to be exact`;
  if (isDouble && actual.min === 0 && !Object.is(min, -0)) return "the least of zeros is not -0";
  if (isDouble && actual.max === 0 && Object.is(max, -0)) return "the greatest of zeros is -0";
  return undefined;
}

export async function checkStatistics(bytes: Uint8Array): Promise<StatisticsReport> {
  const problems: string[] = [];
  const withoutColumnIndex = new Set<string>();
  const rows = await readPlainly(bytes);
  const metadata = await parquetMetadataAsync(asyncBuffer(bytes), { parsers: plainParsers });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let groupStart = 0;
  for (const [group, { columns, num_rows }] of metadata.row_groups.entries()) {
    const groupEnd = groupStart + Number(num_rows);
    for (const column of columns) {
      const chunk = column.meta_data!;
      const name = chunk.path_in_schema[0]!;
      const say = (what: string | undefined) => what && problems.push(`${name} of row group ${group}: ${what}`);
      const element = metadata.schema.find((schema) => schema.name === name)!;
      const values = rows.slice(groupStart, groupEnd).map((row) => row[name]);
      const { null_count, min_value, max_value, is_min_value_exact, is_max_value_exact } = chunk.statistics!;
      if (Number(null_count) !== nullsIn(values)) say(`${null_count} nulls instead of ${nullsIn(values)}`);
      const exact = { isMinExact: is_min_value_exact, isMaxExact: is_max_value_exact };
      // A file without bounds for a column of two values is as good: there is nothing to skip by.
      if (element.type !== "BOOLEAN" || min_value !== undefined)
        say(boundsProblem({ min: min_value, max: max_value, ...exact }, boundsOf(values), element.type === "DOUBLE"));
      // What holds of a single page is what holds of the chunk.
      if (values.length <= PAGE_ROWS && column.offset_index_offset === undefined) continue;

      if (column.offset_index_offset === undefined) {
        say("no offset index");
        continue;
      }
      const { page_locations: pages } = readOffsetIndex({ view, offset: Number(column.offset_index_offset) });
      const starts = [...pages.map(({ first_row_index }) => Number(first_row_index)), values.length];
      const chunkStart = Number(chunk.dictionary_page_offset ?? chunk.data_page_offset);
      const lastPage = pages.at(-1)!;
      if (starts[0] !== 0 || starts.some((start, i) => i > 0 && start <= starts[i - 1]!))
        say(`pages start at ${starts}`);
      if (pages[0]!.offset !== chunk.data_page_offset) say("the first page is not where the chunk says");
      const end = Number(lastPage.offset) + lastPage.compressed_page_size;
      if (end !== chunkStart + Number(chunk.total_compressed_size)) say("the last page does not end with the chunk");

      if (column.column_index_offset === undefined) {
        withoutColumnIndex.add(name);
        continue;
      }
      const at = { view, offset: Number(column.column_index_offset) };
      say(pagesProblem(readIndex(at, element), starts, values, element.type === "DOUBLE"));
    }
    groupStart = groupEnd;
  }
  return { problems, withoutColumnIndex: [...withoutColumnIndex] };
}

interface PageIndex {
  readonly nullPages: readonly boolean[];
  /** Undefined of a page without a value. */
  readonly mins: readonly (Comparable | undefined)[];
  readonly maxs: readonly (Comparable | undefined)[];
  /** 0 unordered, 1 ascending, 2 descending. */
  readonly order: number;
  readonly nullCounts: readonly bigint[];
}

/**
 * `readColumnIndex` of hyparquet 1.31 fails at pages without a value, whose bounds are no bytes.
 *
 * @see https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift ColumnIndex
 */
function readIndex(at: { view: DataView; offset: number }, element: SchemaElement): PageIndex {
  const { field_1, field_2, field_3, field_4, field_5 } = deserializeTCompactProtocol(at);
  const values = (list: Uint8Array[]) =>
    list.map((bytes, page) => (field_1[page] ? undefined : plainValue(bytes, element)));
  return { nullPages: field_1, mins: values(field_2), maxs: values(field_3), order: field_4, nullCounts: field_5 };
}

function plainValue(bytes: Uint8Array, { type }: SchemaElement): Comparable {
  const buffer = Buffer.from(bytes);
  switch (type) {
    case "INT32":
      return buffer.readInt32LE();
    case "INT64":
      return buffer.readBigInt64LE();
    case "DOUBLE":
      return buffer.readDoubleLE();
    case "BOOLEAN":
      return buffer[0] === 1;
    default:
      return buffer;
  }
}

function pagesProblem(
  index: PageIndex,
  starts: readonly number[],
  values: readonly unknown[],
  isDouble: boolean,
): string | undefined {
  const pages = starts.slice(1).map((end, page) => values.slice(starts[page], end));
  if (index.nullPages.length !== pages.length) return `${index.nullPages.length} entries for ${pages.length} pages`;
  for (const [page, pageValues] of pages.entries()) {
    const actual = boundsOf(pageValues);
    const nulls = nullsIn(pageValues);
    if (Number(index.nullCounts[page]) !== nulls) return `page ${page}: ${index.nullCounts[page]} nulls, not ${nulls}`;
    if (index.nullPages[page] !== (actual === undefined))
      return `page ${page} is a null page: ${index.nullPages[page]}`;
    // The column index does not say what is exact.
    const stated = { min: index.mins[page], max: index.maxs[page], isMinExact: false, isMaxExact: false };
    const problem = boundsProblem(stated, actual, isDouble);
    if (problem) return `page ${page}: ${problem}`;
  }
  return orderProblem(index);
}

function orderProblem({ order, nullPages, mins, maxs }: PageIndex): string | undefined {
  if (order === 0) return undefined;
  const sign = order === 1 ? 1 : -1;
  const filled = [...nullPages.keys()].filter((page) => !nullPages[page]);
  for (const list of [mins, maxs]) {
    const isOff = filled.some((page, i) => i > 0 && sign * compare(list[page]!, list[filled[i - 1]!]!) < 0);
    if (isOff) return `pages that are not in the order they are said to be in, ${order}`;
  }
  return undefined;
}
