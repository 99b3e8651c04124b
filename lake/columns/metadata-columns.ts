/**
 * The columns that do not come from a field of the input: the file of a row, its line, and when it was read. Their values
 * come in long runs or in order, so they need neither a hash nor a parser.
 */

import { PAGE_ROWS } from "../kernel/shared-numbers.ts";
import { GrowingBytes } from "../rows/growing-bytes.ts";
import type { Bounds, EncodedPage } from "./column-encoder.ts";
import { encodeDeltas } from "./encodings/delta-encoding.ts";
import { encodeHybrid, hybridBound, writeVarInt } from "./encodings/hybrid-encoding.ts";
import type { Encodings } from "./parquet-options.ts";

const scratch = new GrowingBytes(1 << 16);
const deltas = new GrowingBytes(1 << 16);

/** Definition levels of a page without nulls. */
function fullLevels(rowCount: number): Uint8Array {
  const levels = new Uint8Array(8);
  const length = writeVarInt(levels, 0, rowCount << 1);
  levels[length] = 1;
  return levels.subarray(0, length + 1);
}

/** A text that stays the same for many rows, such as the name of the source file. */
export class RunColumn {
  readonly #ids = new Int32Array(PAGE_ROWS);
  #rowCount = 0;
  #values: Uint8Array[] = [];
  readonly #idOf = new Map<string, number>();

  get heldBytes(): number {
    return this.#values.length * 256;
  }

  append(value: string, count: number): void {
    let id = this.#idOf.get(value);
    if (id === undefined) {
      id = this.#values.length;
      this.#idOf.set(value, id);
      this.#values.push(new TextEncoder().encode(value));
    }
    this.#ids.fill(id, this.#rowCount, this.#rowCount + count);
    this.#rowCount += count;
  }

  takePage(): EncodedPage {
    const rowCount = this.#rowCount;
    const bitWidth = 32 - Math.clz32(this.#values.length - 1);
    scratch.length = 0;
    scratch.reserve(hybridBound(rowCount, bitWidth) + 1);
    scratch.bytes[0] = bitWidth;
    scratch.length = encodeHybrid(this.#ids, rowCount, bitWidth, scratch.bytes, scratch.view, 1);
    this.#rowCount = 0;
    return {
      encoding: "RLE_DICTIONARY",
      rowCount,
      nullCount: 0,
      levels: fullLevels(rowCount),
      body: scratch.written(),
      bounds: this.#boundsOf(new Set(this.#ids.subarray(0, rowCount))),
    };
  }

  #boundsOf(ids: Iterable<number>): Bounds {
    const sorted = Array.from(ids, (id) => this.#values[id]!).sort(Buffer.compare);
    return { min: sorted[0]!, max: sorted.at(-1)! };
  }

  takeDictionary(): { valueCount: number; body: Uint8Array } {
    const values = this.#values;
    const body = new GrowingBytes(values.reduce((sum, value) => sum + 4 + value.length, 0));
    for (const value of values) {
      body.view.setUint32(body.length, value.length, true);
      body.length += 4;
      body.append(value);
    }
    return { valueCount: values.length, body: body.written() };
  }

  bounds(): Bounds {
    return this.#boundsOf(this.#values.keys());
  }

  reset(): void {
    this.#rowCount = 0;
    this.#values = [];
    this.#idOf.clear();
  }
}

/** INT64 numbers that hardly repeat: the lines of the source. */
export class NumberColumn {
  readonly #numbers = new Float64Array(PAGE_ROWS);
  #rowCount = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  readonly #isDelta: boolean;

  constructor(encodings: Encodings) {
    this.#isDelta = encodings === "delta";
  }

  append(numbers: Float64Array, start: number, end: number): void {
    for (let i = start; i < end; i++) this.#numbers[this.#rowCount++] = numbers[i]!;
  }

  takePage(): EncodedPage {
    const rowCount = this.#rowCount;
    scratch.length = 0;
    scratch.reserve(8 * rowCount);
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < rowCount; i++) {
      const value = this.#numbers[i]!;
      if (value < min) min = value;
      if (value > max) max = value;
      scratch.view.setInt32(8 * i, value | 0, true);
      scratch.view.setInt32(8 * i + 4, Math.floor(value / 2 ** 32), true);
    }
    scratch.length = 8 * rowCount;
    if (this.#isDelta) {
      deltas.length = 0;
      encodeDeltas((i) => scratch.view.getBigInt64(8 * i, true), rowCount, 64, deltas);
    }
    this.#rowCount = 0;
    if (min < this.#min) this.#min = min;
    if (max > this.#max) this.#max = max;
    return {
      encoding: this.#isDelta ? "DELTA_BINARY_PACKED" : "PLAIN",
      rowCount,
      nullCount: 0,
      levels: fullLevels(rowCount),
      body: this.#isDelta ? deltas.written() : scratch.written(),
      bounds: { min: int64(min), max: int64(max) },
    };
  }

  bounds(): Bounds {
    return { min: int64(this.#min), max: int64(this.#max) };
  }

  reset(): void {
    this.#rowCount = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = Number.NEGATIVE_INFINITY;
  }
}

/** One INT64 for all rows: when they were processed. */
export class ConstantColumn {
  readonly #value: Uint8Array;
  #rowCount = 0;

  constructor(value: number) {
    this.#value = int64(value);
  }

  append(count: number): void {
    this.#rowCount += count;
  }

  takePage(): EncodedPage {
    const rowCount = this.#rowCount;
    this.#rowCount = 0;
    const body = new Uint8Array(8);
    // Bit width 0 and one run of the dictionary's only value.
    const length = writeVarInt(body, 1, rowCount << 1);
    return {
      encoding: "RLE_DICTIONARY",
      rowCount,
      nullCount: 0,
      levels: fullLevels(rowCount),
      body: body.subarray(0, length),
      bounds: this.bounds(),
    };
  }

  takeDictionary(): { valueCount: number; body: Uint8Array } {
    return { valueCount: 1, body: this.#value };
  }

  bounds(): Bounds {
    return { min: this.#value, max: this.#value };
  }

  reset(): void {
    this.#rowCount = 0;
  }
}

function int64(value: number): Uint8Array {
  const out = new DataView(new ArrayBuffer(8));
  out.setBigInt64(0, BigInt(value), true);
  return new Uint8Array(out.buffer);
}
