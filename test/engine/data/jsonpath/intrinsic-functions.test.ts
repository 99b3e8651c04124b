import { describe, expect, it } from "vitest";
import { parseIntrinsic } from "../../../../engine/data/jsonpath/intrinsic-call.ts";
import { applyIntrinsic } from "../../../../engine/data/jsonpath/intrinsic-functions.ts";
import { seededChance } from "../../../../engine/index.ts";
import type { Json } from "../../../../engine/values/json.ts";

describe("intrinsic functions", () => {
  const call = (name: string, ...args: Json[]) => applyIntrinsic(name, args, seededChance(1));

  it("round half up, each argument by itself", () => {
    expect(call("MathAdd", 1.5, 1.51)).toBe(4);
    expect(call("MathAdd", -1.5, 0)).toBe(-1);
    expect(call("ArrayRange", 1, 9, 2)).toEqual([1, 3, 5, 7, 9]);
  });

  it("split at any of the separators and drop what is empty", () => {
    expect(call("StringSplit", "a,b;;c", ",;")).toEqual(["a", "b", "c"]);
  });

  it("format maps and lists as Java does", () => {
    expect(call("Format", "{} {} \\{{}\\}", { a: 1, b: [] }, [1, "x"], null)).toBe("{a=1, b=[]} [1, x] {null}");
    expect(() => call("Format", "{}")).toThrow();
  });

  it("give the same random number for the same seed", () => {
    expect(call("MathRandom", 0, 1000, 7)).toBe(call("MathRandom", 0, 1000, 7));
  });

  it("are read with nested calls, paths and escapes, and with nothing else", () => {
    expect(parseIntrinsic("States.Array(States.UUID(), $.a['b,c'], 'it\\'s', -1.5, null)").arguments).toHaveLength(5);
    expect(() => parseIntrinsic("States.Nothing()")).toThrow();
    expect(() => parseIntrinsic("States.UUID(1)")).toThrow();
    expect(() => parseIntrinsic("States.Format('a\\\"b')")).toThrow();
  });
});
