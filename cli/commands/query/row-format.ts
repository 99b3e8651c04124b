/** Rows of a query as text: for people, for spreadsheets and for programs. Written page by page, never held whole. */
import type { Cells, QueryColumn } from "../../query-rows.ts";

export const rowFormats = ["table", "csv", "json"] as const;
export type RowFormat = (typeof rowFormats)[number];

/** Wider cells are cut in a table; csv and json have them whole. */
const WIDEST_CELL = 80;

/** Types whose values stand in JSON as numbers, with exactly the digits that Athena sent. */
const NUMBERS = new Set(["tinyint", "smallint", "integer", "int", "bigint", "float", "real", "double", "decimal"]);

/** Athena's NaN and Infinity are numbers that JSON has no word for. */
const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** Turns pages of rows into pieces of text that end in a line end. */
export async function* formatRows(
  format: RowFormat,
  columns: readonly QueryColumn[],
  pages: AsyncIterable<Cells[]>,
): AsyncGenerator<string> {
  switch (format) {
    case "table":
      yield* table(columns, pages);
      return;
    case "csv":
      yield `${columns.map(({ name }) => csvCell(name)).join(",")}\n`;
      for await (const page of pages) yield page.map((cells) => `${cells.map(csvCell).join(",")}\n`).join("");
      return;
    case "json":
      yield* json(columns, pages);
      return;
  }
}

async function* table(columns: readonly QueryColumn[], pages: AsyncIterable<Cells[]>): AsyncGenerator<string> {
  let widths: number[] | undefined;
  for await (const page of pages) {
    // The first page settles the widths; a longer cell of a later page pushes its row out of line, which is bearable.
    if (!widths) {
      widths = columns.map(({ name }, i) =>
        page.reduce((width, cells) => Math.max(width, tableCell(cells[i] ?? null).length), name.length),
      );
      const head = columns.map(({ name, type }, i) => align(name, widths![i]!, type)).join("  ");
      yield `${head.trimEnd()}\n${widths.map((width) => "-".repeat(width)).join("  ")}\n`;
    }
    const lines = page.map((cells) =>
      cells
        .map((cell, i) => align(tableCell(cell), widths![i]!, columns[i]!.type))
        .join("  ")
        .trimEnd(),
    );
    if (lines.length > 0) yield `${lines.join("\n")}\n`;
  }
}

async function* json(columns: readonly QueryColumn[], pages: AsyncIterable<Cells[]>): AsyncGenerator<string> {
  let before = "[\n";
  for await (const page of pages)
    for (const cells of page) {
      yield `${before}  {${columns.map((column, i) => `${JSON.stringify(column.name)}: ${jsonCell(cells[i] ?? null, column.type)}`).join(", ")}}`;
      before = ",\n";
    }
  yield before === "[\n" ? "[]\n" : "\n]\n";
}

function align(text: string, width: number, type: string): string {
  return NUMBERS.has(type) ? text.padStart(width) : text.padEnd(width);
}

function tableCell(cell: string | null): string {
  if (cell === null) return "NULL";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a log may hold any, and the terminal would obey
  const safe = cell.replaceAll("\t", " ").replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "\u00b7");
  return safe.length > WIDEST_CELL ? `${safe.slice(0, WIDEST_CELL - 1)}\u2026` : safe;
}

/** A cell as in Athena's own result files: NULL is nothing, and an empty text is a pair of quotes. */
function csvCell(cell: string | null): string {
  if (cell === null) return "";
  return cell === "" || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function jsonCell(cell: string | null, type: string): string {
  if (cell === null) return "null";
  if (NUMBERS.has(type) && JSON_NUMBER.test(cell)) return cell;
  if (type === "boolean") return cell;
  return JSON.stringify(cell);
}
