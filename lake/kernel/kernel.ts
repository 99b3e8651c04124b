import { BLOCK_ROWS, FIELD_STRIDE, TEXT_PADDING } from "../rows/block-layout.ts";
import type { BlockMemory, SideRegion, WindowMemory } from "../rows/block-memory.ts";
import type { ColumnType, Decoding } from "../rows/schema.ts";
import { repairUtf8, storedText } from "../rows/text-decoding.ts";
import { parseValue } from "../rows/typed-value.ts";
import { instantiateKernel, type KernelExports } from "./kernel-exports.ts";
import { KernelTexts } from "./kernel-text-numbers.ts";
import {
  DECODING_BACKSLASH,
  DECODING_NONE,
  DECODING_PERCENT,
  KIND_BOOLEAN,
  KIND_DATE,
  KIND_DOUBLE,
  KIND_INT32,
  KIND_INT64,
  KIND_STRING,
  KIND_TIMESTAMP_MICROS,
  KIND_TIMESTAMP_MILLIS,
} from "./shared-numbers.ts";

/** The numbers of the column types in the kernel. */
const kindOf: Readonly<Record<ColumnType, number>> = {
  string: KIND_STRING,
  int32: KIND_INT32,
  int64: KIND_INT64,
  double: KIND_DOUBLE,
  timestamp_millis: KIND_TIMESTAMP_MILLIS,
  timestamp_micros: KIND_TIMESTAMP_MICROS,
  boolean: KIND_BOOLEAN,
  date: KIND_DATE,
};
const typeOf: ColumnType[] = [];
for (const [type, kind] of Object.entries(kindOf)) typeOf[kind] = type as ColumnType;

const decodingNumbers: Readonly<Record<Decoding, number>> = {
  percent: DECODING_PERCENT,
  backslash: DECODING_BACKSLASH,
};

/** Columns that a scanner may use for itself, after those of the block. */
const SPARE_COLUMNS = 2;
const FIELD_BYTES = 8;
const SIDE_BYTES = 64 << 10;

/** An instance of the kernel, whose memory holds the block of rows. */
export class Kernel implements BlockMemory, WindowMemory {
  readonly exports: KernelExports;
  /** Columns of a block, `_extra` included. */
  readonly fieldColumns: number;
  /** The column `_extra`: the last of a block, after those of the format and the derived columns. */
  readonly extraColumn: number;
  /** The first of the spare columns. */
  readonly spareColumn: number;
  readonly fieldsAt: number;
  readonly #daysAt: number;
  readonly #linesAt: number;
  readonly #resultAt: number;
  readonly #fieldColumns: number;
  #windowBlock = 0;
  #windowCapacity = 0;
  #sides: { block: number; byteLength: number }[] = [];
  #texts: KernelTexts[] = [];
  readonly #numbers = new Map<string, number>();
  #input: { block: number; byteLength: number } | undefined;

  // Views of the memory, replaced when it has grown.
  #bytes = new Uint8Array();
  #view = new DataView(new ArrayBuffer(0));
  #fields = new Int32Array();
  #days = new Int32Array();
  #lines = new Float64Array();

  constructor(fieldColumns: number) {
    this.exports = instantiateKernel({
      parseValue: (kind = 0, start = 0, length = 0) => this.#parseValue(kind, start, length),
      repairText: (start = 0, length = 0) => this.#repairText(start, length),
      percentDecoded: (start = 0, length = 0) => this.#percentDecoded(start, length),
    });
    this.#fieldColumns = fieldColumns + SPARE_COLUMNS;
    this.fieldColumns = fieldColumns;
    this.extraColumn = fieldColumns - 1;
    this.spareColumn = fieldColumns;
    this.fieldsAt = this.exports.take(this.#fieldColumns * FIELD_STRIDE * FIELD_BYTES);
    this.#daysAt = this.exports.take(BLOCK_ROWS * 4);
    this.#linesAt = this.exports.take(BLOCK_ROWS * 8);
    this.#resultAt = this.exports.result.value;
    this.#salt();
  }

  /** Salts all hashes; no column may be open. */
  #salt(): void {
    const [high, low] = crypto.getRandomValues(new Int32Array(2));
    this.exports.setSalt(high!, low!);
  }

