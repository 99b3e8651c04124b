/**
 * The one way from text to Parquet: bytes in, finished row groups out, whatever the format.
 */
import type { FormatOptions, LogFormat } from "../formats/format.ts";
import { openScanner, type ScannerOpener } from "../formats/kernel-scanners.ts";
import { GrowingBytes } from "../rows/growing-bytes.ts";
import type { RejectedEntry } from "../rows/rejection.ts";
import { RowBlock } from "../rows/row-block.ts";
import type { RowTransform } from "../rows/row-transform.ts";
import type { LogScanner } from "../rows/scanner.ts";
import { type ColumnDefinition, type DerivedColumn, tableColumns } from "../rows/schema.ts";
import { discard } from "../rows/young-garbage.ts";
import type { ColumnEngine } from "./column-encoder.ts";
import { openEngine } from "./column-engine.ts";
import type { Encodings } from "./parquet-options.ts";
import { type FinishedRowGroup, PartitionSet } from "./partition-set.ts";
import { ROW_GROUP_ROWS } from "./partition-writer.ts";
import type { Codec } from "./row-group.ts";

/** Text that is scanned at a time: its rows' fields are written to columns while the text is still in the cache. */
const SCAN_BYTES = 256 << 10;
/** With less than this left, all of it is scanned: a buffer of input and the end of the one before are one scan. */
const MAX_SCAN_BYTES = SCAN_BYTES + (SCAN_BYTES >> 2);
/** The first size of the window that input is copied to; a longer entry makes it larger. */
const WINDOW_BYTES = 2 << 20;
/** The longest entry that is read. */
export const MAX_ENTRY_BYTES = 16 << 20;
/** So much of a rejected entry is kept; the object itself has the rest. */
export const MAX_REJECTED_TEXT_BYTES = 64 << 10;

const LINE_FEED = 0x0a;

/** A part of the unpacked text of one object, in order: the whole of a small one, a slice of a large one. */
export interface Piece {
  /** What `_source_file` says. */
  readonly sourceFile: string;
  /** The physical line on which the piece starts, from 1. */
  readonly firstLine: number;
  /** Where in the unpacked text it starts. */
  readonly firstByte: number;
  /** What the format carries over from the text before (`Framer.header`). */
  readonly header?: string | undefined;
  /** The text breaks off where the archive was cut: an entry that it leaves unfinished is no row (`TRUNCATED`). */
  readonly isCut?: boolean | undefined;
  readonly bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** `lines = comments + rows + rejected`. Where records are not lines, a line here is one entry. */
export interface PieceCounts {
  readonly sourceFile: string;
  readonly firstLine: number;
  readonly lines: number;
  readonly comments: number;
  readonly rows: number;
  readonly rejected: number;
}

export interface ParseOptions {
  readonly format: LogFormat;
  readonly formatOptions?: FormatOptions;
  readonly pieces: AsyncIterable<Piece> | Iterable<Piece>;
  /** What `_processed_at` says. */
  readonly processedAtMs: number;
  /**
   * Takes a finished row group of a date, `YYYY-MM-DD`. Parsing goes on when it is done, and uses the row group's memory
   * again: what is to be kept has to be copied.
   */
  readonly onRowGroup: (date: string, rowGroup: FinishedRowGroup["rowGroup"]) => Promise<void> | void;
  readonly onRejected: (entry: RejectedEntry) => Promise<void> | void;
  /**
   * Columns that a transform fills, in the block after the format's own: `transforms` has to set each of them in every row,
   * as scanners do not know them.
   */
  readonly derivedColumns?: readonly DerivedColumn[];
  /** Change the rows of each block before they are written, in this order. */
  readonly transforms?: readonly RowTransform[];
  /** Columns of the table in file order; without it the format's that are not optional, the derived and the lake's own. */
  readonly columns?: readonly ColumnDefinition[];
  readonly codec?: Codec;
  /** `standard` unless said otherwise. */
  readonly encodings?: Encodings;
  readonly rowGroupRows?: number;
  readonly maxEntryBytes?: number;
  /** Text that a scan waits for while there is more to come; tests want it in small buffers. */
  readonly minScanBytes?: number;
  /** Opens who does the work, for so many columns of fields. */
  readonly openEngine?: (fieldColumns: number) => ColumnEngine;
  /** Opens the scanner of a piece; tests watch what it does. */
  readonly openScanner?: ScannerOpener;
}

export interface ParseResult {
  /** One for each piece, in order. */
  readonly pieces: readonly PieceCounts[];
  /** Fields whose text did not fit their column's type: null in the column, kept in `_extra`. */
  readonly invalidFields: number;
}

/**
 * Parses pieces of text into row groups, holding a bounded part of either at a time.
 *
 * The row groups depend on the sequence of entries only: not on how the text is cut into pieces or buffers.
 */
export async function parsePieces(options: ParseOptions): Promise<ParseResult> {
  const parser = new PieceParser(options);
  const pieces: PieceCounts[] = [];
  for await (const piece of options.pieces) pieces.push(await parser.parse(piece));
  await parser.close();
  return { pieces, invalidFields: parser.invalidFields };
}

class PieceParser {
  readonly #options: ParseOptions;
  readonly #engine: ColumnEngine;
  readonly #block: RowBlock;
  readonly #partitions: PartitionSet;
  /** Columns of the block, by index, that the table has or that one of its columns is derived from. */
  readonly #wanted: ReadonlySet<number>;

