import { BLOCK_ROWS, FIELD_STRIDE } from "../rows/block-layout.ts";
import { findByte } from "../rows/find-byte.ts";
import type { RowBlock } from "../rows/row-block.ts";
import type { LogScanner } from "../rows/scanner.ts";
import type { Kernel } from "./kernel.ts";

const LINE_FEED = 0x0a;

/** How the kernel reads the ordinary lines of a format. */
export interface OrdinaryLines {
  /** Tells the kernel what the lines look like now; called before each run of lines. */
  prepare(): void;
  /** Reads lines until one is not ordinary; returns where that one begins. */
  scan(start: number, end: number, firstRow: number, firstLine: number): number;
}

/**
 * Makes a scanner that lets the kernel read the ordinary lines and the reference scanner all others: headers, blank lines,
 * odd records and a last line without an end.
 */
export function kernelLineScanner(kernel: Kernel, ordinary: OrdinaryLines, reference: LogScanner): LogScanner {
  return {
    scan(block: RowBlock, start: number, end: number, isLast: boolean): number {
      let at = start;
      while (at < end && !block.isFull) {
        kernel.exports.setBlock(
          kernel.fieldsAt,
          FIELD_STRIDE * 8,
          kernel.days.byteOffset,
          kernel.lines.byteOffset,
          BLOCK_ROWS,
          block.maxEntryBytes,
        );
        ordinary.prepare();
        // Putting something into the kernel's memory may have moved it.
        block.renewViews();
        const start = at;
        at = ordinary.scan(at, end, block.rowCount, block.line);
        const rowCount = kernel.exports.rowCount.value;
        const lines = rowCount - block.rowCount;
        block.line += lines;
        block.rowBytes += at - start - lines;
        block.separatorBytes += lines;
        block.rowCount = rowCount;
        if (at === end || block.isFull) break;
        const lineFeed = findByte(block.bytes, LINE_FEED, at, end);
        const hasEnd = lineFeed >= 0;
        if (!hasEnd && !isLast) break;
        at = reference.scan(block, at, hasEnd ? lineFeed + 1 : end, !hasEnd);
      }
      return at;
    },
  };
}
