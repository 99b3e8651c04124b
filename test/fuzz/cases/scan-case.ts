/**
 * One text taken by a scanner alone, without columns: a tenth of the work of a whole parse, so that many more texts can be
 * tried. What came out is kept as a number for each row.
 */
import type { ColumnEngine } from "../../../lake/columns/column-engine.ts";
import { openKernelEngine } from "../../../lake/columns/kernel-engine.ts";
import { openReferenceEngine } from "../../../lake/columns/reference/reference-engine.ts";
import type { ScannerOpener } from "../../../lake/formats/kernel-scanners.ts";
import { FIELD_STRIDE } from "../../../lake/rows/block-layout.ts";
import type { RejectReason } from "../../../lake/rows/rejection.ts";
import { RowBlock } from "../../../lake/rows/row-block.ts";
import type { LogScanner } from "../../../lake/rows/scanner.ts";
import type { ScannerSubject } from "../scanner-subject.ts";
import type { EngineName } from "./parse-case.ts";

const LINE_FEED = 0x0a;

export interface ScanSettings {
  /** So much more text is shown to the scanner with each call. */
  readonly stepBytes: number;
  readonly maxEntryBytes: number;
  /** Whether the table has a column. */
  readonly isWanted: (column: number) => boolean;
}

export interface Scanned {
  /** What stands in each row's fields, its line and its day, in one number. */
  readonly rows: readonly number[];
  readonly comments: number;
  readonly rejected: readonly string[];
}

const engines = new Map<string, ColumnEngine>();

export function dropScanEngines(): void {
  engines.clear();
}

export function scanCase(
  name: EngineName,
  { format, formatOptions }: ScannerSubject,
  openScanner: ScannerOpener,
  text: Uint8Array,
  { stepBytes, maxEntryBytes, isWanted }: ScanSettings,
): Scanned {
  const columnCount = format.columns(formatOptions).length;
  const key = `${name} ${columnCount}`;
  const open = name === "kernel" ? openKernelEngine : openReferenceEngine;
  const engine = engines.get(key) ?? open(columnCount + 1);
  engines.set(key, engine);
  const { memory } = engine;
  memory.growWindow(text.length + 1);
  const block = new RowBlock(memory, columnCount, maxEntryBytes);
  const scanner = openScanner(format, engine.kernel, { options: formatOptions, header: undefined, isWanted });
  const { windowStart } = memory;
  const placesBytes = format.entries === "records" ? -1 : text.length;
  memory.bytes.set(text, windowStart);
  memory.bytes[windowStart + text.length] = LINE_FEED;
  block.clear();
  const rows: number[] = [];
  const rejected: string[] = [];
  let comments = 0;
  let shown = Math.min(text.length, stepBytes);
  for (let at = 0; at < text.length; ) {
    const isLast = shown === text.length;
    const next = scanner.scan(block, windowStart + at, windowStart + shown, isLast) - windowStart;
    for (let row = 0; row < block.rowCount; row++) rows.push(rowHash(block, row, windowStart, placesBytes, isWanted));
    for (const { reason, line, start, end } of block.rejections)
      rejected.push(rejection(line, reason, start - windowStart, end - windowStart));
    comments += block.commentCount;
    const isStuck = next === at;
    block.clear();
    at = next;
    if (isStuck && shown - at > maxEntryBytes) {
      rejected.push(rejection(block.line, "LINE_TOO_LONG", at, at));
      at = passLong(scanner, block, windowStart + at, windowStart + text.length) - windowStart;
    } else if (isStuck && isLast) throw new Error(`The scanner took nothing of the last ${text.length - at} bytes`);
    shown = Math.min(text.length, Math.max(shown, at) + (isStuck || at === shown ? stepBytes : 0));
  }
  return { rows, comments, rejected };
}

/** As in `window-reader.ts`: passes over an entry that is too long, up to the end of its first line at the latest. */
export function passLong(scanner: LogScanner, block: RowBlock, start: number, end: number): number {
  const found =
    scanner.endOfLong?.(block.bytes, start, end, true) ?? block.bytes.subarray(0, end).indexOf(LINE_FEED, start);
  if (found >= 0 && scanner.endOfLong) return found;
  block.line++;
  return found < 0 ? end : found + 1;
}

/** How much of an entry that is too long was seen depends on how the text came. */
function rejection(line: number, reason: RejectReason, start: number, end: number): string {
  return `${line} ${reason} [${start}, ${reason === "LINE_TOO_LONG" ? "…" : end})`;
}

/**
 * Fields by where they stand in the input; text beside it by what it is. So is all text of records, whose escapes may be
 * undone anywhere.
 */
function rowHash(
  { fields, bytes, lines, days, columnCount }: RowBlock,
  row: number,
  windowStart: number,
  textBytes: number,
  isWanted: (column: number) => boolean,
): number {
  let hash = (lines[row]! * 7919 + days[row]!) | 0;
  for (let column = 0, at = 2 * row; column <= columnCount; column++, at += 2 * FIELD_STRIDE) {
    if (column < columnCount && !isWanted(column)) continue;
    const length = fields[at + 1]!;
    hash = Math.imul(hash ^ (length + 2), 0x01000193);
    if (length < 0) continue;
    const start = fields[at]! - windowStart;
    if (start >= 0 && start <= textBytes) hash = Math.imul(hash ^ start, 0x85ebca6b);
    else for (let i = fields[at]!; i < fields[at]! + length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  }
  return hash;
}
