import { describe, expect, it } from "vitest";
import { type PreparedObject, planChunks } from "../../../lake/batch/chunk-plan.ts";
import { crawlProgress } from "../../../lake/batch/crawl.ts";
import { MAX_FILE_BYTES, planFiles } from "../../../lake/batch/file-plan.ts";
import { manifestSlices } from "../../../lake/batch/ledger.ts";
import { batchCounts, countedLines, daysOf, keptInQuarantine, objectItems } from "../../../lake/batch/outcome.ts";
import { dateOfLakeKey, lakeKey, quarantinedObjectKey, quarantineReasonKey } from "../../../lake/batch/places.ts";
import { isGoodEnough, qualityOf } from "../../../lake/batch/quality.ts";

const MIB = 1 << 20;
const manifestObject = (key: string) => ({ bucket: "raw", key, etag: "e", sizeBytes: 1 });
const prepared = (key: string, ...sizes: number[]): PreparedObject => ({
  status: "prepared",
  object: manifestObject(key),
  format: "alb",
  pieces: sizes.map((byteLength, piece) => ({
    stagedKey: `${key}-${piece}`,
    byteLength,
    lineCount: 10,
    firstLine: 1,
    firstByte: 0,
  })),
});
const quarantined: PreparedObject = {
  status: "quarantined",
  object: manifestObject("x"),
  reason: "CorruptArchive",
  detail: "",
};

