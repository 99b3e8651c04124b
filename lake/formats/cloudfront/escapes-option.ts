/** The option of CloudFront's formats that keeps texts as the log has them. */
import { z } from "zod";
import type { ColumnDefinition } from "../../rows/schema.ts";
import type { FormatOptions } from "../format.ts";

/**
 * CloudFront writes some characters as `%HH` and leaves a percent sign that the viewer sent as it is, so an undone escape may be the
 * viewer's own. `kept` stores the log's text, from which either can be told; `undone`, the default, undoes each escape once.
 */
export const escapesOption = { escapes: z.enum(["undone", "kept"]).optional() };

export const cloudFrontOptions = z.strictObject(escapesOption);

/** The columns with their escapes undone, or as they stand in the log. */
export function withEscapes(
  columns: readonly ColumnDefinition[],
  options: FormatOptions | undefined,
): readonly ColumnDefinition[] {
  if (options?.escapes !== "kept") return columns;
  return columns.map(({ decoding: _, ...column }) => column);
}
