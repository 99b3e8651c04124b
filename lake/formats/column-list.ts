/** Lists a format's columns, and finds them again by name. */
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

/** Makes a function that finds the index of a column by its name. */
export function columnFinder(columns: readonly ColumnDefinition[]): (name: string) => number {
  const indexes = new Map(columns.map(({ name }, index) => [name, index]));
  return (name) => {
    const index = indexes.get(name);
    if (index === undefined) throw new Error(`No column "${name}"`);
    return index;
  };
}
