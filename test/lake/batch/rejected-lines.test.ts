import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import { RejectedLines } from "../../../lake/batch/rejected-lines.ts";

describe("RejectedLines", () => {
  it("holds a few megabytes of text at a time, however long the lines are", async () => {
    const rejected = new RejectedLines();
    const lines = 200;
    const bytesPerLine = 60_000;
    for (let line = 1; line <= lines; line++) {
      rejected.add({
        sourceFile: "s3://raw/a.log",
        reason: "TOO_FEW_FIELDS",
        line,
        byteOffset: line * bytesPerLine,
        text: Buffer.alloc(bytesPerLine, `${line} `),
      });
    }
    const file = rejected.finish()!.slice().buffer;
    const metadata = parquetMetadata(file);
    expect(Number(metadata.num_rows)).toBe(lines);
    for (const { num_rows } of metadata.row_groups) expect(Number(num_rows) * bytesPerLine).toBeLessThan(5 << 20);
    const rows = await parquetReadObjects({ file });
    expect(rows.map(({ line }) => Number(line))).toEqual(Array.from({ length: lines }, (_, i) => i + 1));
    expect(rows[122]!.text).toBe(Buffer.alloc(bytesPerLine, "123 ").toString());
  });
});
