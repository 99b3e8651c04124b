/**
 * Compares a source's objects with its table, by the texts in `_extra`: keys that have no column yet, and columns whose texts
 * are of another type by now.
 */
import { z } from "zod";
import { formatNamed } from "../formats/index.ts";
import { MASK } from "../pii/scrub.ts";
import type { ColumnDefinition, ColumnType } from "../rows/schema.ts";
import { columnName } from "./column-name.ts";
import type { SourceConfig } from "./config.ts";
import { sourceColumns } from "./source-format.ts";

/** A row of `queries/extra-keys.sql`: cells as Athena sends them. */
export type ExtraKeyRow = Readonly<Record<string, string | null>>;

export interface DriftingKey {
  /** As it comes: a key of JSON, the header of a field, or `extra_N` for a field at position N. */
  readonly key: string;
  readonly rows: number;
  readonly firstDate: string;
  readonly lastDate: string;
  /** The narrowest type that all its values have; undefined where they are withheld, or all null. */
  readonly type: ColumnType | undefined;
  /** A doubt about the type. */
  readonly doubt: string | undefined;
  /** One of its values, shortened; undefined where the source has a policy for personal data. */
  readonly example: string | undefined;
  /** The entry of `formatOptions.columns` that gives it a column; undefined where the format's columns are its own. */
  readonly column: { readonly name: string; readonly type: ColumnType; readonly upstreamName: string } | undefined;
}

/** A column with texts that it could not hold: it is null in these rows. */
export interface MisfitColumn {
  readonly key: string;
  readonly column: string;
  readonly type: ColumnType;
  readonly rows: number;
  readonly firstDate: string;
  readonly lastDate: string;
  /** As for a key without a column. */
  readonly example: string | undefined;
}

export interface Drift {
  readonly keys: readonly DriftingKey[];
  readonly misfits: readonly MisfitColumn[];
  /** Rows with fields whose names the policy for personal data withholds. */
  readonly withheldRows: number;
}

/** Whether values of the source may be shown. */
export function mayShowExamples({ pii }: Pick<SourceConfig, "pii">): boolean {
  return pii === undefined;
}

/**
 * The keys without a column in today's configuration, and the columns that could not hold their texts. A key that got a column
 * is still in `_extra` of older rows: its values that the column can hold are taken for these.
 */
export function driftOf(source: SourceConfig, rows: readonly ExtraKeyRow[]): Drift {
  const columns = sourceColumns(source);
  const known = new Set(columns.map(({ upstreamName }) => upstreamName));
  const taken = new Set(columns.map(({ name }) => name));
  const isOpen = hasConfiguredColumns(source);
  const masked = rows.filter(({ key }) => source.pii !== undefined && key === MASK);
  const keys = rows
    .filter((row) => !known.has(row.key!) && !masked.includes(row))
    .map((row): DriftingKey => {
      const { type, doubt } = guess(row, source);
      const name = columnName(row.key!, taken);
      taken.add(name);
      return {
        key: row.key!,
        rows: Number(row.row_count),
        firstDate: row.first_date!,
        lastDate: row.last_date!,
        type,
        doubt,
        example: mayShowExamples(source) ? (row.example ?? undefined) : undefined,
        column: isOpen ? { name, type: type ?? "string", upstreamName: row.key! } : undefined,
      };
    });
  const misfits = rows.flatMap((row) => misfitOf(row, columns, source) ?? []);
  return { keys, misfits, withheldRows: masked.reduce((sum, row) => sum + Number(row.row_count), 0) };
}

function misfitOf(
  row: ExtraKeyRow,
  columns: readonly ColumnDefinition[],
  source: SourceConfig,
): MisfitColumn | undefined {
  const count = (kind: string) => Number(row[kind] ?? 0);
  // A field that is split into several columns: only a column that is not text can have failed to hold it.
  const column = columns.find(({ upstreamName, type }) => upstreamName === row.key && type !== "string");
  if (!column) return undefined;
  const values = count("row_count") - count("nulls");
  const fitting = hasConfiguredColumns(source)
    ? FITTING_KINDS[column.type].reduce((sum, kind) => sum + count(kind), 0)
    : 0;
  if (values <= fitting) return undefined;
  return {
    key: row.key!,
    column: column.name,
    type: column.type,
    rows: values - fitting,
    firstDate: row.first_date!,
    lastDate: row.last_date!,
    example: mayShowExamples(source) ? (row.example ?? undefined) : undefined,
  };
}

/** The kinds of values, as the query counts them, that a column of each type holds. */
const FITTING_KINDS: Readonly<Record<ColumnType, readonly string[]>> = {
  string: [],
  int32: ["integers"],
  int64: ["integers"],
  double: ["decimals"],
  boolean: ["booleans"],
  timestamp_millis: ["timestamps", "dates", "integers"],
  timestamp_micros: ["timestamps", "dates", "integers"],
  date: ["dates", "timestamps"],
};

/** Whether the columns come from the source's configuration and not from its format. */
export function hasConfiguredColumns({ format }: Pick<SourceConfig, "format">): boolean {
  const { optionsSchema } = formatNamed(format);
  return optionsSchema instanceof z.ZodObject && "columns" in optionsSchema.shape;
}

/** The narrowest type of all values that are not null. */
function guess(row: ExtraKeyRow, { pii }: SourceConfig): { type: ColumnType | undefined; doubt: string | undefined } {
  const count = (kind: string) => Number(row[kind] ?? 0);
  if (pii?.extra === "names" || pii?.extra === "withhold")
    return { type: undefined, doubt: "its values are withheld by the policy for personal data" };
  const values = count("row_count") - count("nulls");
  if (values === 0) return { type: undefined, doubt: "all its values are null" };
  const all = (kind: string) => count(kind) === values;
  if (all("nested")) return { type: "string", doubt: "its values are nested: the column would hold them as JSON text" };
  if (all("booleans")) return { type: "boolean", doubt: undefined };
  if (all("integers")) return { type: "int64", doubt: undefined };
  if (all("decimals")) return { type: "double", doubt: undefined };
  if (all("timestamps")) return { type: "timestamp_millis", doubt: undefined };
  if (all("dates")) return { type: "date", doubt: undefined };
  const kinds = ["booleans", "integers", "timestamps", "dates", "nested"].filter((kind) => count(kind) > 0);
  const parts = kinds.map((kind) => `${count(kind)} ${kind === "nested" ? "nested values" : kind}`);
  return { type: "string", doubt: parts.length > 0 ? `of its ${values} values ${parts.join(", ")}` : undefined };
}
