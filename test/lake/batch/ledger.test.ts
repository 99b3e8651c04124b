import { describe, expect, it } from "vitest";
import { manifestSlices } from "../../../lake/batch/ledger.ts";
import { manifestObject } from "./prepared-objects.ts";

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
