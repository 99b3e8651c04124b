import fc from "fast-check";
import { expect, it } from "vitest";
import { findByte } from "../../../lake/rows/find-byte.ts";

it("finds the first place of a byte before the end, and none after it", () => {
  const bytes = fc.uint8Array({ max: 4, maxLength: 120 });
  fc.assert(
    fc.property(bytes, fc.nat(4), fc.nat(130), fc.nat(130), (text, byte, start, length) => {
      const end = Math.min(text.length, start + length);
      const expected = text.findIndex((each, i) => i >= start && i < end && each === byte);
      expect(findByte(text, byte, start, end)).toBe(expected);
    }),
  );
});
