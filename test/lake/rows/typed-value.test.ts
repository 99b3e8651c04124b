import { describe, expect, it } from "vitest";
import { parseValue } from "../../../lake/rows/typed-value.ts";

describe("parseValue", () => {
  it("keeps every microsecond of times that a double cannot hold", () => {
    const text = Buffer.from("2826-01-17T16:47:18.831893Z");
    const out = new DataView(new ArrayBuffer(8));
    expect(parseValue("timestamp_micros", text, 0, text.length, out, 0)).toBe(true);
    expect(out.getBigInt64(0, true)).toBe(BigInt(Date.UTC(2826, 0, 17, 16, 47, 18)) * 1000n + 831_893n);
  });

  it.each([
    ["timestamp_millis", "2016-12-31T23:59:60Z", 999n, 1n],
    ["timestamp_millis", "2016-12-31 23:59:60.5Z", 999n, 1n],
    ["timestamp_micros", "2016-12-31T23:59:60.999999Z", 999_999n, 1000n],
    ["timestamp_micros", "2016-12-31T23:59:60", 999_999n, 1000n],
  ] as const)("takes a leap second for the last moment of its day: %s %s", (type, text, fraction, perMilli) => {
    const bytes = Buffer.from(text);
    const out = new DataView(new ArrayBuffer(8));
    expect(parseValue(type, bytes, 0, bytes.length, out, 0)).toBe(true);
    expect(out.getBigInt64(0, true)).toBe(BigInt(Date.UTC(2016, 11, 31, 23, 59, 59)) * perMilli + fraction);
  });
});
