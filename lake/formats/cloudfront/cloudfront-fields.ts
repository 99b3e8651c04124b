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

/** Delimiters between names; deliveries may choose another one than a tab. */
const SEPARATORS = /[\t ,;|]+/;
/** A name of a field, such as `sc-bytes`, `cs(User-Agent)`, `timestamp(ms)` or `DistributionId`. */
const NAME = /^[A-Za-z][\w-]*(\([\w-]+\))?$/;
/** The beginning of a header as CloudFront writes it. */
const FIELDS = "#Fields:";
/**
 * The beginning of a line that somebody meant as one: `# Fields:`, `#fields`, `Fields:`, `"#Fields:`, after a byte order mark or
 * blanks. Bytes as characters.
 */
const MEANT_AS_FIELDS = /^(?:\xef\xbb\xbf|[\s"'])*(?:#[\s"']*fields\b[:=]?|fields\s*:)/i;
/** That beginning is shorter. */
const LONGEST_MARK = 64;
/** Longer lines are not read as headers. */
export const MAX_HEADER_BYTES = 1 << 20;

/** A header that cannot be read, as `Framer.header` carries it: the records after it must not be read by position either. */
export const UNREADABLE_HEADER = FIELDS;

/** What a header says: the fields, nothing, or names which nobody understands. */
export type Header = readonly Field[] | "empty" | "unreadable";

/**
 * Reads a header: a `#Fields:` line, with spaces or tabs between the names, or the bare names, as plain deliveries have them. One
 * that is written in another way is taken for what it says if most of its names are known.
 *
 * @returns Undefined for a line that is not meant as a header.
 */
export function headerOf(line: string): Header | undefined {
  const mark = line.startsWith(FIELDS) ? FIELDS : MEANT_AS_FIELDS.exec(line.slice(0, LONGEST_MARK))?.[0];
  if (mark === undefined) {
    const [first = "", ...others] = namesIn(line.slice(0, MOST_OF_NAMES));
    if (countKnown([first]) === 0 || countKnown(others) === 0) return undefined;
  }
  const names = namesIn(line.slice(mark?.length ?? 0));
  if (mark !== undefined && names.length === 0) return "empty";
  if (mark === FIELDS) return fieldsOf(names);
  if (isListOfNames(names)) return fieldsOf(names);
  return mark !== undefined || names.every((name) => NAME.test(name)) ? "unreadable" : undefined;
}

/** The beginning of a line in which the first few names are. */
const MOST_OF_NAMES = 256;

/** Whether a line is meant as a header, by its beginning alone: it may be too long to be read. */
export function isMeantAsHeader(start: string): boolean {
  return MEANT_AS_FIELDS.test(start.slice(0, LONGEST_MARK));
}

/** Names without the quotes that a program may have put around them, or around all of them. */
function namesIn(text: string): string[] {
  return text
    .replace(/^\xef\xbb\xbf/, "")
    .split(SEPARATORS)
    .map((name) => name.replaceAll(/["']/g, ""))
    .filter((name) => name !== "");
}

function countKnown(names: readonly string[]): number {
  return names.filter((name) => columnOf.has(name.toLowerCase())).length;
}

/** Whether these are names of fields, not values: most are known, and the others look like names. */
function isListOfNames(names: readonly string[]): boolean {
  return names.length > 1 && countKnown(names) * 2 > names.length && names.every((name) => NAME.test(name));
}

/** Whether a header is CloudFront's: it names a field that no other server's log has. */
export function namesOwnFields(header: readonly Field[]): boolean {
  return header.some(({ name }) => /^(x-edge-|x-host-header|cs\(|fle-|sc-range-|timestamp\()/i.test(name));
}

/** Whether a header names what makes the time of an event. */
export function namesTime(header: readonly Field[]): boolean {
  const has = (column: number) => header.some((field) => field.column === column);
  return (has(DATE) && has(TIME_OF_DAY)) || has(INSTANT);
}

/** Fields of a record of each generation, whose records are read by position. */
const GENERATIONS: ReadonlySet<number> = new Set([12, 15, 18, 19, 23, 24, 26]);

/** Whether records of so many fields may be read by position: those of a whole generation, the newest or a newer one. */
export function isWholeGeneration(fieldCount: number): boolean {
  return fieldCount >= positions.length || GENERATIONS.has(fieldCount);
}
