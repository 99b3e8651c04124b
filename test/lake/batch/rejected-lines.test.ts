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

  it("counts an entry that takes several rows once, and keeps a U+FEFF at its beginning", async () => {
    const rejected = new RejectedLines();
    const entry = { sourceFile: "s3://raw/a.log", reason: "LINE_TOO_LONG", line: 3 } as const;
    rejected.add({ ...entry, byteOffset: 10, text: Buffer.from("\ufeff{") });
    rejected.add({ ...entry, byteOffset: 14, text: Buffer.from("x"), isContinued: true });
    expect(rejected.count).toBe(1);
    const rows = await parquetReadObjects({
      file: rejected.finish()!.slice().buffer,
      parsers: { stringFromBytes: (bytes) => bytes && Buffer.from(bytes).toString() },
    });
    expect(rows.map(({ byte_offset, text }) => [Number(byte_offset), text])).toEqual([
      [10, "\ufeff{"],
      [14, "x"],
    ]);
  });
});
