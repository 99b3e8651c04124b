import { describe, expect, it } from "vitest";
import { parseIntrinsic } from "../../../../engine/data/jsonpath/intrinsic-call.ts";
import { applyIntrinsic } from "../../../../engine/data/jsonpath/intrinsic-functions.ts";
import { parsePath } from "../../../../engine/data/jsonpath/parse-path.ts";
import { readPath } from "../../../../engine/data/jsonpath/read-path.ts";
import { writePath } from "../../../../engine/data/jsonpath/write-path.ts";
import { seededChance } from "../../../../engine/index.ts";
import type { Json } from "../../../../engine/values/json.ts";

const store: Json = {
  book: [
    { title: "A", price: 8, tags: ["x"] },
    { title: "B", price: 12, isbn: "1" },
    { title: "C", price: 22, isbn: "2" },
  ],
  "odd key": { "a.b": 1 },
};

describe("paths", () => {
  it.each<[string, Json]>([
    ["$.book[1].title", "B"],
    ["$.book[-1].title", "C"],
    ["$['odd key']['a.b']", 1],
    ["$.book[*].title", ["A", "B", "C"]],
    ["$.book[0,2].title", ["A", "C"]],
    ["$.book[:2].price", [8, 12]],
    ["$.book[-2:].price", [12, 22]],
    ["$..isbn", ["1", "2"]],
    ["$.book[?(@.price > 10)].title", ["B", "C"]],
    ["$.book[?(@.isbn && @.price < 20)].title", ["B"]],
    ["$.book[?(@.title in ['A', 'C'])].price", [8, 22]],
    ["$.book[?(!@.isbn)].title", ["A"]],
    ["$.book[?(@.title =~ /[ab]/i)].title", ["A", "B"]],
    ["$.book.length()", 3],
    ["$.nothing[*].here", []],
  ])("reads %s", (path, expected) => {
    expect(readPath(parsePath(path), store)).toEqual(expected);
  });

  it.each([
    ["$.book[9]", "No results for path: $['book'][9]"],
    ["$.none", "No results for path: $['none']"],
    ["$.none.deeper", "Missing property in path $['none']"],
  ])("says in Jayway's words that %s leads nowhere", (path, problem) => {
    expect(() => readPath(parsePath(path), store)).toThrow(problem);
  });

  it("writes a copy and makes what is missing on the way", () => {
    const root = { a: { b: 1 } };
    expect(writePath(parsePath("$.a.c.d"), root, 2)).toEqual({ a: { b: 1, c: { d: 2 } } });
    expect(root).toEqual({ a: { b: 1 } });
    expect(() => writePath(parsePath("$.a.b.c"), root, 2)).toThrow();
  });
});

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
