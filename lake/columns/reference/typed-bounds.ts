import type { ColumnType } from "../../rows/schema.ts";
import { valueByteLength } from "../../rows/typed-value.ts";
import type { Bounds } from "../column-encoder.ts";

const NUMBER_OF_HIGH_WORD = 2 ** 32;
/** Beyond it, two different INT64 may be the same double. */
const MAX_EXACT = Number.MAX_SAFE_INTEGER;

/** Follows the least and greatest of PLAIN-encoded values of one type. */
export class TypedBounds {
  readonly #type: Exclude<ColumnType, "string">;
  #isEmpty = true;
  #min = 0;
  #max = 0;
  // INT64 beyond 2^53 are compared as such.
  #bigMin = 0n;
  #bigMax = 0n;
  #isBig = false;

  constructor(type: Exclude<ColumnType, "string">) {
    this.#type = type;
  }

  clear(): void {
    this.#isEmpty = true;
    this.#isBig = false;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = Number.NEGATIVE_INFINITY;
  }

  add(view: DataView, at: number): void {
    let value: number;
    switch (this.#type) {
      case "boolean":
        value = view.getUint8(at);
        break;
      case "int32":
      case "date":
        value = view.getInt32(at, true);
        break;
      case "double":
        value = view.getFloat64(at, true);
        break;
      default:
        value = view.getInt32(at + 4, true) * NUMBER_OF_HIGH_WORD + view.getUint32(at, true);
        if (value > MAX_EXACT || value < -MAX_EXACT || this.#isBig) {
          this.#addBig(view.getBigInt64(at, true));
          return;
        }
    }
    if (this.#isEmpty) {
      this.#isEmpty = false;
      this.#min = value;
      this.#max = value;
    } else if (value < this.#min) this.#min = value;
    else if (value > this.#max) this.#max = value;
  }

  #addBig(value: bigint): void {
    if (!this.#isBig) {
      this.#bigMin = this.#isEmpty ? value : BigInt(this.#min);
      this.#bigMax = this.#isEmpty ? value : BigInt(this.#max);
      this.#isBig = true;
      this.#isEmpty = false;
    }
    if (value < this.#bigMin) this.#bigMin = value;
    if (value > this.#bigMax) this.#bigMax = value;
  }

  merge(other: TypedBounds): void {
    const bounds = other.get();
    if (bounds === undefined) return;
    for (const { buffer, byteOffset, byteLength } of [bounds.min, bounds.max]) {
      this.add(new DataView(buffer, byteOffset, byteLength), 0);
    }
  }

  get(): Bounds | undefined {
    return this.#isEmpty ? undefined : { min: this.#encode(true), max: this.#encode(false) };
  }

  #encode(isMin: boolean): Uint8Array {
    const value = isMin ? this.#min : this.#max;
    const out = new DataView(new ArrayBuffer(valueByteLength(this.#type)));
    switch (this.#type) {
      case "boolean":
        out.setUint8(0, value);
        break;
      case "int32":
      case "date":
        out.setInt32(0, value, true);
        break;
      case "double":
        // Readers may distinguish -0 and +0: the bounds have to contain both.
        out.setFloat64(0, value === 0 ? (isMin ? -0 : 0) : value, true);
        break;
      default:
        out.setBigInt64(0, this.#isBig ? (isMin ? this.#bigMin : this.#bigMax) : BigInt(value), true);
    }
    return new Uint8Array(out.buffer);
  }
}
