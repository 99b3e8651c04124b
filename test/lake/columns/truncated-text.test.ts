import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ParseOptions } from "../../../lake/columns/parse.ts";
import { openReferenceEngine } from "../../../lake/columns/reference/reference-engine.ts";
import { formatNamed } from "../../../lake/formats/index.ts";
import { runs } from "../../tiers/depth.ts";
import { parseText, pieceOf, readRows } from "./parse-text.ts";

/** The text of an archive that was cut there: whole entries are rows, the unfinished one is a rejection. */
async function parseCut(
  name: "cloudfront" | "json" | "csv" | "text",
  text: string,
  options: Partial<ParseOptions> = {},
) {
  const parsed = await parseText(formatNamed(name), [{ ...pieceOf(text), isTruncated: true }], {
    formatOptions: name === "cloudfront" ? undefined : { deliveryDate: "2026-01-17" },
    ...options,
  } as Partial<ParseOptions>);
  const { rows, comments, rejected, lines } = parsed.pieces[0]!;
  return {
    parsed,
    counts: { lines, comments, rows, rejected },
    rejected: parsed.rejected.map(({ reason, line, text }) => [reason, line, Buffer.from(text).toString()]),
  };
}

const HEADER = "#Version: 1.0\n#Fields: date time sc-bytes\n";

describe("a text that breaks off", () => {
  it("gives the rows of its whole lines, and rejects the unfinished one", async () => {
    const { counts, rejected } = await parseCut(
      "cloudfront",
      `${HEADER}2026-01-17\t10:00:00\t1\n2026-01-17\t10:00:01\t23`,
    );
    expect(counts).toEqual({ lines: 4, comments: 2, rows: 1, rejected: 1 });
    expect(rejected).toEqual([["TRUNCATED", 4, "2026-01-17\t10:00:01\t23"]]);
  });

  it("rejects nothing where it breaks off between two lines", async () => {
    const { counts } = await parseCut("cloudfront", `${HEADER}2026-01-17\t10:00:00\t1\n`);
    expect(counts).toEqual({ lines: 3, comments: 2, rows: 1, rejected: 0 });
  });

  it("takes a record for whole only when its end has been seen", async () => {
    const json = await parseCut("json", '[{"time":"2026-01-17T10:00:00Z"},\n{"time":"2026-01-17T10:00:01Z"}, {"ti');
    expect(json.counts).toMatchObject({ rows: 2, rejected: 1 });
    expect(json.rejected[0]![0]).toBe("TRUNCATED");
    const csv = await parseCut("csv", 'a,b\n1,2\n3,"4\n5');
    expect(csv.counts).toMatchObject({ rows: 1, rejected: 1 });
    expect((await parseCut("csv", "a,b\n1,2\n3,4")).counts).toMatchObject({ rows: 1, rejected: 1 });
    expect((await parseCut("text", "one\ntwo\nthr")).counts).toMatchObject({ rows: 2, rejected: 1 });
    expect((await parseCut("text", "on")).counts).toEqual({ lines: 1, comments: 0, rows: 0, rejected: 1 });
  });

  it("counts an entry that is too long once", async () => {
    const { rejected, counts } = await parseCut("text", `one\n${"x".repeat(4500)}`, { maxEntryBytes: 1000 });
    expect(counts).toEqual({ lines: 2, comments: 0, rows: 1, rejected: 1 });
    expect(rejected).toEqual([1000, 1000, 1000, 1000, 500].map((length) => ["LINE_TOO_LONG", 2, "x".repeat(length)]));
  });

  it.each(["kernel", "reference"])(
    "never yields a line that was not in the original, wherever (%s)",
    async (engine) => {
      const record = (n: number) => `2026-01-17\t10:00:0${n}\t${n}\t/ünï\u2028code/${n}`;
      const text = Buffer.from(
        `#Fields: date time sc-bytes cs-uri-stem\n${Array.from({ length: 9 }, (_, n) => `${record(n)}\r\n`).join("")}`,
      );
      const whole = text.toString().split("\r\n");
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: text.length }), async (length) => {
          const cut = text.subarray(0, length);
          const parsed = await parseText(
            formatNamed("cloudfront"),
            [{ ...pieceOf(cut), isTruncated: true }],
            engine === "reference" ? { openEngine: openReferenceEngine } : {},
          );
          const rows = await readRows(parsed.files);
          const ended = cut.toString().split("\n").length - 1;
          expect(rows).toHaveLength(Math.max(0, ended - 1));
          for (const { sc_bytes, cs_uri_stem } of rows)
            expect(whole[Number(sc_bytes)]!.endsWith(`\t${cs_uri_stem}`)).toBe(true);
        }),
        { numRuns: runs(60) },
      );
    },
  );
});
