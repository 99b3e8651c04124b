import { describe, expect, it } from "vitest";
import { isGoodEnough, qualityOf } from "../../../lake/batch/quality.ts";

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
