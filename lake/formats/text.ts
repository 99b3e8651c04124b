/**
 * Any other text: whole lines, or lines split by a regular expression of the source's configuration, whose named groups are
 * the columns. A second pattern recognises the lines that belong to the record before.
 *
 * The lines come from strangers, so the pattern is matched by RE2's algorithm, in time linear in the line: one line can make a
 * backtracking engine hang. For that reason RE2 has no back references and no look-around.
 *
 * @see https://github.com/google/re2/wiki/Syntax
 */
import { RE2JS } from "re2js";
import { z } from "zod";
import { lineFramer } from "../rows/line-framer.ts";
import { lineScanner } from "../rows/line-scanner.ts";
import type { RowBlock } from "../rows/row-block.ts";
import type { LineOutcome, LineReader } from "../rows/scanner.ts";
import type { ColumnDefinition } from "../rows/schema.ts";
import { isBinary } from "./binary-kind.ts";
import { ContinuedLinesFramer, ContinuedLinesScanner } from "./continued-lines.ts";
import { checkTime, configuredColumns, EventTime, eventTimeOptions } from "./event-time.ts";
import type { FormatOptions, LogFormat } from "./format.ts";

/** The columns of a source without any: the line. */
const wholeLine: readonly ColumnDefinition[] = [{ name: "message", type: "string", upstreamName: "line" }];

export const textOptions = z
  .strictObject({
    /** RE2 syntax. It must match the whole line. Without one, the line is the column `message`. */
    pattern: z.string().refine(isPattern, "a regular expression of RE2: no back references, no look-around").optional(),
    /** The columns of the table; `upstreamName` is the group they come from. Other named groups go to `_extra`. */
    columns: configuredColumns.optional(),
    /** RE2 syntax. A line that begins so, as with `\s`, belongs to the record before. */
    continuation: z.string().refine(isPattern, "a regular expression of RE2").optional(),
    ...eventTimeOptions,
  })
  .superRefine(({ pattern, columns }, context) => {
    const groups = pattern !== undefined && isPattern(pattern) ? Object.keys(groupsOf(RE2JS.compile(pattern))) : [];
    if ((pattern === undefined) !== (columns === undefined))
      context.addIssue({
        code: "custom",
        path: ["columns"],
        input: columns,
        message: "columns exactly when there is a pattern",
      });
    for (const [i, { upstreamName }] of (columns ?? []).entries())
      if (pattern !== undefined && !groups.includes(upstreamName))
        context.addIssue({
          code: "custom",
          path: ["columns", i, "upstreamName"],
          input: upstreamName,
          message: `a named group of the pattern: ${groups.join(", ")}`,
        });
  })
  .superRefine(checkTime);

type TextOptions = z.output<typeof textOptions>;

function isPattern(pattern: string): boolean {
  try {
    RE2JS.compile(pattern);
    return true;
  } catch {
    return false;
  }
}

/** Number of each named group. */
function groupsOf(pattern: RE2JS): Readonly<Record<string, number>> {
  return pattern.namedGroups();
}

function read(options: FormatOptions | undefined): TextOptions {
  return options === undefined ? {} : textOptions.parse(options);
}

export const text: LogFormat = {
  name: "text",
  title: "lines of text",
  optionsSchema: textOptions,
  // Every text is lines of text, so it claims none.
  claims: () => false,
  accepts: (head) => !isBinary(head),
  columns: (options) => read(options).columns ?? wholeLine,
  openScanner(options) {
    const { continuation, ...others } = read(options);
    const reader = new TextReader(others);
    return continuation === undefined
      ? lineScanner(reader)
      : new ContinuedLinesScanner(reader, RE2JS.compile(continuation));
  },
  openFramer(options) {
    const { continuation } = read(options);
    return continuation === undefined ? lineFramer() : new ContinuedLinesFramer(RE2JS.compile(continuation));
  },
};

class TextReader implements LineReader {
  readonly #pattern: RE2JS | undefined;
  /** Group number and column, or name when there is no column. */
  readonly #groups: readonly { group: number; column: number; name: string }[];
  readonly #time: EventTime;

  constructor(options: TextOptions) {
    const columns = options.columns ?? wholeLine;
    this.#time = new EventTime(columns, options);
    this.#pattern = options.pattern === undefined ? undefined : RE2JS.compile(options.pattern);
    this.#groups = Object.entries(this.#pattern ? groupsOf(this.#pattern) : {}).flatMap(([name, group]) => {
      const targets = [...columns.keys()].filter((index) => columns[index]!.upstreamName === name);
      return (targets.length > 0 ? targets : [-1]).map((column) => ({ group, column, name }));
    });
  }

  readLine(block: RowBlock, start: number, end: number): LineOutcome {
    if (this.#pattern) {
      // Positions are bytes, whether or not they are UTF-8.
      const matcher = this.#pattern.matcher(block.bytes.subarray(start, end));
      if (!matcher.matches()) return "NO_MATCH";
      block.startRow();
      for (const { group, column, name } of this.#groups) {
        const from = matcher.start(group);
        if (from < 0) continue;
        const to = matcher.end(group);
        // As in every access log, a dash stands for null.
        if (to - from === 1 && block.bytes[start + from] === 0x2d) continue;
        if (column >= 0) block.setField(column, start + from, start + to);
        else block.extra.add(name, start + from, start + to);
      }
    } else {
      block.startRow();
      block.setField(0, start, end);
    }
    return this.#time.setDay(block) ? "row" : "INVALID_DATE";
  }
}
