import { describe, expect, it } from "vitest";
import { MAX_FILE_BYTES, planFiles } from "../../../lake/batch/file-plan.ts";
import { dateOfLakeKey, lakeKey } from "../../../lake/batch/places.ts";

const MIB = 1 << 20;

describe("planFiles", () => {
  const rowGroup = (date: string, n: number, mib: number) => ({
    stagedKey: `${date}-${n}`,
    date,
    rows: 100,
    byteLength: mib * MIB,
  });
  const batch = { source: "alb", batchId: "0123456789abcdef", format: "alb" as const };

  it("makes files of at most 128 MiB for each date, numbered within it", () => {
    const groups = [
      rowGroup("2026-01-02", 0, 100),
      rowGroup("2026-01-01", 1, 60),
      rowGroup("2026-01-02", 2, 28),
      rowGroup("2026-01-02", 3, 1),
    ];
    const files = planFiles(batch, groups);
    expect(files.map(({ key, rows, rowGroups }) => [key, rows, rowGroups])).toEqual([
      ["alb/date=2026-01-01/0123456789abcdef-0.parquet", 100, ["2026-01-01-1"]],
      ["alb/date=2026-01-02/0123456789abcdef-0.parquet", 200, ["2026-01-02-0", "2026-01-02-2"]],
      ["alb/date=2026-01-02/0123456789abcdef-1.parquet", 100, ["2026-01-02-3"]],
    ]);
    expect(MAX_FILE_BYTES).toBe(128 * MIB);
  });

  it("writes a row group that is too large by itself, and no file for no rows", () => {
    expect(planFiles(batch, [rowGroup("2026-01-01", 0, 300)])).toHaveLength(1);
    expect(planFiles(batch, [])).toEqual([]);
  });

  it("names files so that their date can be read again", () => {
    expect(dateOfLakeKey(lakeKey("alb", "2026-01-01", "b", 0))).toBe("2026-01-01");
    expect(() => dateOfLakeKey("alb/elsewhere.parquet")).toThrow(/not the key of a file in the lake/);
  });
});
