/** Reads the first records of an object whose fields stand at positions, to know whether its others would be rejected as well. */
import { openReferenceEngine } from "../columns/reference/reference-engine.ts";
import type { FormatOptions, LogFormat } from "../formats/format.ts";
import { RowBlock } from "../rows/row-block.ts";

const LINE_FEED = 0x0a;
/** Text that is read at most. */
const SAMPLE_BYTES = 64 << 10;

interface FirstRecords {
  readonly rows: number;
  readonly rejected: number;
  /** Rejected records whose fields nobody can name or place. */
  readonly misplaced: number;
  /** The first of these. */
  readonly example: string;
}

/** @param head - The first bytes of the object's text, without a byte order mark; may end anywhere. */
export function firstRecords(head: Uint8Array, format: LogFormat, options: FormatOptions | undefined): FirstRecords {
  const text = head.subarray(0, SAMPLE_BYTES);
  const columnCount = format.columns(options).length;
  const { memory } = openReferenceEngine(columnCount + 1);
  memory.growWindow(text.length);
  const { windowStart } = memory;
  memory.bytes.set(text, windowStart);
  const block = new RowBlock(memory, columnCount, SAMPLE_BYTES);
  // A record that has no end was cut with the head. Where none has one, the object is a single record.
  const isLast = text.indexOf(LINE_FEED) < 0;
  format.openScanner(options).scan(block, windowStart, windowStart + text.length, isLast);
  const misplaced = block.rejections.filter(({ reason }) => reason === "SHIFTED" || reason === "MISSING_HEADER");
  const [first] = misplaced;
  const example = first ? Buffer.from(block.bytes.subarray(first.start, first.end)).toString("latin1") : "";
  return { rows: block.rowCount, rejected: block.rejections.length, misplaced: misplaced.length, example };
}