  /** Gets ready for other work, once all columns of this one are closed. */
  reset(): void {
    for (const texts of this.#texts) texts.close();
    this.#texts = [];
    this.#salt();
  }

  #renew(): void {
    const { buffer } = this.exports.memory;
    if (this.#bytes.buffer === buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
    this.#fields = new Int32Array(buffer, this.fieldsAt, 2 * this.#fieldColumns * FIELD_STRIDE);
    this.#days = new Int32Array(buffer, this.#daysAt, BLOCK_ROWS);
    this.#lines = new Float64Array(buffer, this.#linesAt, BLOCK_ROWS);
  }

  get bytes(): Uint8Array {
    this.#renew();
    return this.#bytes;
  }

  get view(): DataView {
    this.#renew();
    return this.#view;
  }

  get fields(): Int32Array {
    this.#renew();
    return this.#fields;
  }

  get days(): Int32Array {
    this.#renew();
    return this.#days;
  }

  get lines(): Float64Array {
    this.#renew();
    return this.#lines;
  }

  /** A number that the last call left in `result`, by its position. */
  result(position: number): number {
    return this.view.getUint32(this.#resultAt + 4 * position, true);
  }

  /** Eight bytes that the last call left in `result`, by the position of their first word. */
  resultBytes(position: number): Uint8Array {
    const at = this.#resultAt + 4 * position;
    return this.bytes.slice(at, at + 8);
  }

  get windowStart(): number {
    return this.#windowBlock + TEXT_PADDING;
  }

  get windowByteLength(): number {
    return Math.max(0, this.#windowCapacity - 2 * TEXT_PADDING);
  }

  growWindow(byteLength: number): void {
    const capacity = byteLength + 2 * TEXT_PADDING;
    if (capacity <= this.#windowCapacity) return;
    const block = this.exports.take(capacity);
    if (this.#windowCapacity > 0) {
      this.bytes.copyWithin(block, this.#windowBlock, this.#windowBlock + this.#windowCapacity);
      this.exports.give(this.#windowBlock, this.#windowCapacity);
    }
    this.#windowBlock = block;
    this.#windowCapacity = capacity;
  }

  openSide(byteLength: number): SideRegion {
    const last = this.#sides.at(-1)?.byteLength ?? SIDE_BYTES / 2;
    const side = { block: 0, byteLength: Math.max(byteLength, 2 * last) };
    side.block = this.exports.take(side.byteLength);
    this.#sides.push(side);
    return { start: side.block, end: side.block + side.byteLength };
  }

  reopenSide(): SideRegion {
    // The last one is the largest.
    for (const { block, byteLength } of this.#sides.splice(0, this.#sides.length - 1)) {
      this.exports.give(block, byteLength);
    }
    const [side] = this.#sides;
    return side ? { start: side.block, end: side.block + side.byteLength } : this.openSide(SIDE_BYTES);
  }

  openTextNumbers(): KernelTexts {
    const texts = new KernelTexts(this);
    this.#texts.push(texts);
    return texts;
  }

  /** The kernel's number of a column type. */
  kindOf(type: ColumnType): number {
    return kindOf[type];
  }

  decodingNumber(decoding: Decoding | undefined): number {
    return decoding ? decodingNumbers[decoding] : DECODING_NONE;
  }

  /** Puts numbers into the kernel's memory for good and says where they are; few of them differ. */
  putNumbers(numbers: ArrayLike<number>): number {
    const key = Array.from(numbers).join();
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const block = this.exports.take(Math.max(4, 4 * numbers.length));
    const { view } = this;
    for (let i = 0; i < numbers.length; i++) view.setInt32(block + 4 * i, numbers[i]!, true);
    this.#numbers.set(key, block);
    return block;
  }

  /** Compresses with Snappy. Valid until the kernel's next call. */
  snappy(bytes: Uint8Array): Uint8Array {
    const from = bytes.buffer === this.exports.memory.buffer ? bytes.byteOffset : this.#copyIn(bytes);
    const to = this.exports.reserveCompressed(bytes.length);
    const length = this.exports.snappy(from, bytes.length, to);
    return this.bytes.subarray(to, to + length);
  }

  #copyIn(bytes: Uint8Array): number {
    if (!this.#input || this.#input.byteLength < bytes.length) {
      if (this.#input) this.exports.give(this.#input.block, this.#input.byteLength);
      this.#input = { block: this.exports.take(bytes.length), byteLength: bytes.length };
    }
    this.bytes.set(bytes, this.#input.block);
    return this.#input.block;
  }

  #parseValue(kind: number, start: number, length: number): number {
    const { bytes, view } = this;
    return parseValue(typeOf[kind]!, bytes, start, start + length, view, this.exports.hostValue.value) ? 1 : 0;
  }

  #repairText(start: number, length: number): number {
    const text = this.bytes.subarray(start, start + length);
    const repaired = repairUtf8(text);
    if (repaired === text) return -1;
    return this.#putDecoded(repaired);
  }

  #percentDecoded(start: number, length: number): number {
    return this.#putDecoded(storedText(this.bytes.slice(start, start + length), "percent"));
  }

  #putDecoded(text: Uint8Array): number {
    const to = this.exports.reserveDecoded(text.length + 16);
    this.bytes.set(text, to);
    return text.length;
  }
}
