import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cloudfront } from "../../../../lake/formats/cloudfront/cloudfront.ts";
import { CloudFrontFramer } from "../../../../lake/formats/cloudfront/cloudfront-framer.ts";
import { cutText } from "../../../../lake/unpack/cut-text.ts";
import { runs } from "../../../tiers/depth.ts";
import { parseText, pieceOf, readRows } from "../../columns/parse-text.ts";

describe("the framer of CloudFront's logs", () => {
  it("carries the last header over, in whatever form and blocks it came", () => {
    const framer = new CloudFrontFramer();
    const follow = (text: string) => {
      for (const byte of Buffer.from(text)) framer.follow(Uint8Array.of(byte), false);
      return framer.header;
    };
    expect(follow("\ufeff#Version: 1.0\r\n")).toBeUndefined();
    expect(follow("#Fields: date time\r\n")).toBe("#Fields: date time");
    expect(follow("2026-01-17\tdate\ntime flies\n#Fields: \n")).toBe("#Fields: date time");
    expect(follow("\ufeffdate\ttime\tc-ip\n")).toBe("date\ttime\tc-ip");
    const long = `#Fields: date time ${"x ".repeat(50_000)}`;
    expect(follow(`${long}\n`)).toBe(long);
    expect(follow("2026-01-17\t10:00:00\n# fields date who knows\n")).toBe("#Fields:");
    expect(follow("date\ttime\tc-ip\n")).toBe("date\ttime\tc-ip");
    expect(follow(`#Fields: date time ${"x ".repeat(600_000)}\n`)).toBe("#Fields:");
  });

  it("gives the same rows wherever the text is cut into pieces", async () => {
    const line = fc.constantFrom(
      "#Version: 1.0",
      "#Fields: date time sc-status",
      "\ufeff#Fields: sc-status date time new",
      "date\ttime\tc-ip\tx-edge-location",
      "x-edge-location timestamp(ms)",
      "#Fields:",
      "time flies",
      "2026-01-17\t10:00:00\t200\tx",
      "200\t2026-01-17\t10:00:00",
      "FRA2\t1768644000123",
      "2026-01-17 10:00:00 200",
      "",
    );
    const text = fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n")), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 80 }), async (lines, maxPieceBytes) => {
        const bytes = Buffer.from(lines.flat().join(""));
        const pieces = (async function* () {
          for await (const piece of cutText([bytes], { framer: new CloudFrontFramer(), maxPieceBytes }))
            yield { ...pieceOf(""), ...piece };
        })();
        const whole = await parseText(cloudfront, bytes);
        const cut = await parseText(cloudfront, pieces as never);
        expect(await readRows(cut.files)).toEqual(await readRows(whole.files));
        expect(cut.rejected.map(({ line, reason }) => [line, reason])).toEqual(
          whole.rejected.map(({ line, reason }) => [line, reason]),
        );
      }),
      { numRuns: runs(150) },
    );
  });
});
