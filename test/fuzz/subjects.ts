/** The scanners that are fuzzed: each with what it is told and what its text looks like. */

import { cloudfront } from "../../lake/formats/cloudfront/cloudfront.ts";
import { cloudfrontJson } from "../../lake/formats/cloudfront/cloudfront-json.ts";
import { cloudfrontRealtime } from "../../lake/formats/cloudfront/cloudfront-realtime.ts";
import { csv } from "../../lake/formats/csv/csv.ts";
import type { LogFormat } from "../../lake/formats/format.ts";
import { json } from "../../lake/formats/json/json.ts";
import { alb } from "../../lake/formats/load-balancers/alb.ts";
import { albConnection } from "../../lake/formats/load-balancers/alb-connection.ts";
import { albHealthCheck } from "../../lake/formats/load-balancers/alb-health-check.ts";
import { elbClassic } from "../../lake/formats/load-balancers/elb-classic.ts";
import { nlb } from "../../lake/formats/load-balancers/nlb.ts";
import { s3Access } from "../../lake/formats/s3-access.ts";
import { text } from "../../lake/formats/text.ts";
import { lineScanner } from "../../lake/rows/line-scanner.ts";
import type { ColumnDefinition, ColumnType } from "../../lake/rows/schema.ts";
import { rowWorkSubjects } from "./cases/row-work-subjects.ts";
import {
  albGrammar,
  classicGrammar,
  cloudfrontGrammar,
  commonLogGrammar,
  connectionGrammar,
  continuedGrammar,
  healthCheckGrammar,
  nlbGrammar,
  realtimeGrammar,
  s3Grammar,
  valueGrammar,
} from "./grammars/line-grammars.ts";
import {
  cloudfrontJsonGrammar,
  csvGrammar,
  csvOptions,
  headlessCsvOptions,
  jsonGrammar,
  jsonOptions,
  undatedCsvOptions,
} from "./grammars/record-grammars.ts";
import type { ScannerSubject } from "./scanner-subject.ts";

const commonLog = {
  pattern:
    '(?P<client>\\S+) \\S+ (?P<user>\\S+) \\[(?P<time>[^\\]]+)\\] "(?P<request>.*)" (?P<status>\\d+) (?P<bytes>\\S+)',
  columns: [
    { name: "time", type: "timestamp_millis", upstreamName: "time" },
    { name: "client", type: "string", upstreamName: "client" },
    { name: "status", type: "int32", upstreamName: "status" },
    { name: "bytes", type: "int64", upstreamName: "bytes" },
  ],
  time: "time",
};

const traceLog = {
  // Without the flag a dot is no line end, and the lines after the first would match nothing.
  pattern: "(?s)(?P<time>\\S+ \\S+) (?P<level>[A-Z]+) +(?P<message>.*)",
  columns: [
    { name: "time", type: "timestamp_millis", upstreamName: "time" },
    { name: "level", type: "string", upstreamName: "level" },
    { name: "message", type: "string", upstreamName: "message" },
  ],
  time: "time",
};

const allTypes: readonly ColumnType[] = [
  "string",
  "int32",
  "int64",
  "double",
  "boolean",
  "timestamp_millis",
  "timestamp_micros",
  "date",
];
const typedColumns: readonly ColumnDefinition[] = [
  ...allTypes.map((type) => ({ name: type, upstreamName: type, type })),
  { name: "percent", upstreamName: "percent", type: "string", decoding: "percent" },
  { name: "backslash", upstreamName: "backslash", type: "string", decoding: "backslash" },
];

/** A made-up format: every column is the whole line. */
const everyType: LogFormat = {
  name: "text",
  title: "a line in columns of every type",
  claims: () => false,
  columns: () => typedColumns,
  openScanner: () =>
    lineScanner({
      readLine(block, start, end) {
        block.startRow();
        block.setDayNumber(20_000);
        for (const column of typedColumns.keys()) block.setField(column, start, end);
        return "row";
      },
    }),
};

export const subjects: readonly ScannerSubject[] = [
  { name: "cloudfront", format: cloudfront, openGrammar: cloudfrontGrammar, hasRemarks: true },
  { name: "alb", format: alb, openGrammar: albGrammar },
  { name: "json", format: json, formatOptions: jsonOptions, openGrammar: () => jsonGrammar() },
  {
    name: "json-envelope",
    format: json,
    formatOptions: { ...jsonOptions, recordsAt: ["detail", "records"] },
    openGrammar: () => jsonGrammar({ envelope: '{"v":1,"detail":{"records":' }),
  },
  { name: "json-whole", format: json, openGrammar: () => jsonGrammar() },
  { name: "cloudfront-json", format: cloudfrontJson, openGrammar: cloudfrontJsonGrammar },
  { name: "csv", format: csv, formatOptions: csvOptions, openGrammar: () => csvGrammar() },
  {
    name: "csv-headless",
    format: csv,
    formatOptions: headlessCsvOptions,
    openGrammar: () => csvGrammar({ delimiters: ";", header: false }),
  },
  { name: "csv-undated", format: csv, formatOptions: undatedCsvOptions, openGrammar: () => csvGrammar() },
  { name: "cloudfront-realtime", format: cloudfrontRealtime, openGrammar: realtimeGrammar },
  { name: "nlb", format: nlb, openGrammar: nlbGrammar },
  { name: "alb-connection", format: albConnection, openGrammar: connectionGrammar },
  { name: "alb-health-check", format: albHealthCheck, openGrammar: healthCheckGrammar },
  { name: "elb-classic", format: elbClassic, openGrammar: classicGrammar },
  { name: "s3-access", format: s3Access, openGrammar: s3Grammar },
  { name: "text", format: text, formatOptions: { deliveryDate: "2026-01-17" }, openGrammar: commonLogGrammar },
  { name: "text-pattern", format: text, formatOptions: commonLog, openGrammar: commonLogGrammar },
  {
    name: "text-continuation",
    format: text,
    formatOptions: { ...traceLog, continuation: "\\s|Caused by:" },
    openGrammar: continuedGrammar,
    hasContinuations: true,
  },
  ...rowWorkSubjects,
  { name: "values", format: everyType, openGrammar: valueGrammar, isWhole: true },
];
