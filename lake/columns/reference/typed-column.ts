import { MAX_DISTINCT_NUMBER_PERCENT } from "../../kernel/shared-numbers.ts";
import { GrowingBytes } from "../../rows/growing-bytes.ts";
import type { RowBlock } from "../../rows/row-block.ts";
import type { ColumnType } from "../../rows/schema.ts";
import { parseValue, valueByteLength } from "../../rows/typed-value.ts";
import type { Bounds } from "../column-encoder.ts";
import { encodeDeltas } from "../encodings/delta-encoding.ts";
import type { PageEncoding } from "../row-group.ts";
import { DictionaryColumn, type Scratch } from "./dictionary-column.ts";
import { TypedBounds } from "./typed-bounds.ts";

/** Numbers, times, dates and booleans: parsed once for each distinct text. */
export class TypedColumn extends DictionaryColumn {
  readonly isText = false;
  readonly #isDelta: boolean;
  readonly #type: Exclude<ColumnType, "string">;
  readonly #width: 1 | 4 | 8;
  /** PLAIN-encoded values of the dictionary, by id. */
  readonly #values = new GrowingBytes(256);
  readonly #chunkBounds: TypedBounds;
  readonly #pageBounds: TypedBounds;

  constructor(type: Exclude<ColumnType, "string">, isDelta: boolean, scratch: Scratch) {
    // Parquet has no dictionary of booleans.
    super(scratch, MAX_DISTINCT_NUMBER_PERCENT, type === "boolean");
    this.#type = type;
    this.#width = valueByteLength(type);
    this.#isDelta = isDelta && type !== "boolean" && type !== "double";
    this.#chunkBounds = new TypedBounds(type);
    this.#pageBounds = new TypedBounds(type);
  }

  protected get dictionaryByteLength(): number {
    return this.index.count * this.#width;
  }

  protected addDictionaryValue(block: RowBlock, id: number, start: number, length: number): boolean {
    const values = this.#values;
    values.length = id * this.#width;
    values.reserve(8);
    if (!parseValue(this.#type, block.bytes, start, start + length, values.view, values.length)) return false;
    values.length += this.#width;
    return true;
  }

  protected addPlainValue(block: RowBlock, start: number, length: number): boolean {
    const { plain } = this;
    plain.reserve(8);
    if (!parseValue(this.#type, block.bytes, start, start + length, plain.view, plain.length)) return false;
    plain.length += this.#width;
    return true;
  }

  protected copyToPlain(id: number): void {
    const from = id * this.#width;
    this.plain.append(this.#values.bytes.subarray(from, from + this.#width));
  }

  protected pageBounds(): Bounds | undefined {
    const page = this.#pageBounds;
    page.clear();
    if (this.isPlain) {
      for (let at = 0; at < this.plain.length; at += this.#width) page.add(this.plain.view, at);
    } else {
      const { ids } = this;
      for (let i = 0; i < this.valueCount; i++) page.add(this.#values.view, ids[i]! * this.#width);
    }
    this.#chunkBounds.merge(page);
    return page.get();
  }

  protected encodePlain(scratch: GrowingBytes): { encoding: PageEncoding; body: Uint8Array } {
    if (this.#type === "boolean") return { encoding: "PLAIN", body: this.#packBooleans() };
    const { plain } = this;
    if (!this.#isDelta) return { encoding: "PLAIN", body: plain.written() };
    scratch.length = 0;
    if (this.#width === 4) encodeDeltas((i) => BigInt(plain.view.getInt32(4 * i, true)), this.valueCount, 32, scratch);
    else encodeDeltas((i) => plain.view.getBigInt64(8 * i, true), this.valueCount, 64, scratch);
    return { encoding: "DELTA_BINARY_PACKED", body: scratch.written() };
  }

  #packBooleans(): Uint8Array {
    const values = this.plain.written();
    const packed = new Uint8Array(Math.ceil(values.length / 8));
    for (let i = 0; i < values.length; i++) packed[i >> 3]! |= values[i]! << (i & 7);
    return packed;
  }

  protected encodeDictionary(): Uint8Array {
    return this.#values.bytes.subarray(0, this.index.count * this.#width);
  }

  bounds(): Bounds | undefined {
    return this.#chunkBounds.get();
  }

  override reset(): void {
    super.reset();
    this.#values.length = 0;
    this.#chunkBounds.clear();
  }
}
