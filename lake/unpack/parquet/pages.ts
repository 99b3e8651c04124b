/**
 * Checks the pages of Parquet column chunks before they are read: the reader neither compares checksums, which some writers
 * put into page headers, nor checks sizes. A damaged size makes it loop for ever or allocate all memory.
 *
 * @see https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift `PageHeader`
 * @see https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
import { crc32 } from "node:zlib";

/** Fields of a page header. */
const PAGE_TYPE = 1;
const UNPACKED_SIZE = 2;
const PACKED_SIZE = 3;
const CRC = 4;
const DATA_PAGE = 5;
const DICTIONARY_PAGE = 7;
const DATA_PAGE_V2 = 8;
/** By type of a page: the field with the header of its kind, and the numbers at that header's beginning. */
const KINDS: readonly (readonly [field: number, numbers: number] | undefined)[] = [
  [DATA_PAGE, 4],
  undefined,
  [DICTIONARY_PAGE, 2],
  [DATA_PAGE_V2, 6],
];

/** Types of the compact protocol. A page header has no lists, sets and maps. */
const STOP = 0;
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const I16 = 4;
const I32 = 5;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const STRUCT = 12;
/** A header holds statistics, and these hold values. */
const MAX_DEPTH = 4;

/** Larger than the pages of all writers; a page is unpacked at once. */
const MAX_PAGE_BYTES = 256 << 20;

/** Counts are of 31 bits. */
const MAX_NUMBER = 2 ** 31 - 1;

/** Pages are damaged. */
export class PageDamage extends Error {
  override readonly name = "PageDamage";
}

/**
 * Checks the pages of a column.
 *
 * @param chunk - The pages of one column chunk, one after the other. Some writers put other bytes after them.
 * @param valueCount - Values of the column.
 * @returns Where the pages end.
 * @throws {PageDamage} When the pages have fewer values, or a page is damaged.
 */
export function checkPages(chunk: Uint8Array, valueCount: number): number {
  const reader = new HeaderReader(chunk);
  let values = 0;
  while (values < valueCount) {
    const start = reader.at;
    const page = reader.pageHeader();
    const end = reader.at + page.packedSize;
    if (page.packedSize < 0 || end > chunk.length) throw new PageDamage(`the page at ${start} ends beyond its column`);
    if (page.unpackedSize < 0 || page.unpackedSize > MAX_PAGE_BYTES)
      throw new PageDamage(`the page at ${start} says that it unpacks to ${page.unpackedSize} bytes`);
    const kind = KINDS[page.type];
    const numbers = kind && page.numbers.get(kind[0]);
    if (
      !kind ||
      !numbers ||
      numbers.length < kind[1] ||
      numbers.some((number) => !(number >= 0 && number <= MAX_NUMBER))
    )
      throw new PageDamage(`the page at ${start} is of no kind that there is`);
    const [pageValues = 0, , rows = 0, , definitionBytes = 0, repetitionBytes = 0] = numbers;
    // A dictionary may have more entries than the column has values: DuckDB writes all of an ENUM. None takes less than a byte.
    const mostValues = kind[0] === DICTIONARY_PAGE ? Math.max(valueCount, page.unpackedSize) : valueCount;
    if (pageValues > mostValues)
      throw new PageDamage(`the page at ${start} says that it has ${pageValues} of ${mostValues} values`);
    const isVersion2 = kind[0] === DATA_PAGE_V2;
    if (isVersion2 && (rows > pageValues || definitionBytes + repetitionBytes > page.packedSize))
      throw new PageDamage(`the page at ${start} says that it has ${rows} rows in ${pageValues} values`);
    if (page.crc !== undefined && crc32(chunk.subarray(reader.at, end)) !== page.crc >>> 0)
      throw new PageDamage(`the checksum of the page at ${start} is wrong`);
    reader.at = end;
    if (kind[0] !== DICTIONARY_PAGE) values += pageValues;
  }
  return reader.at;
}

interface PageHeader {
  unpackedSize: number;
  packedSize: number;
  crc: number | undefined;
  type: number;
  /** By field: the numbers at the beginning of a kind's header. Those of a data page begin with the number of its values. */
  numbers: Map<number, number[]>;
}

class HeaderReader {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  pageHeader(): PageHeader {
    const page: PageHeader = { type: -1, unpackedSize: -1, packedSize: -1, crc: undefined, numbers: new Map() };
    this.#struct((field, type) => {
      if (field === PAGE_TYPE && type === I32) page.type = this.#signed();
      else if (field === UNPACKED_SIZE && type === I32) page.unpackedSize = this.#signed();
      else if (field === PACKED_SIZE && type === I32) page.packedSize = this.#signed();
      else if (field === CRC && type === I32) page.crc = this.#signed();
      else if (KINDS.some((kind) => kind?.[0] === field) && type === STRUCT) page.numbers.set(field, this.#numbers());
      else this.#skip(type, 1);
    });
    return page;
  }

  /** The numbers at the beginning of a structure, one field after the other. */
  #numbers(): number[] {
    const numbers: number[] = [];
    this.#struct((field, type) => {
      if (field === numbers.length + 1 && type === I32) numbers.push(this.#signed());
      else this.#skip(type, 2);
    });
    return numbers;
  }

  #struct(read: (field: number, type: number) => void): void {
    let field = 0;
    for (;;) {
      const head = this.#byte();
      const type = head & 0x0f;
      if (type === STOP) return;
      field = head >> 4 === 0 ? this.#signed() : field + (head >> 4);
      read(field, type);
    }
  }

  #skip(type: number, depth: number): void {
    switch (type) {
      case TRUE:
      case FALSE:
        return;
      case BYTE:
        this.at++;
        return;
      case I16:
      case I32:
      case I64:
        this.#varint();
        return;
      case DOUBLE:
        this.at += 8;
        return;
      case BINARY: {
        const length = Number(this.#varint());
        this.at += length;
        return;
      }
      case STRUCT:
        if (depth === MAX_DEPTH) break;
        this.#struct((_, inner) => this.#skip(inner, depth + 1));
        return;
    }
    throw new PageDamage(`there is no page header at ${this.at}`);
  }

  #byte(): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw new PageDamage("a page header ends beyond its column");
    this.at++;
    return byte;
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new PageDamage(`there is no page header at ${this.at}`);
  }

  /** Zigzag. */
  #signed(): number {
    const value = this.#varint();
    return Number((value >> 1n) ^ -(value & 1n));
  }
}
