/** Entries that are longer than one may be: they cost themselves, all of their text is kept, and it is the same however it comes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openKernelEngine } from "../../../lake/columns/kernel-engine.ts";
import { openReferenceEngine } from "../../../lake/columns/reference/reference-engine.ts";
import type { FormatOptions } from "../../../lake/formats/format.ts";
import { type FormatName, formatNamed } from "../../../lake/formats/index.ts";
import { parseText, readRows } from "./parse-text.ts";

const columns = [
  { name: "ts", type: "timestamp_millis", upstreamName: "ts" },
  { name: "id", type: "string", upstreamName: "id" },
];
const options: Partial<Record<FormatName, FormatOptions>> = {
  json: { columns, time: "ts" },
  text: { deliveryDate: "2026-01-17" },
};
const MAX_ENTRY_BYTES = 300;

async function parse(name: FormatName, text: string, cuts: readonly number[] = [], openEngine = openKernelEngine) {
  const bytes = Buffer.from(text);
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const blocks = [...places, bytes.length].map((end, i) => bytes.subarray(places[i - 1] ?? 0, end));
  const piece = { sourceFile: "s3://raw/key", firstLine: 1, firstByte: 0, bytes: blocks };
  const formatOptions = options[name];
  const { files, rejected, pieces } = await parseText(formatNamed(name), [piece], {
    ...(formatOptions && { formatOptions }),
    maxEntryBytes: MAX_ENTRY_BYTES,
    openEngine,
  });
  return {
    rows: (await readRows(files)).map((row) => row["id"] ?? row["message"]),
    rejected: rejected.map(({ text: part, ...entry }) => ({ ...entry, text: Buffer.from(part).toString() })),
    counts: pieces[0]!,
  };
}

const record = (id: number, more = "") => `{"ts":1799917200,"id":"r${id}"${more}}`;
const long = (length: number) => record(99, `,"long":"${"x{}[]\\\\,".repeat(length / 8)}"`);

describe("an entry that is too long", () => {
  it.each([
    ["lines", [record(1), long(5000), record(2)].join("\n"), 2],
    ["one line", [record(1), long(5000), record(2)].join(""), 1],
    ["an array on one line", `[${[record(1), long(5000), record(2)].join(",")}]`, 1],
    ["one line, of which it is the first", [long(5000), record(1), record(2)].join(""), 1],
    ["one line that is junk to begin with", `${"junk ".repeat(900)}${record(1)}${record(2)}`, 1],
  ])("costs itself among records of JSON on %s, and is kept whole", async (_, text, line) => {
    const { rows, rejected, counts } = await parse("json", text);
    expect(rows).toEqual(["r1", "r2"]);
    const whole = rejected.map((part) => part.text).join("");
    expect(whole.length).toBeGreaterThan(4000);
    expect(text).toContain(whole);
    expect(new Set(rejected.map((part) => `${part.reason} ${part.line}`))).toEqual(new Set([`LINE_TOO_LONG ${line}`]));
    for (const part of rejected)
      expect(text.slice(part.byteOffset, part.byteOffset + part.text.length)).toBe(part.text);
    expect(counts).toMatchObject({ rows: 2, rejected: 1, lines: 3 });
  });

  it("is kept whole where lines are entries", async () => {
    const { rows, rejected, counts } = await parse("text", `one\n${"y".repeat(1000)}z\ntwo\n`);
    expect(rows).toEqual(["one", "two"]);
    expect(rejected.map(({ text, byteOffset }) => [text.length, byteOffset])).toEqual([
      [300, 4],
      [300, 304],
      [300, 604],
      [101, 904],
    ]);
    expect(counts).toMatchObject({ lines: 3, rows: 2, rejected: 1 });
  });

  it("gives the same however the text comes, and in either engine", async () => {
    const entry = fc.oneof(
      fc.nat(9).map((id) => record(id)),
      fc.integer({ min: 200, max: 1300 }).map(long),
      fc.integer({ min: 290, max: 310 }).map((length) => "w".repeat(length)),
      fc.constantFrom(
        "junk",
        "y".repeat(700),
        `${"y".repeat(299)}\r`,
        `"${"z".repeat(400)}`,
        `{"a":[${"1,".repeat(300)}`,
      ),
    );
    const separator = fc.constantFrom("\n", "\r\n", "", ",", "\n\n");
    const text = fc
      .array(fc.tuple(entry, separator), { minLength: 1, maxLength: 8 })
      .map((parts) => parts.flat().join(""));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<FormatName>("json", "text"),
        text,
        fc.array(fc.nat(), { maxLength: 12 }),
        async (name, input, cuts) => {
          const whole = await parse(name, input);
          expect(await parse(name, input, cuts)).toEqual(whole);
          expect(await parse(name, input, cuts, openReferenceEngine)).toEqual(whole);
        },
      ),
      { numRuns: 300 },
    );
  });
});
