import fc from "fast-check";
import { snappyUncompress } from "hysnappy";
import { describe, expect, it } from "vitest";
import { albText, cloudFrontText } from "../../../bench/columns/generate.ts";
import { openKernelEngine } from "../../../lake/columns/kernel-engine.ts";
import type { Encodings } from "../../../lake/columns/parquet-options.ts";
import type { Piece } from "../../../lake/columns/parse.ts";
import { openReferenceEngine } from "../../../lake/columns/reference/reference-engine.ts";
import { cloudfront } from "../../../lake/formats/cloudfront/cloudfront.ts";
import type { LogFormat } from "../../../lake/formats/format.ts";
import { alb } from "../../../lake/formats/load-balancers/alb.ts";
import { Kernel } from "../../../lake/kernel/kernel.ts";
import { lineScanner } from "../../../lake/rows/line-scanner.ts";
import type { ColumnDefinition, ColumnType } from "../../../lake/rows/schema.ts";
import { runs, size } from "../../tiers/depth.ts";
import { parseText, readRows } from "../columns/parse-text.ts";

const options = { codec: "UNCOMPRESSED", maxEntryBytes: 20_000 } as const;

/** What the kernel makes of a text must be what the reference makes of it, byte for byte. */
async function expectSame(
  format: LogFormat,
  pieces: Uint8Array | Piece[],
  more: { rowGroupRows?: number; encodings?: Encodings } = {},
) {
  const all = { ...options, ...more };
  const reference = await parseText(format, pieces, { ...all, openEngine: openReferenceEngine });
  const kernel = await parseText(format, pieces, { ...all, openEngine: openKernelEngine });
  expect(kernel.pieces).toEqual(reference.pieces);
  expect(kernel.invalidFields).toBe(reference.invalidFields);
  expect(kernel.rejected.map(({ line, reason, byteOffset }) => [line, reason, byteOffset])).toEqual(
    reference.rejected.map(({ line, reason, byteOffset }) => [line, reason, byteOffset]),
  );
  expect([...kernel.files.keys()]).toEqual([...reference.files.keys()]);
  for (const [date, bytes] of reference.files) {
    if (Buffer.compare(bytes, kernel.files.get(date)!) === 0) continue;
    // The rows say more than the bytes do.
    expect(await readRows(new Map([[date, kernel.files.get(date)!]]))).toEqual(
      await readRows(new Map([[date, bytes]])),
    );
    expect(kernel.rowGroups.get(date)!.map(({ metadata }) => metadata)).toEqual(
      reference.rowGroups.get(date)!.map(({ metadata }) => metadata),
    );
    expect.fail(`${date}: same rows and metadata, other bytes`);
  }
  return reference;
}

