/**
 * Parquet deliveries as text: each row becomes a line of JSON, which is then read like all records. The object is read by
 * ranges, some thousand rows at a time.
 */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import {
  type AsyncBuffer,
  type ColumnMetaData,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  type RowGroup,
} from "hyparquet";
import { snappyUncompressor } from "hysnappy";
import { UnknownFormat } from "../../errors.ts";
import type { Archive } from "../archive.ts";
import { unpackLz4Block, unpackLz4Frames } from "./lz4.ts";
import { checkPages, PageDamage } from "./pages.ts";
import { PARSERS, type ParquetColumn, parquetColumns } from "./values.ts";

const MAGIC = Buffer.from("PAR1");
const MIB = 1 << 20;
/** The largest row group, which is held while its rows are made. Writers make them of up to 128 MiB. */
const MAX_GROUP_BYTES = 160 * MIB;
/** Values, and bytes of values, that are unpacked at a time. */
const MAX_VALUES = 1 << 20;
const MAX_SLICE_BYTES = 16 * MIB;
/** Text that is handed over at a time. */
const TEXT_BYTES = MIB;

/** Whether an object is a Parquet file, by its first four bytes. */
export function startsLikeParquet(head: Uint8Array): boolean {
  return MAGIC.every((byte, i) => byte === head[i]);
}

/** `endByte` is exclusive. */
interface ByteRange {
  readonly startByte: number;
  readonly endByte: number;
}

/** Reads ranges of an object. `endByte` is exclusive. */
export interface RangeReader {
  readonly byteLength: number;
  read(startByte: number, endByte: number): Promise<Uint8Array>;
}

const snappy = snappyUncompressor();

/** By their names in the format. hyparquet rejects others by name. */
const compressors: Compressors = {
  SNAPPY: (input, outputLength) => snappy(input, outputLength),
  GZIP: (input, maxOutputLength) => gunzipSync(input, { maxOutputLength: maxOutputLength || 1 }),
  BROTLI: (input, maxOutputLength) => brotliDecompressSync(input, { maxOutputLength: maxOutputLength || 1 }),
  LZ4: unpackLz4Frames,
  LZ4_RAW: unpackLz4Block,
  ZSTD: (input, maxOutputLength) => zstdDecompressSync(input, { maxOutputLength: maxOutputLength || 1 }),
};

export class ParquetObject {
  /** The keys of the records, in the order of the columns. */
  readonly keys: readonly string[];
  readonly #metadata: FileMetaData;
  readonly #columns: readonly ParquetColumn[];
  readonly #source: Source;
  readonly #archive: Archive;
  /** Columns at the top that hold several values a row. */
  readonly #repeated: ReadonlySet<string>;

