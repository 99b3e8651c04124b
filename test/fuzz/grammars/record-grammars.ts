/** Grammars of the formats whose records may span lines: JSON and CSV. */
import type { Random } from "../../../lake/generate/random.ts";
import {
  date,
  type Grammar,
  instant,
  mostly,
  numberBelow,
  oneOf,
  seconds,
  sequence,
  timeOfDay,
  type Value,
} from "./grammar.ts";
import { bytesOf } from "./hostile-text.ts";
import type { TextSink } from "./text-sink.ts";

const COMMA = 0x2c;

const quotedValue = (value: Value) => sequence(oneOf('"'), value, oneOf('"'));
const jsonText = oneOf(
  '"plain"',
  '""',
  '"\\u00e9\\n\\"\\\\\\/"',
  '"\\ud83d\\ude00"',
  '"\\ud800"',
  '"caf\xc3\xa9"',
  '"-"',
  '"a,b}]{["',
  '"%20"',
);
const jsonNumber = oneOf("0", "-1", "12.5", "1e3", "9007199254740993", "-9223372036854775808", "1E-7", "123456789");
const jsonNested = oneOf(
  "{}",
  "[]",
  "null",
  "true",
  "false",
  '{"a":[1,{"b":"}"}]}',
  "[[[[[[]]]]]]",
  '[1, "two", null]',
  '{ "x" : { "y" : [ ] } }',
);

/** Keys in their usual order, with what stands under them. */
const members: readonly (readonly [key: string, value: Value])[] = [
  ["time", quotedValue(instant)],
  ["id", jsonNumber],
  ["user", jsonText],
  ["amount", mostly(seconds(1000), jsonNumber)],
  ["flag", oneOf("true", "false", "null")],
  ["day", quotedValue(date)],
  ["url", oneOf('"https://example.com/a?b=c&d=%20"', '"/"')],
  ["count", numberBelow(100_000)],
  ["tags", jsonNested],
  ["new_key", mostly(jsonText, jsonNested)],
];

/** The columns of the table that such records go to; `tags` and `new_key` have none. */
export const jsonOptions = {
  time: "time",
  columns: [
    { name: "time", type: "timestamp_micros", upstreamName: "time" },
    { name: "id", type: "int64", upstreamName: "id" },
    { name: "user", type: "string", upstreamName: "user" },
    { name: "amount", type: "double", upstreamName: "amount" },
    { name: "flag", type: "boolean", upstreamName: "flag" },
    { name: "day", type: "date", upstreamName: "day" },
    { name: "url", type: "string", upstreamName: "url" },
    { name: "count", type: "int32", upstreamName: "count" },
    { name: "odd", type: "string", upstreamName: 'k"\\é' },
  ],
} as const;

const keyedMembers = members.map(([key, value]) => ({ key: bytesOf(`"${key}":`), value }));
const ODD_MEMBER = bytesOf('"k\\"\\\\\\u00e9":1,');

/** Objects: one a line, over lines, back to back, in an array, or in an envelope. */
export function jsonGrammar({ envelope = "" }: { envelope?: string } = {}): Grammar {
  let style: "lines" | "array" | "back-to-back" | "pretty" = "lines";
  return {
    delimiter: COMMA,
    begin(random, out) {
      style = (["lines", "lines", "array", "back-to-back", "pretty"] as const)[random.below(5)]!;
      if (envelope) {
        out.put(bytesOf(envelope));
        style = "array";
      }
      if (style === "array") out.put(bytesOf(random.chance(0.5) ? "[" : "[\n"));
    },
    record(random, out) {
      putObject(random, out, style === "pretty");
      if (style === "array") out.putByte(COMMA);
      // Damage to one of them must not depend on what stands after it on the line.
      if (style === "back-to-back" || (style === "array" && random.chance(0.3)))
        putNeighbours(random, out, style === "array");
    },
  };
}

function putNeighbours(random: Random, out: TextSink, isArray: boolean): void {
  for (let count = random.below(4); count > 0; count--) {
    putObject(random, out, false);
    if (isArray) out.putByte(COMMA);
  }
}