describe("the kernel", () => {
  it.each([
    { format: cloudfront, text: cloudFrontText },
    { format: alb, text: albText },
  ])("writes the bytes of the reference for ordinary $format.name lines", async ({ format, text }) => {
    await expectSame(format, Buffer.concat([...text({ rows: size(45_000, 9_000), seed: 11 })]), {
      rowGroupRows: size(30_000, 6_000),
    });
  });

  it("reads a hostile mix of tabs, line ends, headers and fields as the reference does", async () => {
    const field = fc.oneof(
      fc.constantFrom(
        "-",
        "",
        "0",
        "200",
        "-1",
        "1.5",
        "1e3",
        "99999999999999999999",
        "007",
        "%41%zz%",
        "%C3%A9",
        "%C3%28 %e9%20 %C3%A9%25%2520",
        "a b",
      ),
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.constantFrom("2026-01-17", "2026-02-30", "10:00:00", "24:00:00", "\r"),
    );
    const record = fc
      .tuple(fc.constantFrom("2026-01-17", "2026-01-18", "2026-13-01"), fc.array(field, { maxLength: 14 }))
      .map(([date, fields]) => [date, "10:00:00", ...fields].join("\t"));
    const line = fc.oneof(
      { weight: 8, arbitrary: record },
      {
        weight: 1,
        arbitrary: fc.constantFrom("", "#", "#Fields: date time sc-status cs-uri-stem", "#Fields:\ttime\tdate\tx"),
      },
      {
        weight: 1,
        arbitrary: fc.constant("#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem"),
      },
    );
    const text = fc.tuple(fc.array(line, { maxLength: 60 }), fc.constantFrom("\n", "\r\n"));
    await fc.assert(
      fc.asyncProperty(text, async ([lines, end]) => {
        await expectSame(cloudfront, Buffer.from(lines.join(end)));
      }),
      { numRuns: runs(150) },
    );
  });

  it("reads a hostile mix of quotes, spaces and endpoints as the reference does", async () => {
    const token = fc.oneof(
      fc.constantFrom(
        "-",
        '"-"',
        '""',
        "-1",
        "0.001",
        "[::1]:80",
        "::1:80",
        ":",
        "1.2.3.4:",
        '"GET http://h:80/a b HTTP/1.1"',
      ),
      fc.constantFrom(
        '"- http://h:80- -"',
        '"GET /x"',
        '"\\"\\x22\\xFFFFFFE2\\x00000022"',
        '"a\\" b',
        '"a\\\\"',
        '"GET  HTTP/1.1"',
        '"http://[::1"',
        '" "',
      ),
      fc.string({ unit: fc.constantFrom(...'\\"x2 /:?#-[]aé%'.split("")), maxLength: 20 }),
    );
    const time = fc.constantFrom("2026-01-17T10:00:00.123456Z", "2026-01-18T10:00:00Z", "2026-01-17", "../..");
    const record = fc
      .tuple(time, fc.array(token, { minLength: 10, maxLength: 36 }), fc.constantFrom(" ", " ", " ", "  "))
      .map(([at, tokens, space]) => ["https", at, ...tokens].join(space));
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 40 }), async (lines) => {
        await expectSame(alb, Buffer.from(lines.join("\n")));
      }),
      { numRuns: runs(150) },
    );
  });

  it("holds columns of every type as the reference does", async () => {
    const value = fc.oneof(
      fc.integer().map(String),
      fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
      fc.double().map(String),
      fc.constantFrom(
        "true",
        "TRUE",
        "False",
        "false",
        "",
        "-",
        "-0",
        "0.0",
        "1.",
        ".5",
        "1_0",
        "2026-01-17",
        "1970-01-01T00:00:60.1234567Z",
        "2016-12-31T23:59:60Z",
      ),
      fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString()),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(value, { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 30 }),
        fc.constantFrom<Encodings>("standard", "delta"),
        async (values, times, encodings) => {
          const lines = Array.from({ length: times }, () => values).flat();
          await expectSame(everyType, Buffer.from(lines.join("\n")), { rowGroupRows: 2500, encodings });
        },
      ),
      { numRuns: runs(60) },
    );
  });

  it("writes differences as the reference does", async () => {
    const edges = ["9223372036854775807", "-9223372036854775808", "2147483647", "-2147483648", "0", "1", "-1"];
    const number = fc.oneof(fc.constantFrom(...edges), fc.maxSafeInteger().map(String), fc.integer().map(String));
    await fc.assert(
      // So many distinct values that no column keeps a dictionary.
      fc.asyncProperty(fc.array(number, { minLength: 20, maxLength: 60 }), fc.integer(), async (values, seed) => {
        const lines = Array.from({ length: 1300 }, (_, i) => values[i] ?? `${(seed % 1000) * i + (i ** 3 % 7919)}`);
        await expectSame(everyType, Buffer.from(lines.join("\n")), { encodings: "delta" });
      }),
      { numRuns: runs(15) },
    );
  });

  it("gives up dictionaries where the reference does", async () => {
    // Distinct values beyond both thresholds; in the thorough tier also more text than a dictionary may have.
    const lines = Array.from({ length: size(60_000, 22_000) }, (_, i) =>
      i < 20_000 ? `${i % 9000}` : `${i}${"x".repeat(i % 300)}`,
    );
    await expectSame(everyType, Buffer.from(lines.join("\n")), { rowGroupRows: 25_000 });
  });

  it("compresses to what Snappy reads back", () => {
    const kernel = new Kernel(1);
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .array(fc.constantFrom("abc", "abcd", "x", "\0\0\0\0\0\0\0\0", "the quick "), { maxLength: 60_000 / 4 })
        .map((parts) => Buffer.from(parts.join(""))),
    );
    fc.assert(
      fc.property(bytes, (sample) => {
        const compressed = kernel.snappy(sample).slice();
        expect(Buffer.compare(snappyUncompress(compressed, sample.length), sample)).toBe(0);
      }),
      { numRuns: runs(300) },
    );
    const long = Buffer.concat([...cloudFrontText({ rows: 2000, seed: 1 })]);
    expect(Buffer.compare(snappyUncompress(kernel.snappy(long).slice(), long.length), long)).toBe(0);
    expect(kernel.snappy(long).length).toBeLessThan(long.length / 2);
  });
});

const types: ColumnType[] = [
  "string",
  "int32",
  "int64",
  "double",
  "boolean",
  "timestamp_millis",
  "timestamp_micros",
  "date",
];
const typedColumns: ColumnDefinition[] = types.map((type) => ({ name: type, upstreamName: type, type }));

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
