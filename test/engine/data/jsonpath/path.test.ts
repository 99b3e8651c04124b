import { describe, expect, it } from "vitest";
import { parsePath } from "../../../../engine/data/jsonpath/parse-path.ts";
import { readPath } from "../../../../engine/data/jsonpath/read-path.ts";
import { writePath } from "../../../../engine/data/jsonpath/write-path.ts";
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