function putObject(random: Random, out: TextSink, isPretty: boolean): void {
  out.putByte(0x7b);
  if (isPretty) out.put(bytesOf("\n  "));
  if (random.chance(0.02)) out.put(ODD_MEMBER);
  const count = random.chance(0.7) ? keyedMembers.length - 1 : 1 + random.below(keyedMembers.length);
  for (let i = 0; i < count; i++) {
    // Mostly in order; sometimes another one, which may then come twice.
    const { key, value } = keyedMembers[random.below(20) === 0 ? random.below(keyedMembers.length) : i]!;
    if (i > 0) out.putByte(COMMA);
    if (isPretty && i > 0) out.put(bytesOf("\n  "));
    out.put(key);
    value(random, out);
  }
  if (isPretty) out.putByte(0x0a);
  out.putByte(0x7d);
}

const cloudfrontMembers: readonly (readonly [string, Value])[] = [
  ["date", quotedValue(date)],
  ["time", quotedValue(timeOfDay)],
  ["x-edge-location", oneOf('"SOF50-P2"')],
  ["sc-bytes", quotedValue(numberBelow(100_000))],
  ["c-ip", oneOf('"192.0.2.1"', '"2001:db8::1"')],
  ["cs(User-Agent)", oneOf('"a%2520b"', '"-"', '"curl\\/8"')],
  ["sc-status", oneOf('"200"', "404", '"-"')],
  ["timestamp(ms)", oneOf('"1768644000123"', '"-"', '"1"')],
  ["new-field", jsonText],
];

/** CloudFront's v2 logs in JSON. */
export function cloudfrontJsonGrammar(): Grammar {
  const keyed = cloudfrontMembers.map(([key, value]) => ({ key: bytesOf(`"${key}":`), value }));
  return {
    delimiter: COMMA,
    begin: () => undefined,
    record(random, out) {
      out.putByte(0x7b);
      for (const [i, { key, value }] of keyed.entries()) {
        if (i > 0) out.putByte(COMMA);
        out.put(key);
        value(random, out);
      }
      out.putByte(0x7d);
    },
  };
}

export const csvOptions = {
  time: "time",
  columns: [
    { name: "time", type: "timestamp_millis", upstreamName: "time" },
    { name: "id", type: "int64", upstreamName: "id" },
    { name: "name", type: "string", upstreamName: "name" },
    { name: "amount", type: "double", upstreamName: "amount" },
    { name: "flag", type: "boolean", upstreamName: "flag" },
  ],
} as const;

/** As of a source whose objects have no header. */
export const headlessCsvOptions = {
  ...csvOptions,
  delimiter: ";",
  header: ["time", "id", "name", "amount", "flag", "other"],
} as const;

/** As of a source whose rows are of the day on which they were delivered. */
export const undatedCsvOptions = {
  columns: csvOptions.columns.filter(({ name }) => name !== "time"),
  deliveryDate: "2026-01-17",
} as const;

const csvFields: readonly Value[] = [
  mostly(instant, oneOf("1768644000", "1768644000123", "2026-01-17T10:00:00+05:30", '"2026-01-17 10:00:00"')),
  numberBelow(1_000_000),
  oneOf("plain", '"quoted"', '"a ""b"" c"', '"two\nlines"', '"a,b;c"', "", '""', 'in"side', '"x"y', "caf\xc3\xa9"),
  mostly(seconds(100), oneOf("", "-", "1e3")),
  oneOf("true", "false", ""),
  oneOf("surplus", ""),
];

/** Rows under a header, with one of the delimiters and one of the line ends. */
export function csvGrammar({
  delimiters = ",,\t;|",
  header: hasHeader = true,
}: {
  delimiters?: string;
  header?: boolean;
} = {}): Grammar {
  let delimiter = COMMA;
  return {
    get delimiter() {
      return delimiter;
    },
    begin(random, out) {
      delimiter = delimiters.charCodeAt(random.below(delimiters.length));
      // Now and then there is one all the same.
      if (!hasHeader && random.chance(0.9)) return;
      const names = ["time", "id", "name", "amount", "flag", "other"].map(bytesOf);
      for (const [i, name] of names.entries()) {
        if (i > 0) out.putByte(delimiter);
        out.put(name);
      }
      out.putByte(0x0a);
    },
    record(random, out) {
      const count = random.chance(0.85) ? csvFields.length : 1 + random.below(csvFields.length);
      for (let i = 0; i < count; i++) {
        if (i > 0) out.putByte(delimiter);
        csvFields[i]!(random, out);
      }
    },
  };
}
