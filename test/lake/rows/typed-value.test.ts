import { describe, expect, it } from "vitest";
import { parseValue } from "../../../lake/rows/typed-value.ts";

describe("parseValue", () => {
  it("keeps every microsecond of times that a double cannot hold", () => {
    const text = Buffer.from("2826-01-17T16:47:18.831893Z");
    const out = new DataView(new ArrayBuffer(8));
    expect(parseValue("timestamp_micros", text, 0, text.length, out, 0)).toBe(true);
    expect(out.getBigInt64(0, true)).toBe(BigInt(Date.UTC(2826, 0, 17, 16, 47, 18)) * 1000n + 831_893n);
  });
});
