/** The format options and the columns of a source. */
import { z } from "zod";
import { derivedColumns } from "../derive/derived-columns.ts";
import type { DeriveConfig } from "../derive/rule.ts";
import type { FormatName, FormatOptions } from "../formats/format.ts";
import { formatNamed } from "../formats/index.ts";
import { type ColumnDefinition, tableColumns } from "../rows/schema.ts";

/** The part of a source's configuration that says how its objects are read. */
interface SourceFormat {
  readonly format: FormatName;
  readonly formatOptions?: FormatOptions | undefined;
  readonly derive?: DeriveConfig | undefined;
}

/**
 * The options to read one batch of a source in a format.
 *
 * @param format - The source's format, or one that shares its table.
 * @param deliveryDate - `YYYY-MM-DD`: the partition of rows without an event time of their own. It is the day of the batch's
 *   first claim, so a batch that is run again next day gives the same files.
 */
export function batchOptions(
  source: SourceFormat,
  format: FormatName,
  deliveryDate: string,
): FormatOptions | undefined {
  const schema = formatNamed(format).optionsSchema;
  // A format that shares the table may share options as well.
  if (format !== source.format)
    return schema?.safeParse(source.formatOptions).success ? source.formatOptions : undefined;
  if (!(schema instanceof z.ZodObject) || !("deliveryDate" in schema.shape)) return source.formatOptions;
  return { deliveryDate, ...source.formatOptions };
}

/** The columns of a source's table, in file order. */
export function sourceColumns({ format, formatOptions, derive }: SourceFormat): readonly ColumnDefinition[] {
  return tableColumns(formatNamed(format).columns(formatOptions), derivedColumns(derive));
}