describe("planChunks", () => {
  const keysOf = (objects: PreparedObject[], maxBytes: number) =>
    planChunks(objects, maxBytes).map(({ pieces }) => pieces.map(({ stagedKey }) => stagedKey));

  it("fills chunks in order, and leaves out what was quarantined", () => {
    expect(keysOf([prepared("a", 4), quarantined, prepared("b", 6), prepared("c", 1)], 10)).toEqual([
      ["a-0", "b-0"],
      ["c-0"],
    ]);
  });

  it("keeps the pieces of one object in order, and gives one that is too long a chunk of its own", () => {
    expect(keysOf([prepared("a", 10, 10, 3), prepared("b", 12)], 10)).toEqual([["a-0"], ["a-1"], ["a-2"], ["b-0"]]);
  });

  it("says which object of the manifest a piece is of", () => {
    const [chunk] = planChunks([quarantined, prepared("a", 1)]);
    expect(chunk!.pieces[0]).toMatchObject({ index: 1, object: { key: "a" } });
  });

  it("takes what there is of an object that is cut, and says in which piece it breaks off", () => {
    const cut: PreparedObject = {
      ...(prepared("a", 4, 6) as PreparedObject & { status: "prepared" }),
      status: "truncated",
      reason: "TruncatedArchive",
      detail: "is cut",
    };
    cut.pieces[1] = { ...cut.pieces[1]!, isCut: true };
    const [chunk] = planChunks([cut], 10);
    expect(chunk!.pieces.map(({ stagedKey, isCut }) => [stagedKey, isCut])).toEqual([
      ["a-0", undefined],
      ["a-1", true],
    ]);
  });

  it("plans nothing for nothing", () => {
    expect(planChunks([quarantined])).toEqual([]);
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

describe("quality", () => {
  it("is text that never rounds up to perfect", () => {
    expect(qualityOf({ rows: 1, rejected: 0 })).toBe("1.0000");
    expect(qualityOf({ rows: 999_999, rejected: 1 })).toBe("0.9999");
    expect(qualityOf({ rows: 0, rejected: 3 })).toBe("0.0000");
    expect(qualityOf({ rows: 0, rejected: 0 })).toBe("1.0000");
  });

  it("is good enough at the threshold, and where there is nothing to judge", () => {
    expect(isGoodEnough({ rows: 9, rejected: 1 }, 0.9)).toBe(true);
    expect(isGoodEnough({ rows: 89, rejected: 11 }, 0.9)).toBe(false);
    expect(isGoodEnough({ rows: 0, rejected: 0 }, 1)).toBe(true);
  });
});

describe("the outcome of a batch", () => {
  const batch = { source: "alb", batchId: "0123456789abcdef", objectCount: 3, claimedAtMs: 0 };
  const empty: PreparedObject = {
    status: "passed-over",
    object: manifestObject("e"),
    reason: "EmptyObject",
    detail: "",
  };
  const parsed = [
    { pieces: [{ index: 0, lines: 5, comments: 1, rows: 3, rejected: 1 }], rowGroups: [], invalidFields: 0 },
    { pieces: [{ index: 0, lines: 2, comments: 0, rows: 2, rejected: 0 }], rowGroups: [], invalidFields: 0 },
  ];
  const items = objectItems(batch, "me", [prepared("a", 1, 1), quarantined, empty], parsed);

  it("adds up the lines of an object over its chunks", () => {
    expect(items.map(({ status, lines, rows, rejected, reason }) => [status, lines, rows, rejected, reason])).toEqual([
      ["recorded", 7, 5, 1, undefined],
      ["quarantined", undefined, undefined, undefined, "CorruptArchive"],
      ["passed-over", undefined, undefined, undefined, "EmptyObject"],
    ]);
  });

  it("counts objects by what became of them, and lines, files and days", () => {
    const file = (date: string, rows: number) => ({ key: date, date, rows, format: "alb" as const, rowGroups: [] });
    const files = [file("2026-01-01", 3), file("2026-01-01", 1), file("2026-01-02", 1)];
    expect(batchCounts(items, files)).toEqual({
      objects: 3,
      recordedObjects: 1,
      truncatedObjects: 0,
      quarantinedObjects: 1,
      passedOverObjects: 1,
      lines: 7,
      comments: 1,
      rows: 5,
      rejected: 1,
      files: 3,
      dates: 2,
    });
    expect([...daysOf(files, items)]).toEqual([
      ["2026-01-01", { rows: 4, objects: 1, files: 2 }],
      ["2026-01-02", { rows: 1, objects: 1, files: 1 }],
    ]);
  });

  it("tells objects that are cut from whole ones, and those of which nothing came", () => {
    const cut = (key: string, ...sizes: number[]): PreparedObject => ({
      ...(prepared(key, ...sizes) as PreparedObject & { status: "prepared" }),
      status: "truncated",
      reason: "TruncatedArchive",
      detail: "is cut",
      warnings: ["odd", "odder"],
    });
    const objects = [cut("a", 1), cut("nothing"), prepared("b", 1)];
    const lines = { lines: 3, comments: 0, rows: 2, rejected: 1 };
    const pieces = [0, 2].map((index) => ({ ...lines, index }));
    const outcomes = objectItems(batch, "me", objects, [{ pieces, rowGroups: [], invalidFields: 0 }]);
    expect(outcomes).toMatchObject([
      {
        status: "truncated",
        reason: "TruncatedArchive",
        detail: "is cut",
        rows: 2,
        rejected: 1,
        warning: "odd; odder",
      },
      { status: "quarantined", reason: "TruncatedArchive" },
      { status: "recorded", rows: 2 },
    ]);
    expect(outcomes[1]).not.toHaveProperty("lines");
    expect(batchCounts(outcomes, [])).toMatchObject({
      objects: 3,
      recordedObjects: 1,
      truncatedObjects: 1,
      quarantinedObjects: 1,
      lines: 6,
      rows: 4,
      rejected: 2,
    });
    expect(keptInQuarantine(batch, objects, [])).toEqual(
      new Set(
        [0, 1].flatMap((index) => [
          quarantineReasonKey(batch, index),
          quarantinedObjectKey(batch, index, objects[index]!.object),
        ]),
      ),
    );
  });

  it("notices a line that is not accounted for", () => {
    const pieces = planChunks([prepared("a", 1)])[0]!.pieces;
    const counted = { lines: 9, comments: 0, rows: 9, rejected: 0 };
    expect(() => countedLines("alb", pieces, [counted])).toThrow(
      /10 lines of s3:\/\/raw\/a were unpacked, but 9 counted/,
    );
    expect(countedLines("alb", pieces, [{ ...counted, lines: 10, comments: 1 }])).toMatchObject([
      { index: 0, lines: 10 },
    ]);
  });
});

describe("crawlProgress", () => {
  const last = { status: "succeeded" as const, startedAtMs: 100 };
  it.each([
    [{ isRunning: true, last }, "running"],
    [{ isRunning: false, last }, "succeeded"],
    [{ isRunning: false, last: { ...last, startedAtMs: 99 } }, "not-begun"],
    [{ isRunning: false, last: undefined }, "not-begun"],
    [{ isRunning: false, last: { ...last, status: "failed" as const } }, "failed"],
  ])("%#: counts only a crawl that began after it was asked for", (state, status) => {
    expect(crawlProgress({ name: "c", ...state }, 100).status).toBe(status);
  });
});

describe("manifestSlices", () => {
  it("stays under DynamoDB's 400 KB with the longest keys", () => {
    const objects = Array.from({ length: 1000 }, () => ({
      ...manifestObject("k".repeat(1024)),
      bucket: "b".repeat(63),
    }));
    const slices = manifestSlices(objects);
    expect(slices.flat()).toHaveLength(1000);
    for (const slice of slices) expect(JSON.stringify(slice).length).toBeLessThan(400_000);
  });
});
