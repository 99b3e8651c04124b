import { describe, expect, it } from "vitest";
import { type PreparedObject, planChunks } from "../../../lake/batch/chunk-plan.ts";
import {
  arrivalItem,
  batchCounts,
  countedLines,
  daysOf,
  keptInQuarantine,
  nothingReadable,
  objectItems,
} from "../../../lake/batch/outcome.ts";
import { quarantinedObjectKey, quarantineReasonKey } from "../../../lake/batch/places.ts";
import { manifestObject, prepared, quarantined } from "./prepared-objects.ts";

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
    const file = (date: string, rows: number) => ({ key: date, date, rows, byteLength: 1, rowGroups: [] });
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

  describe("of which nothing could be read", () => {
    const counts = (index: number, rows: number, rejected: number, comments = 0) => ({
      ...{ index, rows, rejected, comments },
      lines: rows + rejected + comments,
    });
    const itemsOf = (objects: PreparedObject[], ...pieces: ReturnType<typeof counts>[]) =>
      objectItems(batch, "me", objects, [{ pieces, rowGroups: [], invalidFields: 0 }]);
    const gone: PreparedObject = {
      object: quarantined.object,
      status: "quarantined",
      reason: "ObjectVanished",
      detail: "",
    };

    it("is NothingReadable for an object whose every record line was rejected, with its lines", () => {
      expect(itemsOf([prepared("a", 1)], counts(0, 0, 7, 2))[0]).toMatchObject({
        ...{ status: "quarantined", reason: "NothingReadable", lines: 9, comments: 2, rows: 0, rejected: 7 },
        detail: expect.stringMatching(/^Nothing of s3:\/\/raw\/a could be read: all of its 7 record lines/),
      });
      expect(itemsOf([prepared("a", 1)], counts(0, 1, 7))[0]).toMatchObject({ status: "recorded" });
      expect(itemsOf([prepared("a", 1)], counts(0, 0, 0, 2))[0]).toMatchObject({ status: "recorded" });
    });

    it.each<[string, PreparedObject[], ReturnType<typeof counts>[], RegExp | undefined]>([
      ["a corrupt object alone", [quarantined], [], /^Nothing of batch .*1 of its 1 objects .*\(CorruptArchive 1\)/],
      ["only rejected lines", [prepared("a", 1)], [counts(0, 0, 3)], /\(NothingReadable 1\)/],
      ["corrupt and empty ones", [quarantined, empty], [], /1 of its 2 objects/],
      ["a corrupt one beside a good one", [quarantined, prepared("a", 1)], [counts(1, 1, 0)], undefined],
      ["a corrupt one beside one with comments only", [quarantined, prepared("a", 1)], [counts(1, 0, 0, 2)], undefined],
      ["empty ones", [empty, empty], [], undefined],
      ["deleted ones", [gone], [], undefined],
    ])("fails the batch or not: %s", (_, objects, pieces, message) => {
      const failure = nothingReadable(batch.batchId, itemsOf(objects, ...pieces));
      if (message) expect(failure).toMatchObject({ name: "NothingReadable", message: expect.stringMatching(message) });
      else expect(failure).toBeUndefined();
    });

    it("is under the day it arrived all the same", () => {
      const objects = itemsOf([quarantined, empty, prepared("a", 1)], counts(2, 0, 3));
      expect(arrivalItem("recorded", objects)).toEqual({
        ...{ status: "recorded", objects: 3, recordedObjects: 0, truncatedObjects: 0, quarantinedObjects: 2 },
        ...{ passedOverObjects: 1, lines: 3, comments: 0, rows: 0, rejected: 3 },
        reasons: { CorruptArchive: 1, NothingReadable: 1 },
      });
    });
  });

  it("notices a line, or a byte, that is not accounted for", () => {
    const pieces = planChunks([prepared("a", 1)])[0]!.pieces;
    const rowBytes = pieces[0]!.byteLength - 10;
    const bytes = { rowBytes, commentBytes: 0, rejectedBytes: 0, separatorBytes: 10 };
    const counted = { lines: 9, comments: 0, rows: 9, rejected: 0, bytes };
    expect(() => countedLines("alb", pieces, [counted])).toThrow(
      /10 lines of s3:\/\/raw\/a were unpacked, but 9 counted/,
    );
    expect(countedLines("alb", pieces, [{ ...counted, lines: 10, comments: 1 }])).toMatchObject([
      { index: 0, lines: 10, bytes },
    ]);
    const fewer = { ...counted, lines: 10, comments: 1, bytes: { ...bytes, separatorBytes: 9 } };
    expect(() => countedLines("alb", pieces, [fewer])).toThrow(
      `${rowBytes + 10} bytes of s3://raw/a were unpacked, but ${rowBytes + 9} counted`,
    );
  });

  it("says in the ledger what the bytes of an object belong to", () => {
    const bytes = { rowBytes: 5, commentBytes: 4, rejectedBytes: 3, separatorBytes: 2 };
    const piece = { index: 0, lines: 3, comments: 1, rows: 1, rejected: 1, bytes };
    const [item] = objectItems(
      batch,
      "me",
      [prepared("a", 2)],
      [{ pieces: [piece, piece], rowGroups: [], invalidFields: 0 }],
    );
    expect(item).toMatchObject({ rowBytes: 10, commentBytes: 8, rejectedBytes: 6, separatorBytes: 4 });
  });
});
