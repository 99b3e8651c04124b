/** What comes in a source's objects and has no column yet: keys in `_extra`, until they are added to the schema. */
import { z } from "zod";
import { columnName } from "./column-name.ts";
import type { ColumnType } from "./columns/schema.ts";
import type { SourceConfig } from "./config.ts";
import { formatNamed } from "./formats/index.ts";
import { MASK } from "./pii/scrub.ts";
import { sourceColumns } from "./source-format.ts";

/** A row of `queries/extra-keys.sql`: cells as Athena sends them. */
export type ExtraKeyRow = Readonly<Record<string, string | null>>;

export interface DriftingKey {
  /** As it comes: a key of JSON, the header of a field, or `extra_N` for what stands at position N. */
  readonly key: string;
  readonly rows: number;
  readonly firstDate: string;
  readonly lastDate: string;
  /** The narrowest type that all its values have; undefined where they are withheld, or all null. */
  readonly type: ColumnType | undefined;
  /** What is not sure about the type. */
  readonly doubt: string | undefined;
  /** One of its values, cut; undefined where the source has a policy for personal data. */
  readonly example: string | undefined;
  /** The entry of `formatOptions.columns` that gives it a column; undefined where the format's columns are its own. */
  readonly column: { readonly name: string; readonly type: ColumnType; readonly upstreamName: string } | undefined;
}

export interface Drift {
  readonly keys: readonly DriftingKey[];
  /** Rows with fields of which the policy for personal data withholds even the names. */
  readonly withheldRows: number;
}

/** Whether values of the source may be shown to whoever asks. */
export function mayShowExamples({ pii }: Pick<SourceConfig, "pii">): boolean {
  return pii === undefined;
}

/**
 * The keys that no column takes, as the configuration is now: those that were given one are in `_extra` of older rows still,
 * and so are texts that a typed column could not hold.
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
  return { keys, withheldRows: masked.reduce((sum, row) => sum + Number(row.row_count), 0) };
}

/** Whether the source's configuration says what columns there are, and not its format. */
export function hasConfiguredColumns({ format }: Pick<SourceConfig, "format">): boolean {
  const { optionsSchema } = formatNamed(format);
  return optionsSchema instanceof z.ZodObject && "columns" in optionsSchema.shape;
}

/** The narrowest type that all values have which are not null. */
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
