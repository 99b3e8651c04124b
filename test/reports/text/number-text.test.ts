import { describe, expect, it } from "vitest";
import { bytesText, countText, durationText, shareText } from "../../../reports/text/number-text.ts";

describe("countText", () => {
  it.each([
    [0n, "0"],
    [999n, "999"],
    [1000n, "1,000"],
    [9_007_199_254_740_993n, "9,007,199,254,740,993"],
  ])("%s is %s", (value, text) => expect(countText(value)).toBe(text));
});

describe("shareText", () => {
  it.each([
    [0n, 10n, "0 %"],
    [10n, 10n, "100 %"],
    [1n, 3n, "33.33 %"],
    [2n, 3n, "66.67 %"],
    [1n, 1_000_000n, "< 0.01 %"],
    [999_999n, 1_000_000n, "> 99.99 %"],
    [1n, 20_000n, "0.01 %"],
    [0n, 0n, "n/a"],
  ])("%s of %s is %s", (part, whole, text) => expect(shareText(part, whole)).toBe(text));
});

describe("bytesText", () => {
  it.each([
    [0n, "0 B"],
    [999n, "999 B"],
    [1000n, "1.00 kB"],
    [999_999n, "1.00 MB"],
    [999_994n, "999.99 kB"],
    [1_234_567_890n, "1.23 GB"],
    [5_000_000_000_000_000_000_000_000n, "5,000.00 ZB"],
  ])("%s is %s", (value, text) => expect(bytesText(value)).toBe(text));
});

describe("durationText", () => {
  it.each([
    [0n, "0 ms"],
    [86n, "0.09 ms"],
    [23_000n, "23 ms"],
    [1_234_000n, "1.234 s"],
    [125_400_000n, "2 min 5 s"],
    [null, "n/a"],
  ])("%s is %s", (value, text) => expect(durationText(value)).toBe(text));
});
