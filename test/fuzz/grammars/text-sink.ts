/** Bytes that grow and can be edited in place: what a generator writes its text into. */
export class TextSink {
  bytes: Uint8Array;
  length = 0;

  constructor(capacity = 1 << 16) {
    this.bytes = new Uint8Array(capacity);
  }

  put(text: Uint8Array): void {
    this.#reserve(text.length);
    const { bytes, length } = this;
    // A call into the runtime costs more than a short loop.
    if (text.length > 48) bytes.set(text, length);
    else for (let i = 0; i < text.length; i++) bytes[length + i] = text[i]!;
    this.length += text.length;
  }

  putByte(byte: number): void {
    this.#reserve(1);
    this.bytes[this.length++] = byte;
  }

  /** Puts `text` in the place of `[start, end)`. */
  replace(start: number, end: number, text: Uint8Array): void {
    const growth = text.length - (end - start);
    if (growth > 0) this.#reserve(growth);
    if (growth !== 0) this.bytes.copyWithin(end + growth, end, this.length);
    this.bytes.set(text, start);
    this.length += growth;
  }

  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  #reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.length + count));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}
