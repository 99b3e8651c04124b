/** What a scanner says of a text, by itself: no columns are written. */
import type { ColumnEngine } from "../../../lake/columns/column-engine.ts";
import type { FormatOptions, LogFormat } from "../../../lake/formats/format.ts";
import { openScanner, type ScannerOpener } from "../../../lake/formats/kernel-scanners.ts";
import { FIELD_STRIDE } from "../../../lake/rows/block-layout.ts";
import { RowBlock } from "../../../lake/rows/row-block.ts";
import { passLong } from "../../fuzz/cases/scan-case.ts";

interface ScannedText {
  /** Of each row: its line, its day, the texts of its fields and `_extra` last. */
  readonly rows: readonly (readonly (string | number | null)[])[];
  readonly rejections: readonly { reason: string; line: number; start: number; text: string }[];
  readonly comments: number;
  /** The line after the text, and where the scanner stopped. */
  readonly line: number;
  readonly end: number;
}

/** What a window may hold behind its text from before: the most misleading there is. */
const STALE = Buffer.from('","id":1,"at":"2026-01-17T10:00:00Z"}}]}\n{"id":99}\n'.repeat(4));

/** Scanners of one format in one engine, whose memory is used for text after text as the lake's parser does. */
export class TextScanner {
  readonly #engine: ColumnEngine;
  readonly #block: RowBlock;
  readonly #columnCount: number;
  readonly #format: LogFormat;
  readonly #options: FormatOptions | undefined;
  readonly #openScanner: ScannerOpener;

  constructor(
    openEngine: (fieldColumns: number) => ColumnEngine,
    format: LogFormat,
    options?: FormatOptions,
    maxEntryBytes = 100_000,
    open: ScannerOpener = openScanner,
  ) {
    this.#openScanner = open;
    this.#format = format;
    this.#options = options;
    this.#columnCount = format.columns(options).length;
    this.#engine = openEngine(this.#columnCount + 1);
    this.#block = new RowBlock(this.#engine.memory, this.#columnCount, maxEntryBytes);
  }

  /** @param cuts - Places, in order, up to which the text is scanned before more of it is there. */
  scan(text: Uint8Array, cuts: readonly number[] = []): ScannedText {
    const { memory } = this.#engine;
    if (memory.windowByteLength < text.length + STALE.length) {
      memory.growWindow(2 * (text.length + STALE.length));
      this.#block.clear();
    }
    const { windowStart } = memory;
    memory.bytes.set(text, windowStart);
    memory.bytes.set(STALE, windowStart + text.length);
    memory.bytes[windowStart + text.length] = 0x0a;
    const scanner = this.#openScanner(this.#format, this.#engine.kernel, {
      options: this.#options,
      header: undefined,
      isWanted: () => true,
    });
    const block = this.#block;
    block.clear();
    block.line = 1;
    const rows: (string | number | null)[][] = [];
    const rejections: ScannedText["rejections"][number][] = [];
    let comments = 0;
    let at = 0;
    const ends = [...cuts.filter((cut) => cut < text.length), text.length, text.length];
    ends.forEach((end, i) => {
      const isLast = i === ends.length - 1;
      for (;;) {
        const before = at;
        at = scanner.scan(block, windowStart + before, windowStart + Math.max(before, end), isLast) - windowStart;
        for (let row = 0; row < block.rowCount; row++) rows.push(this.#rowOf(row));
        for (const { reason, start, end: rejectedEnd, line } of block.rejections)
          rejections.push({
            reason,
            line,
            start: start - windowStart,
            text: Buffer.from(block.bytes.subarray(start, rejectedEnd)).toString("latin1"),
          });
        comments += block.commentCount;
        block.clear();
        if (at !== before) continue;
        // As `parsePieces` does where an entry has no end within its limit.
        if (end - at <= block.maxEntryBytes) break;
        rejections.push({ reason: "LINE_TOO_LONG", line: block.line, start: at, text: "" });
        at = passLong(scanner, block, windowStart + at, windowStart + text.length) - windowStart;
      }
    });
    return { rows, rejections, comments, line: block.line, end: at };
  }

  #rowOf(row: number): (string | number | null)[] {
    const { bytes, fields, lines, days } = this.#block;
    const values: (string | number | null)[] = [lines[row]!, days[row]!];
    for (let column = 0; column <= this.#columnCount; column++) {
      const at = 2 * (column * FIELD_STRIDE + row);
      const start = fields[at]!;
      const length = fields[at + 1]!;
      values.push(length < 0 ? null : Buffer.from(bytes.subarray(start, start + length)).toString("latin1"));
    }
    return values;
  }
}
