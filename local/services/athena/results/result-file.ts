/** The lines of a result file: written row by row, read page by page. The token of a page is its offset in the file. */

interface ResultPage {
  /** Cells, NULL as null. */
  rows: (string | null)[][];
  /** Where the next page begins. */
  nextOffset: number;
}

/** A row as a line of CSV: every value stands in quotes, NULL is nothing at all. */
export function csvLine(cells: readonly (string | null)[]): string {
  return `${cells.map((cell) => (cell === null ? "" : `"${cell.replaceAll('"', '""')}"`)).join(",")}\n`;
}

/** Reads lines as `csvLine` writes them, from `offset` on. */
export function readCsvLines(csv: string, offset: number, limit: number): ResultPage {
  const rows: (string | null)[][] = [];
  let at = offset;
  while (at < csv.length && rows.length < limit) {
    const row: (string | null)[] = [];
    for (;;) {
      if (csv[at] === '"') {
        let end = at + 1;
        while (csv[end] !== '"' || csv[end + 1] === '"') end += csv[end] === '"' ? 2 : 1;
        row.push(csv.slice(at + 1, end).replaceAll('""', '"'));
        at = end + 1;
      } else row.push(null);
      if (csv[at++] !== ",") break;
    }
    rows.push(row);
  }
  return { rows, nextOffset: at };
}

/** Reads lines of plain text, one cell in each, from `offset` on. */
export function readTextLines(text: string, offset: number, limit: number): ResultPage {
  const rows: (string | null)[][] = [];
  let at = offset;
  while (at < text.length && rows.length < limit) {
    const end = text.indexOf("\n", at);
    rows.push([text.slice(at, end)]);
    at = end + 1;
  }
  return { rows, nextOffset: at };
}