  private constructor(source: Source, archive: Archive, metadata: FileMetaData, keyOf: KeyOfColumn) {
    const { columns, readable } = parquetColumns(metadata);
    this.keys = keyOf(columns.map(({ name }) => name));
    this.#columns = columns;
    this.#metadata = readable;
    this.#source = source;
    this.#archive = archive;
    this.#repeated = new Set(
      metadata.schema.filter(({ repetition_type }) => repetition_type === "REPEATED").map(({ name }) => name),
    );
  }

  /**
   * Reads the footer of a file.
   *
   * @param keyOf - Names the records' keys for columns.
   * @throws {CorruptArchive} When it does not end as a Parquet file does: it is cut, or damaged.
   */
  static async open(
    reader: RangeReader,
    archive: Archive,
    keyOf: KeyOfColumn = (names) => names,
  ): Promise<ParquetObject> {
    const source = new Source(reader);
    try {
      const metadata = await parquetMetadataAsync(source, { geoparquet: false });
      return new ParquetObject(source, archive, metadata, keyOf);
    } catch (error) {
      throw (
        source.failure ??
        archive.corrupt(`its Parquet footer cannot be read: it is cut or damaged${said(error, archive)}`)
      );
    }
  }

  /** A sample of its records: all keys, with empty values. */
  sample(): Uint8Array {
    return Buffer.from(`{${this.keys.map((key) => `${JSON.stringify(key)}:""`).join(",")}}\n`);
  }

  /**
   * The rows as lines of JSON.
   *
   * @throws {UnknownFormat} When a row group is written in a way that is not supported.
   * @throws {CorruptArchive} When a row group cannot be read. The text before that cannot be trusted.
   */
  async *lines(): AsyncGenerator<Uint8Array, void, undefined> {
    const names = this.keys.map((key) => JSON.stringify(key));
    let text = "";
    for await (const rows of this.#slices()) {
      for (const row of rows) {
        const members = this.#columns.map(({ name, write }, i) => `${names[i]}:${valueText(row[name], write)}`);
        text += `{${members.join(",")}}\n`;
        if (text.length < TEXT_BYTES) continue;
        yield Buffer.from(text);
        text = "";
      }
    }
    if (text.length > 0) yield Buffer.from(text);
  }

  async *#slices(): AsyncGenerator<Record<string, unknown>[], void, undefined> {
    let groupStart = 0;
    for (const [n, group] of this.#metadata.row_groups.entries()) {
      const groupRows = Number(group.num_rows);
      this.#checkSize(group, n);
      await this.#source.hold(rangeOf(group));
      this.#checkPages(group, n);
      const sliceRows = rowsAtATime(group, groupRows);
      for (let start = 0; start < groupRows; start += sliceRows) {
        const rowStart = groupStart + start;
        const rowEnd = groupStart + Math.min(groupRows, start + sliceRows);
        yield await this.#read(rowStart, rowEnd, n);
      }
      groupStart += groupRows;
    }
    if (groupStart !== Number(this.#metadata.num_rows))
      throw this.#archive.corrupt(
        `its Parquet footer counts ${this.#metadata.num_rows} rows, and ${groupStart} in parts`,
      );
  }

  #checkSize(group: RowGroup, n: number): void {
    const { startByte, endByte } = rangeOf(group);
    if (!(startByte >= 0 && startByte <= endByte && endByte <= this.#source.byteLength))
      throw this.#archive.corrupt(`row group ${n} does not lie in the file`);
    if (endByte - startByte > MAX_GROUP_BYTES)
      throw this.#archive.tooLarge(
        `row group ${n} has ${endByte - startByte} bytes, and ${MAX_GROUP_BYTES} are the limit. Write smaller row groups`,
      );
  }

  /** Checks the pages of a row group before they are read, and leaves out bytes after them. */
  #checkPages({ columns, num_rows: rows }: RowGroup, n: number): void {
    for (const [i, { meta_data: chunk }] of columns.entries()) {
      if (!chunk) throw this.#archive.corrupt(`row group ${n} has a column without metadata`);
      const name = this.#archive.mayQuote ? chunk.path_in_schema.join(".") : `number ${i + 1}`;
      const column = `column ${name} of row group ${n}`;
      const isFlat = chunk.path_in_schema.length === 1 && !this.#repeated.has(chunk.path_in_schema[0]!);
      if (isFlat && chunk.num_values !== rows)
        throw this.#archive.corrupt(`${column} has ${chunk.num_values} values in ${rows} rows`);
      const pages = this.#source.heldRange(chunkRange(chunk));
      if (!pages) throw this.#archive.corrupt(`${column} ends before it begins`);
      try {
        const end = checkPages(pages, Number(chunk.num_values));
        chunk.total_compressed_size = BigInt(end);
      } catch (error) {
        if (!(error instanceof PageDamage)) throw error;
        throw this.#archive.corrupt(`${column} is damaged (${error.message})`);
      }
    }
  }

  async #read(rowStart: number, rowEnd: number, group: number): Promise<Record<string, unknown>[]> {
    let rows: Record<string, unknown>[];
    try {
      rows = await parquetReadObjects({
        file: this.#source,
        metadata: this.#metadata,
        rowStart,
        rowEnd,
        compressors,
        parsers: PARSERS,
        utf8: false,
        geoparquet: false,
      });
    } catch (error) {
      throw (
        this.#source.failure ??
        unsupported(error, this.#archive) ??
        this.#archive.corrupt(`row group ${group} cannot be read${said(error, this.#archive)}`)
      );
    }
    if (rows.length !== rowEnd - rowStart)
      throw this.#archive.corrupt(`row group ${group} has ${rows.length} rows where ${rowEnd - rowStart} should be`);
    return rows;
  }
}

/**
 * The rows of a Parquet file as lines of JSON, counted against the limits of what may come out of an object.
 *
 * @throws {CorruptArchive} When it is cut or damaged.
 * @throws {ArchiveTooLarge} When there is more text than the limits allow.
 */
