/** A scanner that is watched: what must hold of every call whatever the text is, without knowing the right answer. */

import type { LogFormat } from "../../../lake/formats/format.ts";
import { openScanner, type ScannerOpener } from "../../../lake/formats/kernel-scanners.ts";
import { FIELD_STRIDE } from "../../../lake/rows/block-layout.ts";
import type { RowBatch } from "../../../lake/rows/row-block.ts";
import type { LogScanner } from "../../../lake/rows/scanner.ts";

const LINE_FEED = 0x0a;

/** What a scanner did that no scanner may do. */
export class InvariantBroken extends Error {
  override readonly name = "InvariantBroken";
}

export interface Observer {
  /** Sees each stretch of entries right after it was scanned; rows and rejections before these numbers were seen. */
  onScan?(batch: RowBatch, firstRow: number, firstRejection: number): void;
  /** Whether the table has all columns, so that the scanner has to set all fields, each within its line. */
  readonly hasAllColumns: boolean;
  /** Columns of the batch, before `_extra`, that no scanner knows. */
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

  constructor(scanner: LogScanner, format: LogFormat, observer: Observer) {
    this.#scanner = scanner;
    this.#isLines = format.entries !== "records";
    this.#observer = observer;
  }

  scan(batch: RowBatch, start: number, end: number, isLast: boolean): number {
    const { rowCount, commentCount, line } = batch;
    const rejectionCount = batch.rejections.length;
    const next = this.#scanner.scan(batch, start, end, isLast);
    check(next >= start && next <= end, `scan(${start}, ${end}) returned ${next}`);
    // An entry that is too long is left to whoever shows the text.
    const mayStop = !isLast || next === end || batch.isFull || end - next > batch.maxEntryBytes;
    check(mayStop, `left ${end - next} bytes at the end of the text`);
    check(batch.line >= line, `the line went back from ${line} to ${batch.line}`);
    this.#checkLinesOfEntries(batch, rowCount, rejectionCount, line);
    this.#checkRejections(batch, rejectionCount, start, next);
    if (this.#isLines) {
      const ends = lineEnds(batch.bytes, start, next);
      const rows = batch.rowCount - rowCount;
      const comments = batch.commentCount - commentCount;
      const rejected = batch.rejections.length - rejectionCount;
      check(
        rows + comments + rejected === ends.length,
        `${ends.length} lines gave ${rows} rows, ${comments} comments, ${rejected} rejections`,
      );
      check(batch.line === line + ends.length, `line ${batch.line} after ${ends.length} lines from ${line}`);
      if (this.#observer.hasAllColumns) this.#checkFields(batch, rowCount, line, start, next, ends);
    }
    this.#observer.onScan?.(batch, rowCount, rejectionCount);
    for (let row = rowCount; row < batch.rowCount; row++) {
      const day = batch.days[row]!;
      this.#observer.onDay?.(batch.lines[row]!, day);
      batch.days[row] = FIRST_DAY + (day % PARTITIONS);
    }
    return next;
  }

  /** Rows and rejections are in order, and of lines that were scanned; a line is one of both where lines are entries. */
  #checkLinesOfEntries(batch: RowBatch, firstRow: number, firstRejection: number, firstLine: number): void {
    const step = this.#isLines ? 1 : 0;
    const { lines, rejections } = batch;
    let last = firstLine - step;
    for (let row = firstRow; row < batch.rowCount; row++) {
      check(lines[row]! >= last + step, `row ${row} is of line ${lines[row]} after one of ${last}`);
      last = lines[row]!;
    }
    check(last <= batch.line - step, `a row of line ${last} before line ${batch.line}`);
    let row = firstRow;
    last = firstLine - step;
    for (let i = firstRejection; i < rejections.length; i++) {
      const { line } = rejections[i]!;
      check(line >= last + step && line <= batch.line - step, `a rejection of line ${line} after one of ${last}`);
      last = line;
      if (!this.#isLines) continue;
      while (row < batch.rowCount && lines[row]! < line) row++;
      check(row === batch.rowCount || lines[row] !== line, `line ${line} is a row and a rejection`);
    }
  }

  #checkRejections({ rejections }: RowBatch, first: number, start: number, next: number): void {
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
    batch: RowBatch,
    firstRow: number,
    firstLine: number,
    start: number,
    next: number,
    ends: number[],
  ): void {
    const { fields, lines, bytes } = batch;
    const derivedFrom = batch.columnCount - (this.#observer.derivedColumns ?? 0);
    for (let row = firstRow; row < batch.rowCount; row++) {
      const index = lines[row]! - firstLine;
      const lineStart = index === 0 ? start : ends[index - 1]!;
      const lineEnd = ends[index]!;
      for (let column = 0, at = 2 * row; column <= batch.columnCount; column++, at += 2 * FIELD_STRIDE) {
        const length = fields[at + 1]!;
        if (length === -1 || (column >= derivedFrom && column < batch.columnCount)) continue;
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
