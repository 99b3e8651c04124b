import { findByte } from "./find-byte.ts";
import type { RowBlock } from "./row-block.ts";
import type { LineReader, LogScanner } from "./scanner.ts";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Makes a scanner of a reader of single lines. A line ends with `\n`; one `\r` before it belongs to the end. Blank lines
 * are comments. The last line may lack its end.
 */
export function lineScanner(reader: LineReader): LogScanner {
  return {
    scan(block: RowBlock, start: number, end: number, isLast: boolean): number {
      let lineStart = start;
      while (lineStart < end && !block.isFull) {
        let lineEnd = findByte(block.bytes, LINE_FEED, lineStart, end);
        let next = lineEnd + 1;
        if (lineEnd < 0) {
          if (!isLast) break;
          lineEnd = end;
          next = end;
        }
        const isTooLong = lineEnd - lineStart > block.maxEntryBytes;
        if (!isTooLong && lineEnd > lineStart && block.bytes[lineEnd - 1] === CARRIAGE_RETURN) lineEnd--;
        if (isTooLong) block.reject("LINE_TOO_LONG", lineStart, lineEnd);
        else if (lineEnd === lineStart) block.comment();
        else {
          const outcome = reader.readLine(block, lineStart, lineEnd);
          if (outcome === "row") block.endRow();
          else if (outcome === "comment") block.comment();
          else block.reject(outcome, lineStart, lineEnd);
        }
        block.line++;
        block.countBytes(lineStart, next);
        lineStart = next;
      }
      return lineStart;
    },
  };
}
