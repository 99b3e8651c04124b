/** Finds a header that is not the first line: reports begin with a title and remarks. */
import { endOfLine } from "./csv-delimiter.ts";
import { CsvFields } from "./csv-fields.ts";
import type { ConfiguredNames } from "./csv-names.ts";

/** Lines that are looked at. */
const MOST_LINES = 64;

interface LateHeader {
  readonly delimiter: string;
  readonly texts: readonly string[];
  /** Lines before it. */
  readonly lines: number;
  /** Where the record after it starts. */
  readonly recordsAt: number;
}

/**
 * The line that has most of the configured names: all of them, or at least two and more than half, and more than the first line
 * has. Of several such lines it is the first. Data hardly ever has so many.
 *
 * @param fewest - The names that the first line has.
 * @returns Undefined when there is no such line.
 */
export function lateHeader(
  bytes: Uint8Array,
  start: number,
  end: number,
  names: ConfiguredNames,
  fewest: number,
  delimiters: readonly string[],
): LateHeader | undefined {
  const fields = new CsvFields();
  const count = names.all.length;
  let most = Math.max(fewest, count === 1 ? 0 : 1, Math.floor(count / 2));
  let found: LateHeader | undefined;
  for (let at = start, lines = 0; at < end && lines < MOST_LINES && most < count; lines++) {
    const lineEnd = endOfLine(bytes, at, end);
    // A line that may go on says nothing yet.
    if (lineEnd === end) break;
    if (lines > 0)
      for (const delimiter of delimiters) {
        const after = fields.split(bytes, at, end, delimiter.charCodeAt(0), false);
        if (after < 0) continue;
        const texts = Array.from({ length: fields.keptCount }, (_, field) => fields.textOf(bytes, field));
        const matched = names.countIn(texts);
        if (matched <= most) continue;
        most = matched;
        found = { delimiter, texts, lines, recordsAt: after };
      }
    at = lineEnd + (bytes[lineEnd] === 0x0d && bytes[lineEnd + 1] === 0x0a ? 2 : 1);
  }
  return found;
}
