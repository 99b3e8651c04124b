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
 * 3. **Scanner.** It turns bytes into *entries*: rows, comments and rejected pieces of text. It never makes a string of
 *    a field; it says where the field lies. Most formats have one record a line: implement `LineReader` and wrap it,
 *
 *    ```ts
 *    openScanner: () => lineScanner(new MyReader()),
 *
 *    class MyReader implements LineReader {
 *      readLine(batch: RowBatch, start: number, end: number): LineOutcome {
 *        if (batch.bytes[start] === HASH) return "comment";
 *        batch.startRow();                               // every column null
 *        batch.setField(2, from, to);                    // column 2 is the text bytes[from, to)
 *        batch.setText(3, decodedBytes);                 // text that does not stand in the input
 *        batch.extra.add("new-field", from, to);         // whatever no column takes: kept in `_extra`
 *        if (!batch.setDay(from)) return "INVALID_DATE"; // the partition: YYYY-MM-DD at this position
 *        return "row";
 *      }
 *    }
 *    ```
 *
 *    A blank line never reaches the reader: it is a comment. A format whose records span lines or share one implements
 *    `LogScanner` itself (see there) and a `Framer` that knows where its text may be cut.
 * 4. **Nulls.** A field that the format writes as "nothing" (`-`, JSON null) is simply not set. `""` is a value.
 *    Text that a typed column cannot hold is not the scanner's business: it becomes null and the text is kept in
 *    `_extra` under the upstream name.
 * 5. **Dates.** A row needs its event's UTC day (`setDay`, `setDayNumber`); without a valid one it is rejected.
 *
 * The rest (dictionaries, types, pages, statistics, partitions, the WASM kernel) is not a format's concern.
 */
import type { z } from "zod";
import type { Kernel } from "../kernel/kernel.ts";
import type { RowBatch } from "../rows/row-block.ts";
import type { ColumnDefinition } from "../rows/schema.ts";

/** Every format that can be configured or detected. A name is listed once its file exists in this folder. */
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

/** Why a piece of text became no row. These codes are stored with the rejected text and shown to people. */
export type RejectReason =
  /** The line needs a header to be read, and none came before it. */
  | "MISSING_HEADER"
  /** Too few fields to be a record of this format, even a cut one. */
  | "TOO_FEW_FIELDS"
  /** No event date, or none that is in the calendar. */
  | "INVALID_DATE"
  /** A date, but no time of day beside it. */
  | "INVALID_TIME"
  /** A quote is opened and never closed. */
  | "UNTERMINATED_QUOTE"
  /** Not the JSON grammar. */
  | "INVALID_JSON"
  /** JSON, but not an object, so it has no columns. */
  | "NOT_AN_OBJECT"
  /** No event time and nothing else that was asked for, but an array of objects within: those may be the records. */
  | "ENVELOPE"
  /** Bytes that are no UTF-8, where the format's standard demands it. */
  | "INVALID_UTF8"
  /** The configured pattern does not match. */
  | "NO_MATCH"
  /** A record of some other format between those of this one. */
  | "OTHER_FORMAT"
  /** Longer than the limit for one entry. */
  | "LINE_TOO_LONG"
  /** The archive breaks off within it. */
  | "TRUNCATED";

/** Format settings of a source (a CSV delimiter, a JSON path, a regular expression); each format checks its own. */
export type FormatOptions = Readonly<Record<string, unknown>>;

export interface LogFormat {
  readonly name: FormatName;
  /** For people: "CloudFront standard log". */
  readonly title: string;
  /** @param head - The first bytes of the unpacked text, without a byte order mark; may end anywhere. */
  claims(head: Uint8Array): boolean;
  /**
   * Whether a source that is configured for this format takes a text that no format claims surely: for formats whose
   * texts are told by the source's options. Absent where `claims` knows.
   */
  accepts?(head: Uint8Array, options?: FormatOptions): boolean;
  /** What a source may say about the format; absent when there is nothing to say. */
  readonly optionsSchema?: z.ZodType;
  /** The columns of a table of this format, without the lake's own (`tableColumns` adds those). */
  columns(options?: FormatOptions): readonly ColumnDefinition[];
  /**
   * @param header - What `Framer.header` said where the text was cut, when it does not start at the object's start.
   */
  openScanner(options?: FormatOptions, header?: string): LogScanner;
  /**
   * Opens a scanner that leaves the ordinary entries to the WASM kernel. It must take every text as `openScanner`'s does;
   * absent where there is none.
   *
   * @param isWanted - Whether the table has the column with this index; the others need not be set.
   */
  openKernelScanner?(
    kernel: Kernel,
    options: FormatOptions | undefined,
    header: string | undefined,
    isWanted: (column: number) => boolean,
  ): LogScanner;
  /** `records`: an entry may span lines, or a line hold several. Absent when every line is an entry. */
  readonly entries?: "records";
  /** Absent when records are lines and no header is carried. */
  openFramer?(options?: FormatOptions): Framer;
}

/**
 * Reads the text of one object, or of a part of it cut by the format's framer, in order.
 *
 * An *entry* is a row, a comment or a rejection. Every entry ends up in exactly one of the three counts; for formats
 * with a record a line, entries are the physical lines.
 */
export interface LogScanner {
  /**
   * Adds the whole entries in `batch.bytes[start, end)` to the batch and keeps `batch.line` up to date.
   *
   * Whether an entry is too long must not depend on how the text comes: look at no more of one than `batch.maxEntryBytes`
   * and a byte. One that is longer is rejected as `LINE_TOO_LONG` by the scanner, which may as well leave it: then who
   * scans rejects its first line, and goes on behind that.
   *
   * @param isLast - No text follows: an unfinished entry is an entry (or a rejection).
   * @returns Where the first entry begins that was not taken: either it is unfinished, or `batch.isFull`.
   */
  scan(batch: RowBatch, start: number, end: number, isLast: boolean): number;
}

/** What became of a line. */
export type LineOutcome = "row" | "comment" | RejectReason;

/** The part of a scanner that is special to a format with one record a line; `lineScanner` makes a scanner of it. */
export interface LineReader {
  /**
   * Reads the line `batch.bytes[start, end)`, which is not empty and comes without its line end (`\n` or `\r\n`).
   * The 32 bytes before `start` and after `end` may be read, whatever they hold.
   */
  readLine(batch: RowBatch, start: number, end: number): LineOutcome;
}

/**
 * Follows the text of one object to know where it may be cut into chunks, without reading its records.
 */
export interface Framer {
  /**
   * Takes the next bytes of the object.
   *
   * @param isLast - No text follows.
   * @returns The last place in `bytes` where the text may be cut: an offset after the end of a record, up to and
   *   including `bytes.length`. 0 when there is none.
   */
  follow(bytes: Uint8Array, isLast: boolean): number;
  /** Line feeds before the cut that `follow` returned last; told by framers that look for all of them anyway. */
  readonly lineFeeds?: number;
  /** What a scanner must know to start at the last cut `follow` returned, if anything. */
  readonly header: string | undefined;
}
