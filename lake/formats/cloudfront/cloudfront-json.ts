/**
 * CloudFront standard logs (v2) delivered as JSON: an object for each request, whose keys are the field names and whose
 * values are all strings. The table is that of the `cloudfront` format, so one source can take both.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
 */

import { FIELD_STRIDE } from "../../rows/block-layout.ts";
import { isTimeOfDay } from "../../rows/calendar.ts";
import type { RowBatch } from "../../rows/row-block.ts";
import type { LineOutcome } from "../../rows/scanner.ts";
import type { ColumnDefinition } from "../../rows/schema.ts";
import { ascii, latin1, SPACE } from "../ascii.ts";
import { columnFinder } from "../column-list.ts";
import type { LogFormat } from "../format.ts";
import { instantText } from "../instant.ts";
import { startsLikeRecords } from "../json/json.ts";
import { jsonFramer } from "../json/json-kernel-framer.ts";
import { JsonScanner, type RecordScanner } from "../json/json-scanner.ts";
import { RecordReader } from "../json/record-reader.ts";
import { otherNames, columns as standardColumns } from "./cloudfront-fields.ts";

/** The same instant since 1970; without columns, but they tell the time where date and time were not chosen. */
const INSTANT_MS = "timestamp(ms)";
const INSTANT = "timestamp";

const columns: readonly ColumnDefinition[] = [
  ...standardColumns,
  { name: "date_text", type: "string", upstreamName: "date", optional: true },
  { name: "time_of_day", type: "string", upstreamName: "time", optional: true },
  { name: "timestamp_ms", type: "string", upstreamName: INSTANT_MS, optional: true },
  { name: "timestamp_text", type: "string", upstreamName: INSTANT, optional: true },
];

const indexOf = columnFinder(columns);
const timeColumn = indexOf("time");
const dateText = indexOf("date_text");
const timeOfDay = indexOf("time_of_day");
const timestampMs = indexOf("timestamp_ms");
const timestampText = indexOf("timestamp_text");

/** The names of Parquet's columns, which have no brackets and no hyphens. */
export const otherKeys: ReadonlyMap<string, string> = new Map([...otherNames, ["timestamp_ms", INSTANT_MS]]);

/** Keys that are CloudFront's and nobody else's. */
const OWN_KEYS = new Set(
  [...columns.map(({ upstreamName }) => upstreamName), ...otherKeys.keys()].filter((name) =>
    /^(x[-_]edge[-_]|cs\(|cs-uri-|sc-|fle-|timestamp\()/.test(name),
  ),
);
const TIME_KEYS = new Set(["time", INSTANT_MS, INSTANT, "timestamp_ms"]);

export const cloudfrontJson: LogFormat = {
  name: "cloudfront-json",
  title: "CloudFront standard log (v2) in JSON or Parquet",
  entries: "records",
  claims(head) {
    if (!startsLikeRecords(head)) return false;
    const text = latin1(head, 0, head.length);
    const end = text.indexOf("}");
    const first = end < 0 ? text : text.slice(0, end);
    const keys = [...first.matchAll(/"([^"\\]+)"\s*:\s*"/g)].map(([, key]) => key!);
    return keys.some((key) => OWN_KEYS.has(key)) && keys.some((key) => TIME_KEYS.has(key));
  },
  columns: () => columns,
  openScanner: openRecordScanner,
  openFramer: () => jsonFramer(),
};

/** The text that stands for nothing. */
export const NOTHING = "-";

export function openRecordScanner(): RecordScanner {
  return new JsonScanner(new RecordReader({ columns, nothing: NOTHING, otherKeys, endRecord }), []);
}

/** Where a column's text of the row under way starts; -1 when it has none or one of another length. */
function textAt(batch: RowBatch, column: number, length: number): number {
  const at = 2 * (column * FIELD_STRIDE + batch.rowCount);
  return batch.fields[at + 1] === length ? batch.fields[at]! : -1;
}

function endRecord(batch: RowBatch): LineOutcome {
  const ms = latin1Of(batch, timestampMs);
  const text = latin1Of(batch, timestampText);
  if (ms !== undefined) batch.extra.addValue(INSTANT_MS, ms);
  if (text !== undefined) batch.extra.addValue(INSTANT, text);
  const instant = ms ?? text;
  if (!hasText(batch, dateText) && !hasText(batch, timeOfDay) && instant !== undefined)
    return setInstant(batch, instant);
  const date = textAt(batch, dateText, 10);
  if (date < 0 || !batch.setDay(date)) return "INVALID_DATE";
  const time = textAt(batch, timeOfDay, 8);
  if (time < 0 || !isTimeOfDay(batch.bytes, time)) return "INVALID_TIME";
  const at = batch.reserveText(19);
  const { bytes } = batch;
  bytes.copyWithin(at, date, date + 10);
  bytes[at + 10] = SPACE;
  bytes.copyWithin(at + 11, time, time + 8);
  batch.setField(timeColumn, at, at + 19);
  return "row";
}

function hasText(batch: RowBatch, column: number): boolean {
  return batch.fields[2 * (column * FIELD_STRIDE + batch.rowCount) + 1]! >= 0;
}

function latin1Of(batch: RowBatch, column: number): string | undefined {
  if (!hasText(batch, column)) return undefined;
  const at = 2 * (column * FIELD_STRIDE + batch.rowCount);
  const start = batch.fields[at]!;
  return latin1(batch.bytes, start, start + batch.fields[at + 1]!);
}

function setInstant(batch: RowBatch, instant: string): LineOutcome {
  const text = instantText(instant);
  if (text === undefined) return "INVALID_DATE";
  const at = batch.addText(ascii(text));
  batch.setField(timeColumn, at, at + text.length);
  return batch.setDay(at) ? "row" : "INVALID_DATE";
}
