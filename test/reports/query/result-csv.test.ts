import { describe, expect, it } from "vitest";
import { integerOf, optionalIntegerOf, readResultCsv, textOf } from "../../../reports/query/result-csv.ts";

describe("readResultCsv", () => {
  it("tells NULL from empty text", () => {
    expect(readResultCsv('"a","b"\n,""\n"",\n')).toEqual([
      { a: null, b: "" },
      { a: "", b: null },
    ]);
  });

  it("reads quotes, commas and line ends inside values", () => {
    expect(readResultCsv('"path","n"\n"/a ""b"", c\r\nd","1"\n')).toEqual([{ path: '/a "b", c\r\nd', n: "1" }]);
  });

  it("reads a row of one NULL, and a last row without a line end", () => {
    expect(readResultCsv('"a"\n\n"x"')).toEqual([{ a: null }, { a: "x" }]);
  });

  it("takes a header alone as no rows", () => {
    expect(readResultCsv('"a","b"\n')).toEqual([]);
  });

  it("keeps integers beyond 2^53", () => {
    const [row] = readResultCsv('"n"\n"9007199254740993"\n');
    expect(integerOf(row!, "n")).toBe(9_007_199_254_740_993n);
  });

  it("refuses what is no result", () => {
    expect(() => readResultCsv("")).toThrow(/not even a header/);
    expect(() => readResultCsv('"a","b"\n"1"\n')).toThrow(/1 values for 2 columns/);
    expect(() => readResultCsv('"a"\n"1')).toThrow(/not closed/);
    expect(() => readResultCsv('"a"\n"1"2\n')).toThrow(/after a value/);
  });
});

describe("values of a row", () => {
  const row = { n: "1.5", empty: null };
  it("are checked for their type and presence", () => {
    expect(() => integerOf(row, "n")).toThrow(/"1.5", expected an integer/);
    expect(() => integerOf(row, "empty")).toThrow(/is NULL/);
    expect(() => textOf(row, "other")).toThrow(/no column "other"/);
    expect(optionalIntegerOf(row, "empty")).toBeNull();
  });
});
