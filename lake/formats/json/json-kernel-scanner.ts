/** Leaves the ordinary records of JSON to the WASM kernel (`kernel/assembly/json.ts`). */
import type { Kernel } from "../../kernel/kernel.ts";
import {
  JSON_DATE_AND_TIME,
  JSON_FIXED_DAY,
  JSON_KEY_WORDS,
  JSON_LAYOUT_WORDS,
  JSON_TIME,
} from "../../kernel/shared-numbers.ts";
import { BLOCK_ROWS, FIELD_STRIDE } from "../../rows/block-layout.ts";
import type { RowBlock } from "../../rows/row-block.ts";
import type { LogScanner } from "../../rows/scanner.ts";
import { type DaySource, EventTime } from "../event-time.ts";
import type { FormatOptions } from "../format.ts";
import { openRecordScanner, readOptions } from "./json.ts";
import type { RecordScanner } from "./json-scanner.ts";
import { columnsByKey } from "./record-reader.ts";

/** Tells the kernel how to read records. */
export interface KernelRecords {
  /** The column of each key. */
  readonly columnOfKey: ReadonlyMap<string, number>;
  /** A text that stands for null. */
  readonly nothing?: string;
  /** Columns whose times and dates are spelled as their types read them (`EventTime`). */
  readonly moments: readonly { readonly index: number; readonly isDate: boolean }[];
  readonly day:
    | DaySource
    /** Columns of date and time of day, and of the time that is made of them. Records with one of `others` are not ordinary. */
    | {
        readonly from: "parts";
        readonly date: number;
        readonly timeOfDay: number;
        readonly joined: number;
        readonly others: readonly [number, number];
      };
}

/** Opens the scanner of `json` that leaves ordinary records to the kernel. */
export function openJsonKernelScanner(kernel: Kernel, options: FormatOptions | undefined): LogScanner {
  return kernelJsonScanner(kernel, kernelRecords(options), openRecordScanner(options));
}

/** Describes the records of a source for the kernel. */
export function kernelRecords(options: FormatOptions | undefined): KernelRecords {
  const { columns, ...time } = readOptions(options);
  return { columnOfKey: columnsByKey({ columns }), ...new EventTime(columns, time).spelling };
}

/** The most entries that are not shown to the kernel after it left some to the reference. */
const MAX_PATIENCE = 64;

/** Makes a scanner that lets the kernel read the ordinary records and the reference everything else. */
export function kernelJsonScanner(kernel: Kernel, records: KernelRecords, reference: RecordScanner): LogScanner {
  // The kernel takes a record for what it is where its time says so, or nothing else can come.
  const isTold = records.day.from !== "delivery" || !reference.hasEnvelope;
  if (records.columnOfKey.size === 0 || !isTold) return reference;
  const layout = putLayout(kernel, records);
  let limit = 1;
  return {
    breakOff: () => reference.breakOff?.(),
    endOfLong: (bytes, start, end, isStart) => reference.endOfLong(bytes, start, end, isStart),
    scan(block, start, end, isLast) {
      let at = start;
      reference.beginScan();
      while (at < end && !block.isFull) {
        if (reference.isAmongRecords) {
          const { rowCount } = block;
          at = scanOrdinary(kernel, layout, block, at, reference.endOfRecord(block, at, end));
          limit = block.rowCount > rowCount ? 1 : Math.min(2 * limit, MAX_PATIENCE);
          if (at === end || block.isFull) break;
        }
        const next = reference.scanSome(block, at, end, isLast, limit);
        if (next === at) break;
        at = next;
      }
      return at;
    },
  };
}

function scanOrdinary(kernel: Kernel, layout: number, block: RowBlock, start: number, end: number): number {
  const { exports } = kernel;
  exports.setBlock(
    kernel.fieldsAt,
    FIELD_STRIDE * 8,
    kernel.days.byteOffset,
    kernel.lines.byteOffset,
    BLOCK_ROWS,
    block.maxEntryBytes,
  );
  exports.setJson(layout, kernel.extraColumn);
  const at = exports.scanJson(start, end, block.rowCount, block.line);
  // The kernel may have taken memory, and so moved it.
  block.renewViews();
  block.rowCount = exports.jsonRowCount.value;
  block.line = exports.jsonLine.value;
  block.rowBytes += exports.jsonRowBytes.value;
  block.separatorBytes += at - start - exports.jsonRowBytes.value;
  return at;
}

const TIME_KINDS = { delivery: JSON_FIXED_DAY, column: JSON_TIME, parts: JSON_DATE_AND_TIME } as const;

/** Puts into the kernel how records are read, in the layout that its `setJson` takes. */
function putLayout(kernel: Kernel, { columnOfKey, nothing, moments, day }: KernelRecords): number {
  const keys = [...columnOfKey].map(([key, column]) => ({ text: Buffer.from(JSON.stringify(key)), column }));
  const nothingText = Buffer.from(nothing === undefined ? "" : JSON.stringify(nothing));
  const momentsAt = 4 * (JSON_LAYOUT_WORDS + JSON_KEY_WORDS * keys.length);
  const nothingAt = momentsAt + 8 * moments.length;
  let keyAt = nothingAt + nothingText.length;
  const keyWords = keys.flatMap(({ text, column }) => {
    const words = [text.length, keyAt, column];
    keyAt += text.length;
    return words;
  });
  const words = [
    ...[keys.length, TIME_KINDS[day.from], ...dayWords(day)],
    ...[nothingAt, nothingText.length, momentsAt, moments.length],
    ...keyWords,
    ...moments.flatMap(({ index, isDate }) => [index, isDate ? 1 : 0]),
  ];
  const texts = Buffer.concat([nothingText, ...keys.map(({ text }) => text)]);
  // Keys may be read beyond their end.
  const bytes = Buffer.alloc((nothingAt + texts.length + 16 + 3) & ~3);
  for (const [i, word] of words.entries()) bytes.writeInt32LE(word, 4 * i);
  texts.copy(bytes, nothingAt);
  return kernel.putNumbers(Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readInt32LE(4 * i)));
}

function dayWords(day: KernelRecords["day"]): number[] {
  switch (day.from) {
    case "delivery":
      return [day.day, 0, 0, 0, 0];
    case "column":
      return [day.column, 0, 0, 0, 0];
    case "parts":
      return [day.date, day.timeOfDay, day.joined, ...day.others];
  }
}
