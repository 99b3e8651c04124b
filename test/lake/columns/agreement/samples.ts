/** Files of all formats and of columns of every kind, each made on purpose to be hard on some reader. */

import type { Encodings } from "../../../../lake/columns/parquet-options.ts";
import type { Codec } from "../../../../lake/columns/row-group.ts";
import type { LogFormat } from "../../../../lake/formats/format.ts";
import { randomFrom } from "../../../../lake/generate/random.ts";
import { lineScanner } from "../../../../lake/rows/line-scanner.ts";
import { type ColumnDefinition, type ColumnType, tableColumns } from "../../../../lake/rows/schema.ts";
import { mutate } from "../../../fuzz/grammars/mutate.ts";
import { TextSink } from "../../../fuzz/grammars/text-sink.ts";
import type { ScannerSubject } from "../../../fuzz/scanner-subject.ts";
import { subjects } from "../../../fuzz/subjects.ts";
import { parseText } from "../parse-text.ts";

export interface Sample {
  readonly name: string;
  readonly schema: readonly ColumnDefinition[];
  readonly bytes: Uint8Array;
}

/** Values of a column by row; undefined is null. */
type Values = (row: number) => string | undefined;

const instant = (row: number) => new Date(Date.UTC(2026, 0, 1) + row * 77_777).toISOString().slice(0, -1);
const integers = ["-9223372036854775808", "9223372036854775807", "0", "-1", "9007199254740993"];
const doubles = ["-0", "0", "0.1", "-1e308", "4.9e-324", "123456.789", "1e22"];
const edges = ["", "x".repeat(16), "x".repeat(17), `${"y".repeat(15)}é`, "\u{10ffff}".repeat(5), "\0", "日本", "-"];

/** What is special about each column is its name. */
const hardColumns: readonly (readonly [name: string, type: ColumnType, values: Values])[] = [
  ["text_all_null", "string", () => undefined],
  ["text_constant", "string", () => "the same"],
  ["text_empty", "string", () => ""],
  ["text_few", "string", (row) => `value ${row % 7}`],
  ["text_many", "string", (row) => `${row * 7919} is hardly repeated`],
  ["text_edges", "string", (row) => edges[row % edges.length]],
  ["text_half_null", "string", (row) => (row % 2 === 0 ? undefined : `v${row % 100}`)],
  ["text_null_page", "string", (row) => (row < 20_000 ? undefined : "late")],
  ["text_long", "string", (row) => (row % 4000 === 5 ? `${row}`.repeat(20_000) : "short")],
  ["text_large_dictionary", "string", (row) => `${row % 9000}${"d".repeat(700)}`],
  ["int32_mixed", "int32", (row) => ["2147483647", "-2147483648", "0", undefined][row % 4]],
  ["int32_many", "int32", (row) => `${row * 31}`],
  ["int32_all_null", "int32", () => undefined],
  ["int64_bounds", "int64", (row) => integers[row % integers.length]],
  ["int64_rising", "int64", (row) => `${5_000_000_000 + row}`],
  ["int64_half_null", "int64", (row) => (row % 2 === 0 ? undefined : `${row % 9}`)],
  ["double_edges", "double", (row) => doubles[row % doubles.length]],
  ["double_null_page", "double", (row) => (row < 20_000 ? undefined : `${row}`)],
  ["double_zeros", "double", (row) => (row % 2 === 0 ? "-0" : "0")],
  ["double_many", "double", (row) => `${row / 8}`],
  ["double_all_null", "double", () => undefined],
  ["boolean_mixed", "boolean", (row) => ["true", "false", undefined][row % 3]],
  ["boolean_all_null", "boolean", () => undefined],
  ["millis", "timestamp_millis", (row) => (row % 11 === 0 ? undefined : instant(row))],
  ["micros", "timestamp_micros", (row) => `${instant(row)}${String(row % 1000).padStart(3, "0")}Z`],
  ["micros_far", "timestamp_micros", (row) => `${2255 + (row % 7000)}-12-31T23:59:59.${100_001 + row}`],
  ["micros_all_null", "timestamp_micros", () => undefined],
  ["day", "date", (row) => (row % 5 === 0 ? undefined : instant(row * 100).slice(0, 10))],
  ["day_far", "date", (row) => (row % 2 === 0 ? "1970-01-01" : "9999-12-31")],
];

const columns: readonly ColumnDefinition[] = hardColumns.map(([name, type]) => ({ name, type, upstreamName: name }));

/** A made-up format: each line is the number of a row, whose values are made beside the input. */
const hardFormat: LogFormat = {
  name: "text",
  title: "columns of every kind",
  claims: () => false,
  columns: () => columns,
  openScanner: () =>
    lineScanner({
      readLine(block, start, end) {
        const row = Number(Buffer.from(block.bytes.subarray(start, end)).toString());
        block.startRow();
        block.setDayNumber(20_000);
        for (const [column, [, , values]] of hardColumns.entries()) {
          const value = values(row);
          if (value !== undefined) block.setText(column, Buffer.from(value));
        }
        return "row";
      },
    }),
};

/** Rows for a row group of two pages and one of one page. */
const HARD_ROWS = 23_000;
const HARD_ROW_GROUP_ROWS = 21_500;

const hardSamples = new Map<string, Promise<Sample>>();

export function hardSample(codec: Codec, encodings: Encodings): Promise<Sample> {
  const name = `hard-${codec}-${encodings}`;
  const made = hardSamples.get(name) ?? makeHardSample(name, codec, encodings);
  hardSamples.set(name, made);
  return made;
}

async function makeHardSample(name: string, codec: Codec, encodings: Encodings): Promise<Sample> {
  const text = Array.from({ length: HARD_ROWS }, (_, row) => `${row}`).join("\n");
  const { files } = await parseText(hardFormat, text, { codec, encodings, rowGroupRows: HARD_ROW_GROUP_ROWS });
  return { name, schema: tableColumns(columns), bytes: [...files.values()][0]! };
}

const RECORDS_OF_FORMAT = 400;

/** Files of mutated records of a format, one for each day that they fell on. */
export async function formatSamples(subject: ScannerSubject, codec: Codec): Promise<Sample[]> {
  const random = randomFrom(`agreement/${subject.name}`);
  const grammar = subject.openGrammar();
  const sink = new TextSink();
  grammar.begin(random, sink);
  for (let i = 0; i < RECORDS_OF_FORMAT; i++) {
    const start = sink.length;
    grammar.record(random, sink);
    if (random.chance(0.5)) mutate(random, sink, start, grammar.delimiter, []);
    sink.putByte(0x0a);
  }
  const { format, formatOptions } = subject;
  const { files } = await parseText(format, sink.written(), { ...(formatOptions && { formatOptions }), codec });
  const schema = tableColumns(format.columns(formatOptions));
  const largest = [...files].sort(([, a], [, b]) => b.length - a.length).slice(0, 4);
  return largest.map(([date, bytes]) => ({ name: `${subject.name}-${date}`, schema, bytes }));
}

export { subjects };
