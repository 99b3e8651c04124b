/** A scanner that is watched: what must hold of every call whatever the text is, without knowing the right answer. */

import type { LogFormat } from "../../../lake/formats/format.ts";
import { openScanner, type ScannerOpener } from "../../../lake/formats/kernel-scanners.ts";
import { FIELD_STRIDE } from "../../../lake/rows/block-layout.ts";
import type { RowBlock } from "../../../lake/rows/row-block.ts";
import type { LogScanner } from "../../../lake/rows/scanner.ts";

const LINE_FEED = 0x0a;

/** What a scanner did that no scanner may do. */
export class InvariantBroken extends Error {
  override readonly name = "InvariantBroken";
}

export interface Observer {
  /** Sees each stretch of entries right after it was scanned; rows and rejections before these numbers were seen. */
  onScan?(block: RowBlock, firstRow: number, firstRejection: number): void;
  /** Whether the table has all columns, so that the scanner has to set all fields, each within its line. */
  readonly hasAllColumns: boolean;
  /** Columns of the block, before `_extra`, that no scanner knows. */
  readonly derivedColumns?: number;
  /** Sees line and day of each row before the days are made few. */
  onDay?(line: number, day: number): void;
}

/** Mutations make any day of any year, and each would cost a partition: rows are sent to so few of them. */
const PARTITIONS = 4;
const FIRST_DAY = 20_000;

/** Opens scanners as the lake does, each with an observer. */
export function watchedScanners(observer: Observer): ScannerOpener {
  return (format, kernel, request) => new WatchedScanner(openScanner(format, kernel, request), format, observer);
}

class WatchedScanner implements LogScanner {
  readonly #scanner: LogScanner;
  readonly #isLines: boolean;
  readonly #observer: Observer;
  readonly breakOff?: () => void;
  readonly endOfLong?: Required<LogScanner>["endOfLong"];

  constructor(scanner: LogScanner, format: LogFormat, observer: Observer) {
    this.#scanner = scanner;
    this.#isLines = format.entries !== "records";
    this.#observer = observer;
    if (scanner.breakOff) this.breakOff = () => scanner.breakOff!();
    if (scanner.endOfLong) this.endOfLong = (...of) => scanner.endOfLong!(...of);
  }

  scan(block: RowBlock, start: number, end: number, isLast: boolean): number {
    const { rowCount, commentCount, line } = block;
    const rejectionCount = block.rejections.length;
    const next = this.#scanner.scan(block, start, end, isLast);
    check(next >= start && next <= end, `scan(${start}, ${end}) returned ${next}`);
    // An entry that is too long is left to whoever shows the text.
    const mayStop = !isLast || next === end || block.isFull || end - next > block.maxEntryBytes;
    check(mayStop, `left ${end - next} bytes at the end of the text`);
    check(block.line >= line, `the line went back from ${line} to ${block.line}`);
    this.#checkLinesOfEntries(block, rowCount, rejectionCount, line);
    this.#checkRejections(block, rejectionCount, start, next);
    if (this.#isLines) {
      const ends = lineEnds(block.bytes, start, next);
      const rows = block.rowCount - rowCount;
      const comments = block.commentCount - commentCount;
      const rejected = block.rejections.length - rejectionCount;
      check(
        rows + comments + rejected === ends.length,
        `${ends.length} lines gave ${rows} rows, ${comments} comments, ${rejected} rejections`,
      );
      check(block.line === line + ends.length, `line ${block.line} after ${ends.length} lines from ${line}`);
      if (this.#observer.hasAllColumns) this.#checkFields(block, rowCount, line, start, next, ends);
    }
    this.#observer.onScan?.(block, rowCount, rejectionCount);
    for (let row = rowCount; row < block.rowCount; row++) {
      const day = block.days[row]!;
      this.#observer.onDay?.(block.lines[row]!, day);
      block.days[row] = FIRST_DAY + (day % PARTITIONS);
    }
    return next;
  }

  /** Rows and rejections are in order, and of lines that were scanned; a line is one of both where lines are entries. */
  #checkLinesOfEntries(block: RowBlock, firstRow: number, firstRejection: number, firstLine: number): void {
    const step = this.#isLines ? 1 : 0;
    const { lines, rejections } = block;
    let last = firstLine - step;
    for (let row = firstRow; row < block.rowCount; row++) {
      check(lines[row]! >= last + step, `row ${row} is of line ${lines[row]} after one of ${last}`);
      last = lines[row]!;
    }
    check(last <= block.line - step, `a row of line ${last} before line ${block.line}`);
    let row = firstRow;
    last = firstLine - step;
    for (let i = firstRejection; i < rejections.length; i++) {
      const { line } = rejections[i]!;
      check(line >= last + step && line <= block.line - step, `a rejection of line ${line} after one of ${last}`);
      last = line;
      if (!this.#isLines) continue;
      while (row < block.rowCount && lines[row]! < line) row++;
      check(row === block.rowCount || lines[row] !== line, `line ${line} is a row and a rejection`);
    }
  }

  #checkRejections({ rejections }: RowBlock, first: number, start: number, next: number): void {
    let last = start;
    for (let i = first; i < rejections.length; i++) {
      const rejection = rejections[i]!;
      const isInside = rejection.start >= last && rejection.end >= rejection.start && rejection.end <= next;
      check(isInside, `rejected [${rejection.start}, ${rejection.end}) within [${last}, ${next})`);
      last = rejection.end;
    }
  }

  /** Every field lies in its own line, or was made beside the input. */
  #checkFields(
    block: RowBlock,
    firstRow: number,
    firstLine: number,
    start: number,
    next: number,
    ends: number[],
  ): void {
    const { fields, lines, bytes } = block;
    const derivedFrom = block.columnCount - (this.#observer.derivedColumns ?? 0);
    for (let row = firstRow; row < block.rowCount; row++) {
      const index = lines[row]! - firstLine;
      const lineStart = index === 0 ? start : ends[index - 1]!;
      const lineEnd = ends[index]!;
      for (let column = 0, at = 2 * row; column <= block.columnCount; column++, at += 2 * FIELD_STRIDE) {
        const length = fields[at + 1]!;
        if (length === -1 || (column >= derivedFrom && column < block.columnCount)) continue;
        const from = fields[at]!;
        const to = from + length;
        const isBeside = (from >= next || to <= start) && from > 0 && to <= bytes.length;
        const isInside = length >= 0 && from >= lineStart && to <= lineEnd;
        if (!isInside && !isBeside)
          check(false, `line ${lines[row]} [${lineStart}, ${lineEnd}): column ${column} is [${from}, ${to})`);
      }
    }
  }
}

/** Where each line ends, its line feed included; the last one may lack it. */
function lineEnds(bytes: Uint8Array, start: number, end: number): number[] {
  const ends: number[] = [];
  for (let at = start; at < end; ) {
    const lineFeed = bytes.indexOf(LINE_FEED, at);
    at = lineFeed < 0 || lineFeed >= end ? end : lineFeed + 1;
    ends.push(at);
  }
  return ends;
}

function check(holds: boolean, message: string): void {
  if (!holds) throw new InvariantBroken(message);
}
