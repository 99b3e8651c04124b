import { describe, expect, it } from "vitest";
import { formatRows, type RowFormat } from "../../../../cli/commands/query/row-format.ts";
import type { Cells, QueryColumn } from "../../../../cli/query-rows.ts";

const columns: QueryColumn[] = [
  { name: "path", type: "varchar" },
  { name: "bytes", type: "bigint" },
  { name: "ratio", type: "double" },
  { name: "cached", type: "boolean" },
];

async function format(rowFormat: RowFormat, ...pages: Cells[][]): Promise<string> {
  async function* given() {
    yield* pages;
  }
  let text = "";
  for await (const piece of formatRows(rowFormat, columns, given())) text += piece;
  return text;
}

describe("formatRows", () => {
  it("keeps every digit of a bigint in all formats", async () => {
    const row = ["/", "9223372036854775807", "0.5", "true"];
    for (const rowFormat of ["table", "csv", "json"] as const)
      expect(await format(rowFormat, [row])).toContain("9223372036854775807");
    expect(await format("json", [row])).toBe(
      '[\n  {"path": "/", "bytes": 9223372036854775807, "ratio": 0.5, "cached": true}\n]\n',
    );
  });

  it("tells NULL from the empty text", async () => {
    const rows = [["", null, null, null]];
    expect(await format("csv", rows)).toBe('path,bytes,ratio,cached\n"",,,\n');
    expect(JSON.parse(await format("json", rows))).toEqual([{ path: "", bytes: null, ratio: null, cached: null }]);
    expect(await format("table", rows)).toMatch(/^ +NULL +NULL +NULL$/m);
  });

  it("writes JSON that parses, also for no rows, several pages and numbers that JSON does not have", async () => {
    expect(JSON.parse(await format("json", []))).toEqual([]);
    const parsed = JSON.parse(await format("json", [['a"\n', "1", "NaN", "false"]], [["b", "-2", "1.0E10", "true"]]));
    expect(parsed).toEqual([
      { path: 'a"\n', bytes: 1, ratio: "NaN", cached: false },
      { path: "b", bytes: -2, ratio: 1e10, cached: true },
    ]);
  });

  it("quotes csv cells that need it", async () => {
    expect(await format("csv", [['say "hi", twice', "1", "1.0", "true"]])).toContain(
      '"say ""hi"", twice",1,1.0,true\n',
    );
  });

  it("lines a table up and lets no control character reach the terminal", async () => {
    const table = await format("table", [
      ["/a\u001b[31m", "5", "1.5", "true"],
      ["/longer", "12345", "10.25", "false"],
    ]);
    expect(table.split("\n")).toEqual([
      "path     bytes  ratio  cached",
      "-------  -----  -----  ------",
      "/a·[31m      5    1.5  true",
      "/longer  12345  10.25  false",
      "",
    ]);
  });
});
