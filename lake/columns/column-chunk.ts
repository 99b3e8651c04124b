import { constants, zstdCompressSync } from "node:zlib";
import type { SchemaElement } from "hyparquet";
import { ByteWriter } from "hyparquet-writer";
import { writePageHeader } from "hyparquet-writer/src/datapage.js";
import { unconvertMinMax } from "hyparquet-writer/src/unconvert.js";
import type { GrowingBytes } from "../rows/growing-bytes.ts";
import type { PhysicalType } from "../rows/typed-value.ts";
import type { Bounds, EncodedPage } from "./column-encoder.ts";
import type { ColumnEngine } from "./column-engine.ts";
import { giveIdleBytes, takeIdleBytes } from "./idle-bytes.ts";
import type { Codec, ColumnChunkMetadata, PageEncoding, PageMetadata } from "./row-group.ts";

/** A compressed page is kept only when it is smaller than this share; else it costs readers more time than it saves. */
const MAX_COMPRESSED_SHARE = 0.94;
/** Shorter bodies are not compressed. */
const MIN_COMPRESSED_BYTES = 64;
/** Pages in a row that did not compress before compression pauses, */
const MISSES_BEFORE_PAUSE = 2;
/** and pages of that pause. */
const PAUSE_PAGES = 15;
const ZSTD_LEVEL = 1;
/** Longer bounds are shortened as other writers do it: the least text downwards, the greatest upwards. */
const MAX_BOUND_BYTES = 64;
const TEXT: SchemaElement = { name: "", type: "BYTE_ARRAY", converted_type: "UTF8" };

/** The pages of one column of one row group: compresses them, writes their headers and keeps the account. */
export class ColumnChunk {
  readonly #name: string;
  readonly #physicalType: PhysicalType;
  readonly #codec: Codec;
  readonly #engine: ColumnEngine;
  readonly #data: GrowingBytes;
  readonly #header = new ByteWriter(256);
  #pages: PageMetadata[] = [];
  #nullCount = 0;
  #uncompressedByteLength = 0;
  #pageEncodings = new Map<PageEncoding, number>();
  #misses = 0;
  #pause = 0;

  constructor(name: string, physicalType: PhysicalType, codec: Codec, engine: ColumnEngine) {
    this.#name = name;
    this.#data = takeIdleBytes(name);
    this.#physicalType = physicalType;
    this.#codec = codec;
    this.#engine = engine;
  }

  get heldBytes(): number {
    return this.#data.length;
  }

  addPage(page: EncodedPage): void {
    const { levels, body } = page;
    const stored = this.#compressIfWorthIt(body);
    this.#header.index = 0;
    this.#header.offset = 0;
    writePageHeader(this.#header, {
      type: "DATA_PAGE_V2",
      uncompressed_page_size: levels.length + body.length,
      compressed_page_size: levels.length + stored.length,
      data_page_header_v2: {
        num_values: page.rowCount,
        num_nulls: page.nullCount,
        num_rows: page.rowCount,
        encoding: page.encoding,
        definition_levels_byte_length: levels.length,
        repetition_levels_byte_length: 0,
        is_compressed: stored !== body,
      },
    });
    const offset = this.#data.length;
    const header = this.#header.getBytes();
    this.#data.append(header);
    this.#data.append(levels);
    this.#data.append(stored);
    this.#pages.push({
      offset,
      byteLength: this.#data.length - offset,
      rowCount: page.rowCount,
      nullCount: page.nullCount,
      ...this.#encodeBounds(page.bounds),
    });
    this.#nullCount += page.nullCount;
    this.#uncompressedByteLength += header.length + levels.length + body.length;
    this.#pageEncodings.set(page.encoding, (this.#pageEncodings.get(page.encoding) ?? 0) + 1);
  }

  #compressIfWorthIt(body: Uint8Array): Uint8Array {
    if (this.#codec === "UNCOMPRESSED" || body.length <= MIN_COMPRESSED_BYTES) return body;
    if (this.#pause > 0) {
      this.#pause--;
      return body;
    }
    const compressed = this.#compress(body);
    if (compressed.length < body.length * MAX_COMPRESSED_SHARE) {
      this.#misses = 0;
      return compressed;
    }
    if (++this.#misses >= MISSES_BEFORE_PAUSE) {
      this.#misses = 0;
      this.#pause = PAUSE_PAGES;
    }
    return body;
  }

  #compress(bytes: Uint8Array): Uint8Array {
    return this.#codec === "ZSTD"
      ? zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } })
      : this.#engine.snappy(bytes);
  }

  /**
   * Ends the chunk and gets ready for the next.
   *
   * @param offset - Where in the row group it starts.
   * @param dictionaryByteLength - Length of the page that `writeDictionary` wrote; 0 when there is no dictionary.
   * @returns The data pages too, which stay where they are until the next page is added.
   */
  finish(
    offset: number,
    dictionaryByteLength: number,
    bounds: Bounds | undefined,
  ): { metadata: ColumnChunkMetadata; pages: Uint8Array } {
    const pagesAt = dictionaryByteLength;
    const pages = this.#data.written();
    const metadata: ColumnChunkMetadata = {
      name: this.#name,
      physicalType: this.#physicalType,
      codec: this.#codec,
      offset,
      byteLength: pagesAt + pages.length,
      uncompressedByteLength: this.#uncompressedByteLength,
      nullCount: this.#nullCount,
      hasDictionary: pagesAt > 0,
      pageEncodings: [...this.#pageEncodings].map(([encoding, pageCount]) => ({ encoding, pageCount })),
      ...this.#encodeBounds(bounds),
      pages: this.#pages.map((page) => ({ ...page, offset: page.offset + pagesAt })),
    };
    this.#data.length = 0;
    this.#pages = [];
    this.#nullCount = 0;
    this.#uncompressedByteLength = 0;
    this.#pageEncodings = new Map();
    return { metadata, pages };
  }

  /** Gives the memory back. The pages that `finish` returned are not valid after that. */
  close(): void {
    giveIdleBytes(this.#name, this.#data);
  }

  #encodeBounds(bounds: Bounds | undefined): { min?: string; max?: string } {
    if (!bounds) return {};
    const isText = this.#physicalType === "BYTE_ARRAY";
    const [min, max] = [bounds.min, bounds.max].map((bound, i) =>
      Buffer.from(isText ? shortBound(bound, i === 1) : bound).toString("base64"),
    );
    return { min: min!, max: max! };
  }

  /** Writes the dictionary's page to the end of `out`. It belongs before the data pages. */
  writeDictionary({ valueCount, body }: { valueCount: number; body: Uint8Array }, out: GrowingBytes): void {
    // A dictionary page has no flag for "stored as it is", so it is compressed in any case.
    const stored = this.#codec === "UNCOMPRESSED" ? body : this.#compress(body);
    this.#header.index = 0;
    this.#header.offset = 0;
    writePageHeader(this.#header, {
      type: "DICTIONARY_PAGE",
      uncompressed_page_size: body.length,
      compressed_page_size: stored.length,
      dictionary_page_header: { num_values: valueCount, encoding: "PLAIN" },
    });
    const header = this.#header.getBytes();
    out.append(header);
    out.append(stored);
    this.#uncompressedByteLength += header.length + body.length;
  }
}

function shortBound(bound: Uint8Array, isMax: boolean): Uint8Array {
  if (bound.length <= MAX_BOUND_BYTES) return bound;
  return unconvertMinMax(bound, TEXT, isMax, MAX_BOUND_BYTES) as Uint8Array;
}
