/**
 * Turns text into Parquet row groups, whatever the format.
 */
import type { FormatOptions, LogFormat } from "../formats/format.ts";
import { openScanner, type ScannerOpener } from "../formats/kernel-scanners.ts";
import { GrowingBytes } from "../rows/growing-bytes.ts";
import type { RejectedEntry } from "../rows/rejection.ts";
import { RowBlock } from "../rows/row-block.ts";
import type { RowTransform } from "../rows/row-transform.ts";
import { type ColumnDefinition, type DerivedColumn, tableColumns } from "../rows/schema.ts";
import { discard } from "../rows/young-garbage.ts";
import type { ColumnEngine } from "./column-engine.ts";
import { openEngine } from "./open-engine.ts";
import type { Encodings } from "./parquet-options.ts";
import { type FinishedRowGroup, PartitionSet } from "./partition-set.ts";
import { ROW_GROUP_ROWS } from "./partition-writer.ts";
import type { Codec } from "./row-group.ts";
import { MAX_ADDED_BYTES, SCAN_BYTES, WindowReader } from "./window-reader.ts";

/** The longest entry that is read. */
const MAX_ENTRY_BYTES = 16 << 20;

/** A slice of the unpacked text of one object, in order: all of it where the object is small. */
export interface Piece {
  /** The value of `_source_file`. */
  readonly sourceFile: string;
  /** The physical line on which the piece starts, from 1. */
  readonly firstLine: number;
  /** Where in the unpacked text it starts. */
  readonly firstByte: number;
  /** The header that the format carries over from the text before (`Framer.header`). */
  readonly header?: string | undefined;
  /** The text breaks off where the archive was cut: an unfinished entry at its end is rejected (`TRUNCATED`). */
  readonly isTruncated?: boolean | undefined;
  readonly bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/**
 * Bytes of unpacked text: of rows, comments and rejected entries, and of what separates entries (line ends, the commas and
 * brackets of JSON, the members of an envelope). Together they are all of the text, or a reader has lost some.
 */
interface PieceBytes {
  rowBytes: number;
  commentBytes: number;
  rejectedBytes: number;
  separatorBytes: number;
}

/** `lines = comments + rows + rejected`. Where records are not lines, a line here is one entry. */
export interface PieceCounts {
  readonly sourceFile: string;
  readonly firstLine: number;
  readonly lines: number;
  readonly comments: number;
  readonly rows: number;
  readonly rejected: number;
  /** All of its bytes, by what they belong to. */
  readonly bytes: PieceBytes;
}

export interface ParseOptions {
  readonly format: LogFormat;
  readonly formatOptions?: FormatOptions;
  readonly pieces: AsyncIterable<Piece> | Iterable<Piece>;
  /** The value of `_processed_at`. */
  readonly processedAtMs: number;
  /**
   * Takes a finished row group of a date, `YYYY-MM-DD`. Parsing continues when it is done, and reuses the row group's memory:
   * a row group that is to be kept has to be copied.
   */
  readonly onRowGroup: (date: string, rowGroup: FinishedRowGroup["rowGroup"]) => Promise<void> | void;
  readonly onRejected: (entry: RejectedEntry) => Promise<void> | void;
  /**
   * Columns that a transform fills; in the block they come after the format's own. `transforms` has to set each of them in
   * every row, because scanners do not know them.
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
  /** A scan waits for this much text while there is more to come. Tests ask for less, to try small buffers. */
  readonly minScanBytes?: number;
  /** Opens the engine, for a number of columns. */
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
  /** Indexes of the block's columns that are in the table, or that one of its columns is derived from. */
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
    const counts = { lines: 0, comments: 0, rows: 0, rejected: 0 };
    const bytes: PieceBytes = { rowBytes: 0, commentBytes: 0, rejectedBytes: 0, separatorBytes: 0 };
    const takeBlock = async () => {
      counts.comments += block.commentCount;
      counts.rows += block.rowCount;
      bytes.rowBytes += block.rowBytes;
      bytes.commentBytes += block.commentBytes;
      bytes.rejectedBytes += block.rejectedBytes;
      bytes.separatorBytes += block.separatorBytes;
      for (const { reason, start, end, line, isContinued = false } of block.rejections) {
        if (!isContinued) counts.rejected++;
        // An entry that is too long comes in the same parts whether its end was seen at once or not.
        for (let at = start; at === start || at < end; at += block.maxEntryBytes) {
          await this.#options.onRejected({
            sourceFile: piece.sourceFile,
            reason,
            line,
            byteOffset: reader.byteOffset(at),
            text: block.bytes.slice(at, Math.min(end, at + block.maxEntryBytes)),
            ...((isContinued || at > start) && { isContinued: true }),
          });
        }
      }
      for (const transform of this.#options.transforms ?? []) transform.apply(block);
      await this.#handOver(this.#partitions.append(block, piece.sourceFile));
      block.clear();
    };
    for await (const part of piece.bytes) {
      for (let at = 0; at < part.length; at += MAX_ADDED_BYTES) {
        reader.add(part.subarray(at, at + MAX_ADDED_BYTES));
        while (reader.isReady && reader.scan(false)) await takeBlock();
      }
      discard(part);
    }
    const isWhole = !piece.isTruncated;
    if (!isWhole) reader.breakOff();
    while (reader.scan(isWhole)) await takeBlock();
    if (!isWhole) reader.rejectRest();
    await takeBlock();
    counts.lines = counts.comments + counts.rows + counts.rejected;
    bytes.separatorBytes += reader.skippedBytes;
    return { sourceFile: piece.sourceFile, firstLine: piece.firstLine, ...counts, bytes };
  }

  async #handOver(finished: Generator<FinishedRowGroup>): Promise<void> {
    for (const { date, rowGroup } of finished) await this.#options.onRowGroup(date, rowGroup);
  }

  async close(): Promise<void> {
    await this.#handOver(this.#partitions.close());
    this.#engine.close?.();
  }
}
