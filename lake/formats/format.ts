/**
 * What a log format is to the lake. Adding one is one file in this folder that exports a `LogFormat`, its place in
 * `index.ts`, its name below, and its fixtures; `docs/sources.md` walks through it.
 *
 * How to write one:
 *
 * 1. **Columns.** List them in the order of the table, with the documentation's names and the lake's types
 *    (`../rows/schema.ts`). The index of a column in this list is how the scanner names it.
 * 2. **Claim.** `claims(head)` looks at the first bytes of the unpacked text and never at the object's name. Claim only
 *    what no other format could be; `index.ts` asks the formats in order and the first claim wins.
 * 3. **Scanner.** It turns bytes into *entries*: rows, comments and rejected text. It never makes a string of a field; it
 *    says where the field lies. Most formats have one record a line: implement `LineReader` and wrap it,
 *
 *    ```ts
 *    openScanner: () => lineScanner(new MyReader()),
 *
 *    class MyReader implements LineReader {
 *      readLine(block: RowBlock, start: number, end: number): LineOutcome {
 *        if (block.bytes[start] === HASH) return "comment";
 *        block.startRow();                               // every column null
 *        block.setField(2, from, to);                    // column 2 is the text bytes[from, to)
 *        block.setText(3, decodedBytes);                 // text that does not stand in the input
 *        block.extra.add("new-field", from, to);         // whatever no column takes: kept in `_extra`
 *        if (!block.setDay(from)) return "INVALID_DATE"; // the partition: YYYY-MM-DD at this position
 *        return "row";
 *      }
 *    }
 *    ```
 *
 *    A blank line never reaches the reader: it is a comment. A format whose records span lines or share one implements
 *    `LogScanner` itself (`../rows/scanner.ts`) and a `Framer` that knows where its text may be cut.
 * 4. **Nulls.** A field that the format writes as "nothing" (`-`, JSON null) is simply not set. `""` is a value.
 *    The scanner need not check types: where a typed column cannot hold a text, it becomes null and the text is kept in
 *    `_extra` under the upstream name.
 * 5. **Dates.** A row needs its event's UTC day (`setDay`, `setDayNumber`); without a valid one it is rejected.
 *
 * The rest (dictionaries, types, pages, statistics, partitions) is not a format's concern. Nor is the WASM kernel: a format
 * that is worth a second, faster scanner there has it in a file of its own (`alb-kernel-scanner.ts`), listed in
 * `kernel-scanners.ts`.
 */
import type { z } from "zod";
import type { Framer, LogScanner } from "../rows/scanner.ts";
import type { ColumnDefinition } from "../rows/schema.ts";

/** Every format that can be configured or detected. */
export type FormatName =
  | "cloudfront"
  | "cloudfront-json"
  | "cloudfront-realtime"
  | "alb"
  | "alb-connection"
  | "alb-health-check"
  | "nlb"
  | "elb-classic"
  | "s3-access"
  | "json"
  | "csv"
  | "text";

/** Format settings of a source (a CSV delimiter, a JSON path, a regular expression); each format checks its own. */
export type FormatOptions = Readonly<Record<string, unknown>>;

export interface LogFormat {
  readonly name: FormatName;
  /** For people: "CloudFront standard log". */
  readonly title: string;
  /** @param head - The first bytes of the unpacked text, without a byte order mark; may end anywhere. */
  claims(head: Uint8Array): boolean;
  /**
   * Whether a source that is configured for this format accepts a text that no format claims for certain. For formats whose
   * texts can only be recognised by the source's options; absent where `claims` is enough.
   */
  accepts?(head: Uint8Array, options?: FormatOptions): boolean;
  /**
   * Fields are found by their positions. An object whose first records do not fit these is quarantined instead of rejected record
   * by record.
   */
  readonly positional?: true;
  /**
   * What an object lacks to be read, as a sentence for people. A positional format is only asked about objects whose records do not
   * fit; then undefined means that it is only that.
   *
   * @param head - As for `claims`.
   * @param record - The first record that did not fit, its bytes as characters; empty for other formats.
   */
  lacks?(head: Uint8Array, record: string, options?: FormatOptions): string | undefined;
  /** Checks the options of a source for this format; absent when there are none. */
  readonly optionsSchema?: z.ZodType;
  /** The columns of a table of this format, without the lake's own (`tableColumns` adds those). */
  columns(options?: FormatOptions): readonly ColumnDefinition[];
  /**
   * @param header - The value of `Framer.header` at the cut where the text starts; absent at the object's start.
   */
  openScanner(options?: FormatOptions, header?: string): LogScanner;
  /** `records`: an entry may span lines, or a line hold several. Absent when every line is an entry. */
  readonly entries?: "records";
  /** Absent when records are lines and no header is carried. */
  openFramer?(options?: FormatOptions): Framer;
}