  constructor(options: ParseOptions) {
    this.#options = options;
    const formatColumns = options.format.columns(options.formatOptions);
    const derivedColumns = options.derivedColumns ?? [];
    const scannedColumns = [...formatColumns, ...derivedColumns];
    // And `_extra`.
    this.#engine = (options.openEngine ?? openEngine)(scannedColumns.length + 1);
    this.#block = new RowBlock(this.#engine.memory, scannedColumns.length, options.maxEntryBytes ?? MAX_ENTRY_BYTES);
    const columns = options.columns ?? tableColumns(formatColumns, derivedColumns);
    const names = new Set([...columns.map(({ name }) => name), ...derivedColumns.flatMap(({ inputs }) => inputs)]);
    this.#wanted = new Set(scannedColumns.flatMap(({ name }, column) => (names.has(name) ? [column] : [])));
    this.#partitions = new PartitionSet({
      engine: this.#engine,
      scannedColumns,
      tableColumns: columns,
      codec: options.codec ?? "SNAPPY",
      encodings: options.encodings ?? "standard",
      rowGroupRows: options.rowGroupRows ?? ROW_GROUP_ROWS,
      processedAtMs: options.processedAtMs,
      dictionaries: new GrowingBytes(1 << 20),
      transforms: options.transforms ?? [],
    });
  }

  get invalidFields(): number {
    return this.#partitions.invalidCount;
  }

  async parse(piece: Piece): Promise<PieceCounts> {
    const { format, formatOptions } = this.#options;
    const block = this.#block;
    block.line = piece.firstLine;
    const reader = new WindowReader({
      engine: this.#engine,
      block,
      scanner: (this.#options.openScanner ?? openScanner)(format, this.#engine.kernel, {
        options: formatOptions,
        header: piece.header,
        isWanted: (column) => this.#wanted.has(column),
      }),
      firstByte: piece.firstByte,
      minScanBytes: this.#options.minScanBytes ?? SCAN_BYTES,
    });
    // No more than is surely there of an entry that is too long, however the text is cut.
    const maxTextBytes = Math.min(MAX_REJECTED_TEXT_BYTES, block.maxEntryBytes);
    const counts = { lines: 0, comments: 0, rows: 0, rejected: 0 };
    const takeBlock = async () => {
      counts.comments += block.commentCount;
      counts.rows += block.rowCount;
      counts.rejected += block.rejections.length;
      for (const { reason, start, end, line } of block.rejections) {
        await this.#options.onRejected({
          sourceFile: piece.sourceFile,
          reason,
          line,
          byteOffset: reader.byteOffset(start),
          text: block.bytes.slice(start, Math.min(end, start + maxTextBytes)),
        });
      }
      for (const transform of this.#options.transforms ?? []) transform.apply(block);
      await this.#handOver(this.#partitions.append(block, piece.sourceFile));
      block.clear();
    };
    for await (const bytes of piece.bytes) {
      // A large buffer in several steps, so that the window stays small.
      for (let at = 0; at < bytes.length; at += WINDOW_BYTES / 2) {
        reader.add(bytes.subarray(at, at + WINDOW_BYTES / 2));
        while (reader.isReady && reader.scan(false)) await takeBlock();
      }
      discard(bytes);
    }
    const isWhole = !piece.isCut;
    while (reader.scan(isWhole)) await takeBlock();
    if (!isWhole) reader.rejectRest();
    await takeBlock();
    counts.lines = counts.comments + counts.rows + counts.rejected;
    return { sourceFile: piece.sourceFile, firstLine: piece.firstLine, ...counts };
  }

  async #handOver(finished: Generator<FinishedRowGroup>): Promise<void> {
    for (const { date, rowGroup } of finished) await this.#options.onRowGroup(date, rowGroup);
  }

  async close(): Promise<void> {
    await this.#handOver(this.#partitions.close());
    this.#engine.close?.();
  }
}

/** Feeds the text of a piece through the engine's window to the scanner, a cacheful of entries at a time. */
class WindowReader {
  readonly #engine: ColumnEngine;
  readonly #block: RowBlock;
  readonly #scanner: LogScanner;
  readonly #minScanBytes: number;
  /** Where in the object the window's text starts. */
  #windowByte: number;
  /** Text in the window, from its start, and the part of it that was scanned. */
  #filled = 0;
  #scanned = 0;
  #mayStartWithMark: boolean;
  /** In the middle of an entry that is too long. */
  #isSkipping = false;

