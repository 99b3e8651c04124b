/** Writing down a format's columns, and finding them again by name. */
import type { ColumnDefinition, ColumnType, Decoding } from "../rows/schema.ts";

/** A column that keeps its upstream name unless another is given. */
export function column(
  name: string,
  type: ColumnType = "string",
  upstreamName = name,
  more: { decoding?: Decoding; optional?: true } = {},
): ColumnDefinition {
  return { name, type, upstreamName, ...more };
}

/** Where the column of a name stands in the list. */
export function columnFinder(columns: readonly ColumnDefinition[]): (name: string) => number {
  const indexes = new Map(columns.map(({ name }, index) => [name, index]));
  return (name) => {
    const index = indexes.get(name);
    if (index === undefined) throw new Error(`No column "${name}"`);
    return index;
  };
}
