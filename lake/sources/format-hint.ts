import type { FormatName } from "../formats/format.ts";
import { formatNamed } from "../formats/index.ts";

/**
 * The warning for an object that is read in another format than its source is configured for: the configuration is a hint,
 * and the bytes decide.
 *
 * @returns An empty list where they agree.
 */
export function hintWarnings(configured: FormatName, format: FormatName): string[] {
  if (format === configured) return [];
  const nameOf = (name: FormatName) => `${formatNamed(name).title} (${name})`;
  return [`its source is configured for ${nameOf(configured)}, its bytes are ${nameOf(format)} and were read as such`];
}
