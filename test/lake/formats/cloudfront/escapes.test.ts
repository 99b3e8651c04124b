import { describe, expect, it } from "vitest";
import { formatNamed, sharesTable } from "../../../../lake/formats/index.ts";
import { batchOptions } from "../../../../lake/sources/source-format.ts";
import { readObject } from "../../../cases/read-object.ts";

const w3c = "#Fields: date time cs-uri-stem cs(User-Agent)\n2026-01-17\t10:00:00\t/a%20b%2525\tMozilla%20(X)\n";
const json = `${JSON.stringify({ date: "2026-01-17", time: "10:00:00", "cs-uri-stem": "/a%20b%2525", "cs(User-Agent)": "Mozilla%20(X)", "x-edge-location": "FRA2" })}\n`;

describe("the escapes of CloudFront", () => {
  it.each([
    ["undone", undefined, "/a b%25", "Mozilla (X)"],
    ["kept where the source asks for it", { escapes: "kept" }, "/a%20b%2525", "Mozilla%20(X)"],
  ])("are %s, in each format of the table", async (_, formatOptions, stem, agent) => {
    for (const text of [w3c, json]) {
      const source = { format: "cloudfront" as const, ...(formatOptions && { formatOptions }) };
      const { rows, rejected } = await readObject(Buffer.from(text), source);
      expect(rejected).toEqual([]);
      expect(rows).toMatchObject([{ cs_uri_stem: stem, cs_user_agent: agent }]);
    }
  });

  it("are one option of both formats of the table, and no other option is shared", () => {
    expect(sharesTable("cloudfront", "cloudfront-json")).toBe(true);
    expect(sharesTable("json", "csv")).toBe(false);
    expect(formatNamed("cloudfront").optionsSchema!.safeParse({ escape: "kept" }).success).toBe(false);
    const source = { format: "cloudfront-json", formatOptions: { escapes: "kept" } } as const;
    expect(batchOptions(source, "cloudfront", "2026-01-17")).toEqual({ escapes: "kept" });
  });
});
