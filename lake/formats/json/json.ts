/**
 * JSON records: one a line, back to back as Firehose writes them, in an array, alone, or in an array within an envelope.
 *
 * Entries are records, not lines. Damage within values costs the record, however the text is written. Where a quote or a bracket
 * is lost or added, reading continues at the next object on the line that cannot be part of the damaged record
 * (`damaged-text.ts`), or with a line that is a whole record, or else with the next line.
 *
 * Of two members with one name the last counts, as in JSON.parse. Members without a column are kept as they stand, digit for
 * digit. Nesting costs memory, but no call stack. A record must be UTF-8. A lone surrogate, which only an escape can write,
 * becomes U+FFFD in a column.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259
 * @see https://docs.aws.amazon.com/firehose/latest/dev/basic-deliver.html Firehose puts nothing between records.
 */
import { z } from "zod";
import type { RowBlock } from "../../rows/row-block.ts";
import type { ColumnDefinition } from "../../rows/schema.ts";
import { checkTime, checkUpstreamNames, configuredColumns, EventTime, eventTimeOptions } from "../event-time.ts";
import type { FormatOptions, LogFormat } from "../format.ts";
import { JsonFramer } from "./json-framer.ts";
import { jsonFramer } from "./json-kernel-framer.ts";
import { JsonScanner, type RecordScanner } from "./json-scanner.ts";
import { INCOMPLETE, isOneOf, skipSpace, skipValue } from "./json-text.ts";
import { RecordReader } from "./record-reader.ts";

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const OPENING_BRACKET = 0x5b;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

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
  columns: (options) => readOptions(options).columns,
  openScanner: openRecordScanner,
  openFramer: (options) => (readOptions(options).recordsAt.length > 0 ? new JsonFramer(true) : jsonFramer()),
};

export function openRecordScanner(options: FormatOptions | undefined): RecordScanner {
  const { columns, recordsAt, ...time } = readOptions(options);
  const eventTime = new EventTime(columns, time);
  const endRecord = (block: RowBlock) => (eventTime.setDay(block) ? "row" : "INVALID_DATE");
  return new JsonScanner(new RecordReader({ columns, endRecord }), recordsAt);
}

/** A source without columns keeps its records in `_extra`, partitioned by `time`. */
const DEFAULT_COLUMNS = {
  columns: [{ name: "time", type: "timestamp_millis", upstreamName: "time" }],
  time: "time",
} as const;

/** The options of a source, checked and filled in. */
export function readOptions(options: FormatOptions = {}): JsonOptions {
  const { columns, ...others } = jsonOptions.parse(options);
  return columns ? { ...others, columns } : { ...others, ...DEFAULT_COLUMNS };
}

/** Whether a text begins with `{"` or `{}`, alone or as the first of an array: no other format begins like this. */
export function startsLikeRecords(head: Uint8Array): boolean {
  let at = skipSpace(head, 0, head.length);
  if (head[at] === OPENING_BRACKET) at = skipSpace(head, at + 1, head.length);
  if (head[at] !== OPENING_BRACE) return false;
  const next = head[skipSpace(head, at + 1, head.length)];
  return next === QUOTE || next === CLOSING_BRACE;
}

/**
 * Whether a text can be JSON, as its source says: it starts with a value, or one of its lines starts like a record. Other
 * lines are rejected one by one.
 */
function holdsJson(head: Uint8Array): boolean {
  const start = skipSpace(head, 0, head.length);
  const first = head[start];
  const after = skipValue(head, start, head.length);
  if (after >= 0 && !isOneOf(head[after], "-:+.")) return true;
  if (after === INCOMPLETE && (first === OPENING_BRACE || first === OPENING_BRACKET)) return true;
  for (let at = head.indexOf(LINE_FEED); at >= 0; ) {
    // A line that is blank begins as the one after it does.
    const lineStart = skipSpace(head, at + 1, head.length);
    if (startsLikeRecords(head.subarray(lineStart))) return true;
    at = head.indexOf(LINE_FEED, lineStart);
  }
  return false;
}
