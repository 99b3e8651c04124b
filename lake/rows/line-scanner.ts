import type { RowBatch } from "./row-block.ts";
import type { LineReader, LogScanner } from "./scanner.ts";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Makes a scanner of a reader of single lines. A line ends with `\n`; one `\r` before it belongs to the end. Blank lines
 * are comments. The last line may lack its end.
 */
export function lineScanner(reader: LineReader): LogScanner {
  return {
    scan(batch: RowBatch, start: number, end: number, isLast: boolean): number {
      let lineStart = start;
      while (lineStart < end && !batch.isFull) {
        let lineEnd = batch.bytes.indexOf(LINE_FEED, lineStart);
        let next = lineEnd + 1;
        if (lineEnd < 0 || lineEnd >= end) {
          if (!isLast) break;
          lineEnd = end;
          next = end;
        }
        const isTooLong = lineEnd - lineStart > batch.maxEntryBytes;
        if (lineEnd > lineStart && batch.bytes[lineEnd - 1] === CARRIAGE_RETURN) lineEnd--;
        if (isTooLong) batch.reject("LINE_TOO_LONG", lineStart, lineEnd);
        else if (lineEnd === lineStart) batch.comment();
        else {
          const outcome = reader.readLine(batch, lineStart, lineEnd);
          if (outcome === "row") batch.endRow();
          else if (outcome === "comment") batch.comment();
          else batch.reject(outcome, lineStart, lineEnd);
        }
        batch.line++;
        lineStart = next;
      }
      return lineStart;
    },
  };
}