export async function* parquetText(
  reader: RangeReader,
  archive: Archive,
  keyOf: KeyOfColumn,
): AsyncGenerator<Uint8Array, void, undefined> {
  const parquet = await ParquetObject.open(reader, archive, keyOf);
  archive.addPacked(reader.byteLength);
  yield* archive.countText(parquet.lines());
}

type KeyOfColumn = (columnNames: readonly string[]) => readonly string[];

function valueText(value: unknown, write: (value: unknown) => string): string {
  return value === undefined || value === null ? "null" : write(value);
}

function rowsAtATime({ columns, total_byte_size: byteLength }: RowGroup, rows: number): number {
  const byValues = Math.floor(MAX_VALUES / Math.max(1, columns.length));
  const byBytes = Math.floor((MAX_SLICE_BYTES * rows) / Math.max(1, Number(byteLength)));
  return Math.max(1, Math.min(byValues, byBytes));
}

/** Where the column chunks of a row group lie. */
function rangeOf({ columns }: RowGroup): ByteRange {
  let startByte = Number.POSITIVE_INFINITY;
  let endByte = 0;
  for (const { meta_data: chunk } of columns) {
    if (!chunk) continue;
    const range = chunkRange(chunk);
    startByte = Math.min(startByte, range.startByte);
    endByte = Math.max(endByte, range.endByte);
  }
  return columns.length === 0 ? { startByte: 0, endByte: 0 } : { startByte, endByte };
}

function chunkRange(chunk: ColumnMetaData): ByteRange {
  const startByte = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
  return { startByte, endByte: startByte + Number(chunk.total_compressed_size) };
}

/** Messages of hyparquet about kinds that it does not read, which hold no data of the file. */
const NAMES_A_KIND = /^parquet unsupported (compression codec|encoding|page type|type): (?!undefined)(\w+)$/;

/** The error of a file that is whole, and written in a way that is not read. */
function unsupported(error: unknown, { object }: Archive): UnknownFormat | undefined {
  const [, kind, name] = NAMES_A_KIND.exec(error instanceof Error ? error.message : "") ?? [];
  if (!name) return undefined;
  const remedy = "Write it with Snappy, gzip, Brotli, LZ4 or zstd, and with the standard encodings";
  return new UnknownFormat(
    object,
    undefined,
    `: it is Parquet with the ${kind} ${name}, which is not supported`,
    remedy,
  );
}

/** The message of an error, in brackets. Other messages may quote names of columns, or values. */
function said(error: unknown, { mayQuote }: Archive): string {
  const message = error instanceof Error ? error.message : String(error);
  return mayQuote ? ` (${message})` : "";
}

/** The file for hyparquet. It remembers why the object could not be read, which is not an error of the file. */
class Source implements AsyncBuffer {
  readonly byteLength: number;
  failure: unknown;
  readonly #reader: RangeReader;
  /** The bytes of a row group, and their place in the file. */
  #held: Uint8Array = new Uint8Array();
  #heldAt = 0;

  constructor(reader: RangeReader) {
    this.#reader = reader;
    this.byteLength = reader.byteLength;
  }

  /** Reads a range once for all slices of it. */
  async hold({ startByte, endByte }: ByteRange): Promise<void> {
    // The memory of the last range is freed first.
    this.#held = new Uint8Array();
    this.#heldAt = startByte;
    if (startByte < endByte) this.#held = await this.#reader.read(startByte, endByte);
  }

  /** A range within the held one; undefined when it is not within it. */
  heldRange({ startByte, endByte }: ByteRange): Uint8Array | undefined {
    const isHeld = startByte >= this.#heldAt && startByte <= endByte && endByte <= this.#heldAt + this.#held.length;
    return isHeld ? this.#held.subarray(startByte - this.#heldAt, endByte - this.#heldAt) : undefined;
  }

  slice(start: number, end = this.byteLength): Promise<ArrayBuffer> {
    const bytes = this.#slice(start, end);
    // hyparquet asks for many ranges and may fail on one before it awaits the others, whose errors would be unhandled.
    bytes.catch(() => {});
    return bytes;
  }

  async #slice(start: number, end: number): Promise<ArrayBuffer> {
    const held = this.heldRange({ startByte: start, endByte: end });
    if (held) return copyOf(held);
    if (!(start >= 0 && start <= end && end <= this.byteLength))
      throw new RangeError(`bytes ${start} to ${end} of ${this.byteLength}`);
    if (start === end) return new ArrayBuffer(0);
    try {
      return copyOf(await this.#reader.read(start, end));
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}

function copyOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
