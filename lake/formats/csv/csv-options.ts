import { z } from "zod";
import { checkTime, checkUpstreamNames, configuredColumns, eventTimeOptions } from "../event-time.ts";
import type { FormatOptions } from "../format.ts";
import { DELIMITERS } from "./csv-delimiter.ts";

/** The options of a source of delimited text. */
export const csvOptions = z
  .strictObject({
    /** The columns of the table, by header. Other headers go to `_extra`. */
    columns: configuredColumns.default([]),
    ...eventTimeOptions,
    /** Detected when absent. */
    delimiter: z.enum(DELIMITERS).optional(),
    /** The names of the fields, for objects that do not begin with them. */
    header: z.array(z.string()).optional(),
  })
  .superRefine(checkUpstreamNames)
  .superRefine(checkTime);

export type CsvOptions = z.output<typeof csvOptions>;

/** The options of a source, checked and filled in. */
export function readOptions(options: FormatOptions | undefined): CsvOptions {
  return csvOptions.parse(options ?? {});
}
