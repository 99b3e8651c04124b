/** What is measured: the columns both sides write, and their types. */
import { openKernelEngine } from "../../lake/columns/kernel-engine.ts";
import { openReferenceEngine } from "../../lake/columns/reference/reference-engine.ts";
import type { FormatOptions } from "../../lake/formats/format.ts";
import { formatNamed } from "../../lake/formats/index.ts";
import { type ColumnDefinition, type ColumnType, metadataColumns } from "../../lake/rows/schema.ts";
import type { GeneratedKind } from "./generate.ts";

export type BenchKind = GeneratedKind;

export const PROCESSED_AT_MS = Date.UTC(2025, 9, 15);

export const engines = { typescript: openReferenceEngine, kernel: openKernelEngine };

/**
 * Fields as they stand in the log, without what the lake derives from them: nobody has to take a request apart. Of the
 * lake's own columns, the file and the time of processing.
 */
const albFields = (
  "type time elb client target request_processing_time target_processing_time response_processing_time " +
  "elb_status_code target_status_code received_bytes sent_bytes request user_agent ssl_cipher ssl_protocol " +
  "target_group_arn trace_id domain_name chosen_cert_arn matched_rule_priority request_creation_time " +
  "actions_executed redirect_url error_reason target_port_list target_status_code_list classification " +
  "classification_reason conn_trace_id"
).split(" ");

/** Types are declared on both sides; `properties` stays the text of its object. */
const clickstreamFields: readonly (readonly [string, ColumnType])[] = [
  ["event_id", "string"],
  ["event_type", "string"],
  ["event_time", "timestamp_micros"],
  ["user_id", "string"],
  ["anonymous_id", "string"],
  ["session_id", "string"],
  ["page_url", "string"],
  ["page_title", "string"],
  ["referrer", "string"],
  ["device_type", "string"],
  ["user_agent", "string"],
  ["screen_width", "int32"],
  ["screen_height", "int32"],
  ["language", "string"],
  ["country", "string"],
  ["city", "string"],
  ["ip", "string"],
  ["is_logged_in", "boolean"],
  ["engagement_ms", "int64"],
  ["scroll_ratio", "double"],
  ["properties", "string"],
];

/** What a source of this kind says about its format. */
export function benchFormatOptions(kind: BenchKind): FormatOptions | undefined {
  if (kind !== "json") return undefined;
  return { columns: clickstreamFields.map(([name, type]) => ({ name, type, upstreamName: name })), time: "event_time" };
}

export function benchColumns(kind: BenchKind): readonly ColumnDefinition[] {
  const all = formatNamed(kind).columns(benchFormatOptions(kind));
  const fields = kind === "alb" ? albFields.map((name) => all.find((column) => column.name === name)!) : all;
  const own = metadataColumns.filter(({ name }) => name === "_source_file" || name === "_processed_at");
  // Texts as they stand: DuckDB does not undo escapes, so neither do we here.
  return [...fields.map(({ decoding: _, ...column }) => column), ...own];
}

export function duckdbType(type: ColumnType): string {
  switch (type) {
    case "string":
      return "VARCHAR";
    case "int32":
      return "INTEGER";
    case "int64":
      return "BIGINT";
    case "double":
      return "DOUBLE";
    case "boolean":
      return "BOOLEAN";
    case "date":
      return "DATE";
    default:
      return "TIMESTAMP";
  }
}
