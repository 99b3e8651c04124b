import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arrivalAccounting } from "../../../lake/batch/day-accounting.ts";
import type { ObjectItem } from "../../../lake/batch/ledger.ts";
import { arrivalItem } from "../../../lake/batch/outcome.ts";

const object = fc.constantFrom<Partial<ObjectItem>>(
  { status: "recorded", lines: 5, comments: 1, rows: 3, rejected: 1 },
  { status: "truncated", reason: "TruncatedArchive", lines: 2, rows: 1, rejected: 1, comments: 0 },
  { status: "quarantined", reason: "CorruptArchive" },
  { status: "quarantined", reason: "ReadFailed" },
  { status: "passed-over", reason: "EmptyObject" },
);
const batch = fc.record({
  status: fc.constantFrom("running" as const, "recorded" as const, "refused" as const),
  objects: fc.array(object, { minLength: 1 }),
});

describe("arrivalAccounting", () => {
  it("has every object that arrived in exactly one count, and a reason for each that was set aside", () => {
    fc.assert(
      fc.property(fc.array(batch), (batches) => {
        const items = batches.map(({ status, objects }) => arrivalItem(status, objects as ObjectItem[]));
        const sums = arrivalAccounting(items);
        expect(sums.objects).toBe(BigInt(batches.flatMap(({ objects }) => objects).length));
        const { recordedObjects, truncatedObjects, quarantinedObjects, passedOverObjects, unfinishedObjects } = sums;
        expect(recordedObjects + truncatedObjects + quarantinedObjects + passedOverObjects + unfinishedObjects).toBe(
          sums.objects,
        );
        expect(Object.values(sums.reasons).reduce((sum, count) => sum + count, 0n)).toBe(
          truncatedObjects + quarantinedObjects,
        );
      }),
    );
  });

  it("tells rows of refused batches from those in the lake", () => {
    const recorded = arrivalItem("recorded", [{ status: "recorded", rows: 5 } as ObjectItem]);
    const refused = arrivalItem("refused", [{ status: "quarantined", reason: "QualityTooLow", rows: 7 } as ObjectItem]);
    expect(arrivalAccounting([recorded, refused])).toMatchObject({
      ...{ objects: 2n, quarantinedObjects: 1n, refusedRows: 7n, reasons: { QualityTooLow: 1n } },
    });
  });
});
