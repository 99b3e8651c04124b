/** The widths of a table's columns and the size of its text, in points, so that no number runs into the next. */
import type { Table } from "../document.ts";

interface TableLayout {
  fontSize: number;
  widths: number[];
}

const FONT_SIZE = 7.5;
const SMALLEST_FONT_SIZE = 3;
export const CELL_PADDING = 4;
/** A character relative to the font size: digits and commas of Inter in semi-bold are no wider. */
const NUMBER_CHARACTER = 0.62;
/** Letters of names and paths are narrower on average. */
const TEXT_CHARACTER = 0.56;
/** Names and paths are cut to the room they have, but it is never less than this. */
const LEAST_TEXT_WIDTH = 34;

/**
 * Numbers get the room they need, if need be in a smaller font. Then texts get what they could use; what is left is
 * shared as the columns say.
 */
export function layOutTable(table: Table, width: number): TableLayout {
  const all = [table.columns.map(({ heading }) => heading), ...table.rows, ...(table.total ? [table.total] : [])];
  const longest = table.columns.map((_, i) => all.reduce((most, row) => Math.max(most, row[i]!.length), 0));
  const sum = (points: readonly number[]) => points.reduce((total, each) => total + each, 0);
  for (let fontSize = FONT_SIZE; ; fontSize -= 0.25) {
    const room = (i: number, character: number) => longest[i]! * fontSize * character + 2 * CELL_PADDING;
    const least = table.columns.map(({ align }, i) =>
      align === "right" ? room(i, NUMBER_CHARACTER) : Math.min(room(i, TEXT_CHARACTER), LEAST_TEXT_WIDTH),
    );
    if (sum(least) > width && fontSize > SMALLEST_FONT_SIZE) continue;
    const spare = Math.max(0, width - sum(least));
    const useful = table.columns.map(({ align }, i) =>
      align === "right" ? 0 : Math.max(0, room(i, TEXT_CHARACTER) - least[i]!),
    );
    const granted = shareOut(spare, useful);
    const left = spare - sum(granted);
    const shares = sum(table.columns.map((column) => column.width));
    return {
      fontSize,
      widths: table.columns.map((column, i) => least[i]! + granted[i]! + (left * column.width) / shares),
    };
  }
}

/** Small wishes are met whole; what they leave is shared evenly among the larger ones. */
function shareOut(points: number, wishes: readonly number[]): number[] {
  const granted = wishes.map(() => 0);
  let left = points;
  const ascending = [...wishes.keys()].filter((i) => wishes[i]! > 0).sort((a, b) => wishes[a]! - wishes[b]!);
  for (const [position, i] of ascending.entries()) {
    granted[i] = Math.min(wishes[i]!, left / (ascending.length - position));
    left -= granted[i]!;
  }
  return granted;
}

/** The number of characters that surely have room. */
export function roomForText(width: number, fontSize: number): number {
  // Half a point against rounding: a text that has exactly its room is not cut.
  return Math.max(4, Math.floor((width - 2 * CELL_PADDING + 0.5) / (fontSize * TEXT_CHARACTER)));
}
