import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FilePlan, MAX_FILE_BYTES, planFiles, planWrites } from "../../../lake/batch/file-plan.ts";
import { dateOfLakeKey, lakeKey } from "../../../lake/batch/places.ts";

const MIB = 1 << 20;

describe("planWrites", () => {
  const files = fc
    .array(fc.integer({ min: 1, max: 300 }), { maxLength: 200 })
    .map((sizes) =>
      sizes.map((byteLength, n) => ({ key: String(n), date: "2026-01-01", rows: 1, byteLength, rowGroups: [] })),
    );

  it("gives each file to one task, in order, with at most so many bytes unless one file has more", () => {
    fc.assert(
      fc.property(files, (planned) => {
        const writes = planWrites(planned, 128);
        expect(writes.flat()).toEqual(planned);
        const bytesOf = (write: readonly FilePlan[]) => write.reduce((sum, { byteLength }) => sum + byteLength, 0);
        for (const write of writes) if (write.length > 1) expect(bytesOf(write)).toBeLessThanOrEqual(128);
        // Any two neighbours would be too large together: the number of tasks follows the bytes.
        for (const [n, write] of writes.entries())
          if (n > 0) expect(bytesOf(writes[n - 1]!) + write[0]!.byteLength).toBeGreaterThan(128);
      }),
    );
  });
});

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
