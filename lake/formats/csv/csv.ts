/**
 * Delimited text with a header: RFC 4180, and what people send in practice. Records may have different numbers of fields, line
 * ends may be mixed, blanks may be around quotes. The delimiter is detected (`csv-delimiter.ts`). A quote in the middle of a
 * field is an ordinary character.
 *
 * The first line is the header, unless it has no name of a configured column and looks like data: its first field is a
 * time, or all of its fields are numbers or times (one is enough where columns are configured). Without a header the
 * fields are the configured columns, in their order.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
import { latin1 } from "../ascii.ts";
import { isBinary } from "../binary-kind.ts";
import type { LogFormat } from "../format.ts";
import { prologueAt } from "./csv-delimiter.ts";
import { CsvFields } from "./csv-fields.ts";
import { CsvFramer } from "./csv-framer.ts";
import { csvOptions, readOptions } from "./csv-options.ts";
import { missingNames } from "./csv-preamble.ts";
import { CsvScanner } from "./csv-scanner.ts";

export const csv: LogFormat = {
  name: "csv",
  title: "delimited text",
  entries: "records",
  optionsSchema: csvOptions,
  claims: isRegular,
  // A header alone, or one column, could be any text, but not JSON or markup.
  accepts: (head) => !isBinary(head) && !/^\s*[[{<]/.test(latin1(head, 0, head.length)),
  columns: (options) => readOptions(options).columns,
  lacks: (head, _record, options) => missingNames(head, readOptions(options)),
  openScanner: (options, header) => new CsvScanner(readOptions(options), header),
  openFramer: (options) => new CsvFramer(readOptions(options)),
};

/** The first lines have the same number of fields, at least two, by one delimiter. */
function isRegular(head: Uint8Array): boolean {
  const fields = new CsvFields();
  const { at: start, delimiter = "," } = prologueAt(head, 0, head.length, true, { names: [] });
  const counts: number[] = [];
  let at = start;
  while (at < head.length && counts.length < 3) {
    const next = fields.split(head, at, head.length, delimiter.charCodeAt(0), false);
    if (next < 0) break;
    if (!fields.isBlank) counts.push(fields.count);
    at = next;
  }
  // A text of two lines may lack its last line end.
  if (counts.length === 1 && fields.split(head, at, head.length, delimiter.charCodeAt(0), true) >= 0)
    counts.push(fields.count);
  const [first = 0] = counts;
  return counts.length >= 2 && first >= 2 && counts.every((count) => count === first);
}
