/**
 * The types of the lake: what a column may hold, how it is named upstream and in the lake, and how the catalog
 * declares it. Types are owned here; nothing infers them from the data.
 */

/**
 * What a column holds. Timestamps are INT64 since 1970 in UTC; `date` is INT32 days since 1970.
 * The text that each type reads:
 *
 * - `int32`, `int64`: an optional `-` and decimal digits, within the type's range.
 * - `double`: decimal, with optional fraction and exponent.
 * - `boolean`: `true` or `false`, in letters of either case.
 * - `timestamp_*`: `YYYY-MM-DD`, one separator (`T`, space or tab), `HH:MM:SS`, an optional fraction and `Z`. A
 *   leap second, `:60`, is the last moment of its minute.
 * - `date`: `YYYY-MM-DD`.
 */
export type ColumnType =
  | "string"
  | "int32"
  | "int64"
  | "double"
  | "boolean"
  | "timestamp_millis"
  | "timestamp_micros"
  | "date";

/**
 * How the writer of the log escaped a text, to be undone exactly once.
 *
 * - `percent`: `%HH`, as CloudFront does. Other text stays, and so do escapes that together are not UTF-8.
 * - `backslash`: `\xHH` (also of 32 bits, `\xFFFFFFHH` and `\x000000HH`), `\"` and `\\`, as the load balancers do.
 */
export type Decoding = "percent" | "backslash";

export interface ColumnDefinition {
  /** Lower snake case. Names that start with `_` belong to the lake itself. */
  readonly name: string;
  readonly type: ColumnType;
  /** The name in the source's own documentation, such as `cs(User-Agent)`; the comment of the Glue column. */
  readonly upstreamName: string;
  readonly decoding?: Decoding;
  /** The scanner can fill it, but it is written only where a schema asks for it by name. */
  readonly optional?: true;
}

/** A column whose values follow from other columns of its row. */
export interface DerivedColumn extends ColumnDefinition {
  /** Names of the format's columns that it is derived from. */
  readonly inputs: readonly string[];
}

/** The columns that every row of every table carries, after the columns of its format. */
export const metadataColumns = [
  {
    name: "_extra",
    type: "string",
    upstreamName:
      "JSON object of what no column could hold: unknown fields by name, surplus ones as extra_N, N being their position from 1",
  },
  { name: "_source_file", type: "string", upstreamName: "object the row was read from" },
  { name: "_line", type: "int64", upstreamName: "physical line of the unpacked object, from 1" },
  { name: "_processed_at", type: "timestamp_millis", upstreamName: "when the batch was parsed" },
] as const satisfies readonly ColumnDefinition[];

/** The columns of a table in file order: those of the format that are not optional, derived ones, then the lake's own. */
export function tableColumns(
  formatColumns: readonly ColumnDefinition[],
  derivedColumns: readonly ColumnDefinition[] = [],
): readonly ColumnDefinition[] {
  return [...formatColumns.filter((column) => !column.optional), ...derivedColumns, ...metadataColumns];
}

/** The type a Glue or Athena table declares for a column. */
export function glueType(type: ColumnType): string {
  switch (type) {
    case "string":
    case "double":
    case "boolean":
    case "date":
      return type;
    case "int32":
      return "int";
    case "int64":
      return "bigint";
    case "timestamp_millis":
    case "timestamp_micros":
      return "timestamp";
  }
}
