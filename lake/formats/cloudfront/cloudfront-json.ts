/**
 * CloudFront standard logs (v2) delivered as JSON: an object for each request, whose keys are the field names and whose
 * values are all strings. The table is that of the `cloudfront` format, so one source can take both.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
 */

import { FIELD_STRIDE } from "../../rows/block-layout.ts";
import { isTimeOfDay } from "../../rows/calendar.ts";
import type { RowBlock } from "../../rows/row-block.ts";
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
import { cloudFrontOptions, withEscapes } from "./escapes-option.ts";

/** The same instant since 1970. These keys have no columns, but tell the time where date and time were not chosen. */
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

/** Keys that only CloudFront has. */
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
  optionsSchema: cloudFrontOptions,
  columns: (options) => withEscapes(columns, options),
  openScanner: () => openRecordScanner(),
  openFramer: () => jsonFramer(),
};

/** The text that stands for null. */
export const NOTHING = "-";

export function openRecordScanner(): RecordScanner {
  return new JsonScanner(new RecordReader({ columns, nothing: NOTHING, otherKeys, endRecord }), []);
}

/** Where a column's text of the current row starts; -1 when it has no text, or one of another length. */
function textAt(block: RowBlock, column: number, length: number): number {
  const at = 2 * (column * FIELD_STRIDE + block.rowCount);
  return block.fields[at + 1] === length ? block.fields[at]! : -1;
}

function endRecord(block: RowBlock): LineOutcome {
  const ms = latin1Of(block, timestampMs);
  const text = latin1Of(block, timestampText);
  if (ms !== undefined) block.extra.addValue(INSTANT_MS, ms);
  if (text !== undefined) block.extra.addValue(INSTANT, text);
  const instant = ms ?? text;
  if (!hasText(block, dateText) && !hasText(block, timeOfDay) && instant !== undefined)
    return setInstant(block, instant);
  const date = textAt(block, dateText, 10);
  if (date < 0 || !block.setDay(date)) return "INVALID_DATE";
  const time = textAt(block, timeOfDay, 8);
  if (time < 0 || !isTimeOfDay(block.bytes, time)) return "INVALID_TIME";
  const at = block.reserveText(19);
  const { bytes } = block;
  bytes.copyWithin(at, date, date + 10);
  bytes[at + 10] = SPACE;
  bytes.copyWithin(at + 11, time, time + 8);
  block.setField(timeColumn, at, at + 19);
  return "row";
}

function hasText(block: RowBlock, column: number): boolean {
  return block.fields[2 * (column * FIELD_STRIDE + block.rowCount) + 1]! >= 0;
}

function latin1Of(block: RowBlock, column: number): string | undefined {
  if (!hasText(block, column)) return undefined;
  const at = 2 * (column * FIELD_STRIDE + block.rowCount);
  const start = block.fields[at]!;
  return latin1(block.bytes, start, start + block.fields[at + 1]!);
}

function setInstant(block: RowBlock, instant: string): LineOutcome {
  const text = instantText(instant);
  if (text === undefined) return "INVALID_DATE";
  const at = block.addText(ascii(text));
  block.setField(timeColumn, at, at + text.length);
  return block.setDay(at) ? "row" : "INVALID_DATE";
}