  constructor(options: {
    engine: ColumnEngine;
    block: RowBlock;
    scanner: LogScanner;
    firstByte: number;
    minScanBytes: number;
  }) {
    this.#engine = options.engine;
    this.#block = options.block;
    this.#scanner = options.scanner;
    this.#minScanBytes = options.minScanBytes;
    this.#windowByte = options.firstByte;
    this.#mayStartWithMark = options.firstByte === 0;
  }

  /** Where in the object a place in the block's bytes is. */
  byteOffset(at: number): number {
    return this.#windowByte + at - this.#engine.memory.windowStart;
  }

  /** Adds text. All entries before must have been taken from the block. */
  add(bytes: Uint8Array): void {
    const { memory } = this.#engine;
    if (this.#scanned > 0) {
      const { windowStart } = memory;
      memory.bytes.copyWithin(windowStart, windowStart + this.#scanned, windowStart + this.#filled);
      this.#windowByte += this.#scanned;
      this.#filled -= this.#scanned;
      this.#scanned = 0;
    }
    const needed = this.#filled + bytes.length;
    if (needed > memory.windowByteLength) {
      memory.growWindow(Math.max(WINDOW_BYTES, memory.windowByteLength * 2, needed));
      // The side text has moved, but the block is empty here.
      this.#block.clear();
    }
    memory.bytes.set(bytes, memory.windowStart + this.#filled);
    this.#filled += bytes.length;
    // A scanner that looks for the end of a line finds one here at the latest.
    memory.bytes[memory.windowStart + this.#filled] = LINE_FEED;
  }

  /** Whether there is enough text for a scan: each has a cost of its own, however small the buffers in which text comes. */
  get isReady(): boolean {
    return this.#filled - this.#scanned >= this.#minScanBytes;
  }

  /**
   * Scans on.
   *
   * @returns Whether the block has entries to take; if not, more text is needed.
   */
  scan(isLast: boolean): boolean {
    if (this.#mayStartWithMark && !this.#skipMark(isLast)) return false;
    if (this.#isSkipping && !this.#skipEntry(isLast)) return false;
    const start = this.#scanned;
    let end = this.#filled - start < MAX_SCAN_BYTES ? this.#filled : start + SCAN_BYTES;
    if (start === end) return false;
    this.#scanTo(end, isLast);
    if (this.#scanned === start && end < this.#filled) {
      end = this.#filled;
      this.#scanTo(end, isLast);
    }
    if (this.#scanned > start) return true;
    return this.#filled - this.#scanned > this.#block.maxEntryBytes && this.#rejectLong();
  }

  /** Rejects what no scan took: the entry in which the text breaks off. */
  rejectRest(): void {
    const { windowStart } = this.#engine.memory;
    // The rest of an entry that was rejected for its length belongs to it.
    if (this.#scanned < this.#filled && !this.#isSkipping)
      this.#block.reject("TRUNCATED", windowStart + this.#scanned, windowStart + this.#filled);
    this.#scanned = this.#filled;
  }

  #scanTo(end: number, isLast: boolean): void {
    const { windowStart } = this.#engine.memory;
    const isEnd = isLast && end === this.#filled;
    const next = this.#scanner.scan(this.#block, windowStart + this.#scanned, windowStart + end, isEnd);
    this.#scanned = next - windowStart;
  }

  /** Passes over a UTF-8 byte order mark; false while it is not known whether there is one. */
  #skipMark(isLast: boolean): boolean {
    if (this.#filled < 3 && !isLast) return false;
    const { bytes, windowStart } = this.#engine.memory;
    const hasMark = this.#filled >= 3 && bytes[windowStart] === 0xef && bytes[windowStart + 1] === 0xbb;
    if (hasMark && bytes[windowStart + 2] === 0xbf) this.#scanned = 3;
    this.#mayStartWithMark = false;
    return true;
  }

  #rejectLong(): boolean {
    const { windowStart } = this.#engine.memory;
    this.#block.reject("LINE_TOO_LONG", windowStart + this.#scanned, windowStart + this.#filled);
    this.#isSkipping = true;
    return true;
  }

  /** Passes over the rest of an entry that is too long; false while its line goes on. */
  #skipEntry(isLast: boolean): boolean {
    const { bytes, windowStart } = this.#engine.memory;
    const at = bytes.indexOf(LINE_FEED, windowStart + this.#scanned) - windowStart;
    const isEnded = at < this.#filled;
    this.#scanned = isEnded ? at + 1 : this.#filled;
    if (isEnded || isLast) {
      this.#isSkipping = false;
      this.#block.line++;
    }
    return !this.#isSkipping;
  }
}
