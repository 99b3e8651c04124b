import { Kernel } from "../kernel/kernel.ts";
import {
  ENCODING_DELTA_BINARY_PACKED,
  ENCODING_DELTA_LENGTH_BYTE_ARRAY,
  ENCODING_PLAIN,
  ENCODING_RLE_DICTIONARY,
  PAGE_BODY_AT,
  PAGE_BODY_LENGTH,
  PAGE_BOUNDS,
  PAGE_ENCODING,
  PAGE_HAS_BOUNDS,
  PAGE_LEVELS_AT,
  PAGE_LEVELS_LENGTH,
  PAGE_NULL_COUNT,
  PAGE_ROW_COUNT,
} from "../kernel/shared-numbers.ts";
import { FIELD_STRIDE } from "../rows/block-layout.ts";
import type { RowBlock } from "../rows/row-block.ts";
import type { ColumnDefinition, ColumnType } from "../rows/schema.ts";
import { valueByteLength } from "../rows/typed-value.ts";
import type { Bounds, ColumnEncoder, EncodedPage, InvalidField } from "./column-encoder.ts";
import type { ColumnEngine } from "./column-engine.ts";
import type { PageEncoding } from "./row-group.ts";

/** A finished kernel, kept for the next chunk: its memory is already mapped, which is the expensive part. */
let idle: Kernel | undefined;
/** A kernel with more memory is not kept: a function that stays warm would hold it. */
const MAX_IDLE_BYTES = 128 << 20;

/** Opens the engine in WebAssembly. */
export function openKernelEngine(fieldColumns: number): ColumnEngine {
  const kernel = idle?.fieldColumns === fieldColumns ? idle : new Kernel(fieldColumns);
  idle = undefined;
  return {
    name: "kernel",
    memory: kernel,
    kernel,
    openColumn: (definition, encodings): ColumnEncoder => new KernelColumn(kernel, definition, encodings === "delta"),
    snappy: (bytes) => kernel.snappy(bytes),
    close() {
      if (kernel.exports.memory.buffer.byteLength > MAX_IDLE_BYTES) return;
      kernel.reset();
      idle = kernel;
    },
  };
}

/** Page encodings by the kernel's numbers. */
const encodings: Readonly<Record<number, PageEncoding>> = {
  [ENCODING_PLAIN]: "PLAIN",
  [ENCODING_RLE_DICTIONARY]: "RLE_DICTIONARY",
  [ENCODING_DELTA_BINARY_PACKED]: "DELTA_BINARY_PACKED",
  [ENCODING_DELTA_LENGTH_BYTE_ARRAY]: "DELTA_LENGTH_BYTE_ARRAY",
};

/** A column whose work the kernel does. */
class KernelColumn implements ColumnEncoder {
  readonly isText: boolean;
  readonly #kernel: Kernel;
  readonly #type: ColumnType;
  readonly #column: number;

  constructor(kernel: Kernel, { type, decoding }: ColumnDefinition, isDelta: boolean) {
    this.#kernel = kernel;
    this.#type = type;
    this.isText = type === "string";
    this.#column = kernel.exports.openColumn(kernel.kindOf(type), kernel.decodingNumber(decoding), isDelta ? 1 : 0);
  }

  get heldBytes(): number {
    return this.#kernel.exports.heldBytes(this.#column);
  }

  append(block: RowBlock, column: number, startRow: number, endRow: number, invalid: InvalidField[]): void {
    const kernel = this.#kernel;
    const fieldsAt = kernel.fieldsAt + column * FIELD_STRIDE * 8;
    const invalidCount = kernel.exports.append(this.#column, fieldsAt, startRow, endRow);
    if (invalidCount > 0) {
      const { view } = kernel;
      const rowsAt = kernel.result(0);
      for (let i = 0; i < invalidCount; i++) invalid.push({ row: view.getUint32(rowsAt + 4 * i, true), column });
    }
    block.renewViews();
  }

  takePage(): EncodedPage {
    const kernel = this.#kernel;
    kernel.exports.takePage(this.#column);
    const [levelsAt, levelsLength] = [kernel.result(PAGE_LEVELS_AT), kernel.result(PAGE_LEVELS_LENGTH)];
    const [bodyAt, bodyLength] = [kernel.result(PAGE_BODY_AT), kernel.result(PAGE_BODY_LENGTH)];
    const { bytes } = kernel;
    return {
      encoding: encodings[kernel.result(PAGE_ENCODING)]!,
      rowCount: kernel.result(PAGE_ROW_COUNT),
      nullCount: kernel.result(PAGE_NULL_COUNT),
      levels: bytes.subarray(levelsAt, levelsAt + levelsLength),
      body: bytes.subarray(bodyAt, bodyAt + bodyLength),
      bounds: kernel.result(PAGE_HAS_BOUNDS) === 1 ? this.#boundsAt(PAGE_BOUNDS) : undefined,
    };
  }

  takeDictionary(): { readonly valueCount: number; readonly body: Uint8Array } | undefined {
    const kernel = this.#kernel;
    const valueCount = kernel.exports.takeDictionary(this.#column);
    if (valueCount === 0) return undefined;
    const at = kernel.result(0);
    return { valueCount, body: kernel.bytes.subarray(at, at + kernel.result(1)) };
  }

  bounds(): Bounds | undefined {
    const kernel = this.#kernel;
    if (kernel.exports.takeBounds(this.#column) === 0) return undefined;
    return this.#boundsAt(0);
  }

  /** Least and greatest value that the last call left in its result, from a position on. */
  #boundsAt(position: number): Bounds {
    return this.isText ? this.#textBounds(position) : this.#valueBounds(position);
  }

  #textBounds(position: number): Bounds {
    const kernel = this.#kernel;
    const text = (at: number) => kernel.bytes.slice(kernel.result(at), kernel.result(at) + kernel.result(at + 1));
    return { min: text(position), max: text(position + 2) };
  }

  #valueBounds(position: number): Bounds {
    const width = valueByteLength(this.#type as Exclude<ColumnType, "string">);
    const min = this.#kernel.resultBytes(position).subarray(0, width);
    const max = this.#kernel.resultBytes(position + 2).subarray(0, width);
    if (this.#type === "double") {
      // Readers may distinguish -0 and +0: the bounds have to contain both.
      const isZero = (value: Uint8Array) => new DataView(value.buffer).getFloat64(0, true) === 0;
      if (isZero(min)) new DataView(min.buffer).setFloat64(0, -0, true);
      if (isZero(max)) new DataView(max.buffer).setFloat64(0, 0, true);
    }
    return { min, max };
  }

  reset(): void {
    this.#kernel.exports.resetColumn(this.#column);
  }

  close(): void {
    this.#kernel.exports.closeColumn(this.#column);
  }
}
