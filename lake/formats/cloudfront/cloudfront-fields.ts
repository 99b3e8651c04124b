/**
 * The names of the fields of CloudFront's standard logs, and the column of each.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html#standard-logging-real-time-log-selection v2
 */
import type { ColumnDefinition, ColumnType, Decoding } from "../../rows/schema.ts";

/**
 * Fields in the order of the newest generation. Each generation added some at the end: 12 in 2011, 15 in 2012, 18 and 19 in
 * 2013 and 2014, 23 in 2015, 24 in 2016, 26 in 2017 and 33 since December 2019.
 *
 * `date` and `time` become the one column `time`.
 */
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

export const columns: readonly ColumnDefinition[] = [
  { name: "time", type: "timestamp_millis", upstreamName: "date time" },
  ...fields.map(([upstreamName, type, decoding]) => ({
    name: columnName(upstreamName),
    type,
    upstreamName,
    ...(decoding && { decoding }),
  })),
];

export const TIME_COLUMN = 0;

/** The field at a position of a record; its column by index. */
export type Field = { readonly name: string; readonly column: number };
export const DATE = -1;
export const TIME_OF_DAY = -2;
/** Milliseconds or seconds since 1970: the time of records without date and time. It has no column. */
export const INSTANT = -3;
const UNKNOWN = -4;

/** Names that real-time logs have for fields of these logs; standard logging v2 offers some of them. */
const OTHER_NAMES: readonly (readonly [name: string, standard: string])[] = [
  ["cs-host", "cs(Host)"],
  ["cs-referer", "cs(Referer)"],
  ["cs-user-agent", "cs(User-Agent)"],
  ["cs-cookie", "cs(Cookie)"],
];

/** Other names of fields in deliveries: those of the real-time logs, and of Parquet's columns. */
export const otherNames: ReadonlyMap<string, string> = new Map([
  ...OTHER_NAMES,
  ...fields.map(([upstreamName]): [string, string] => [columnName(upstreamName), upstreamName]),
]);

const columnOf = new Map<string, number>([
  ["date", DATE],
  ["time", TIME_OF_DAY],
  ["timestamp(ms)", INSTANT],
  ["timestamp", INSTANT],
  ...fields.map(([upstreamName], i): [string, number] => [upstreamName.toLowerCase(), i + 1]),
  ...[...otherNames].map(([name, standard]): [string, number] => [
    name,
    1 + fields.findIndex(([upstreamName]) => upstreamName === standard),
  ]),
]);

/** The column of each field. A field whose name was there before is kept under its name once, then under its position. */
function fieldsOf(names: readonly string[]): Field[] {
  const taken = new Set<number>();
  const kept = new Set<string>();
  return names.map((name, i) => {
    const column = columnOf.get(name.toLowerCase()) ?? UNKNOWN;
    const isNew = column !== UNKNOWN && !taken.has(column);
    if (isNew) taken.add(column);
    if (isNew && column !== INSTANT) return { name, column };
    const isKept = kept.has(name);
    kept.add(name);
    return { name: isKept ? `extra_${i + 1}` : name, column: isNew ? column : UNKNOWN };
  });
}

/** The fields of a record without a header, by position. */
export const positions = fieldsOf(["date", "time", ...fields.map(([upstreamName]) => upstreamName)]);

const FIELDS = "#Fields:";
/** Delimiters between names; deliveries may choose another one than a tab. */
const SEPARATORS = /[\t ,;|]+/;
/** A name of a field, such as `sc-bytes`, `cs(User-Agent)`, `timestamp(ms)` or `DistributionId`. */
const NAME = /^[A-Za-z][A-Za-z-]*(\([A-Za-z-]+\))?$/;
/** Longer lines are not headers. */
export const MAX_HEADER_BYTES = 64 << 10;

/**
 * The fields that a header names: a `#Fields:` line, with spaces or tabs between the names, or in plain deliveries the bare
 * names.
 *
 * @returns Undefined when it is not a header, or names nothing.
 */
export function headerFields(line: string): readonly Field[] | undefined {
  const isMarked = line.startsWith(FIELDS);
  if (!isMarked && !columnOf.has(line.split(SEPARATORS, 1)[0]!.toLowerCase())) return undefined;
  const names = line
    .slice(isMarked ? FIELDS.length : 0)
    .split(SEPARATORS)
    .filter((name) => name !== "");
  if (names.length === 0) return undefined;
  return isMarked || isListOfNames(names) ? fieldsOf(names) : undefined;
}

/** Whether these are names of fields, not values: most are known, and the others look like names. */
function isListOfNames(names: readonly string[]): boolean {
  const known = names.filter((name) => columnOf.has(name.toLowerCase())).length;
  return names.length > 1 && known * 2 > names.length && names.every((name) => NAME.test(name));
}

/** Whether a header is CloudFront's: it names a field that no other server's log has. */
export function namesOwnFields(header: readonly Field[]): boolean {
  return header.some(({ name }) => /^(x-edge-|x-host-header|cs\(|fle-|sc-range-|timestamp\()/i.test(name));
}
