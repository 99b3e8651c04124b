import type { Bounds } from "../column-encoder.ts";

/** Follows the least and greatest of texts, in the order of their bytes. */
export class TextBounds {
  #min: Uint8Array | undefined;
  #max: Uint8Array | undefined;
  // The first four bytes of each as a number, which settles nearly every comparison.
  #minPrefix = 0;
  #maxPrefix = 0;

  add(view: DataView, bytes: Uint8Array, start: number, length: number): void {
    const prefix = prefixOf(view, bytes, start, length);
    if (this.#min === undefined || this.#max === undefined) {
      this.#min = this.#max = bytes.slice(start, start + length);
      this.#minPrefix = this.#maxPrefix = prefix;
      return;
    }
    if (prefix <= this.#minPrefix && compareBytes(bytes, start, length, this.#min) < 0) {
      this.#min = bytes.slice(start, start + length);
      this.#minPrefix = prefix;
    } else if (prefix >= this.#maxPrefix && compareBytes(bytes, start, length, this.#max) > 0) {
      this.#max = bytes.slice(start, start + length);
      this.#maxPrefix = prefix;
    }
  }

  get(): Bounds | undefined {
    return this.#min && this.#max ? { min: this.#min, max: this.#max } : undefined;
  }

  clear(): void {
    this.#min = undefined;
    this.#max = undefined;
  }
}

function prefixOf(view: DataView, bytes: Uint8Array, start: number, length: number): number {
  if (length >= 4) return view.getUint32(start, false);
  let prefix = 0;
  for (let i = 0; i < 4; i++) prefix = prefix * 256 + (i < length ? bytes[start + i]! : 0);
  return prefix;
}

function compareBytes(bytes: Uint8Array, start: number, length: number, other: Uint8Array): number {
  const shared = Math.min(length, other.length);
  for (let i = 0; i < shared; i++) {
    const difference = bytes[start + i]! - other[i]!;
    if (difference !== 0) return difference;
  }
  return length - other.length;
}
