/**
 * Takes a zstd archive apart into its frames. Node's decompressor stops after the first one, without an error when all of
 * it came at once: the text of the others would be lost.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8878#section-3.1
 */

const MAGIC_BYTES = 4;
const FRAME_MAGIC = 0xfd2fb528;
/** Sixteen magic numbers stand for frames that hold no text. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const RLE_BLOCK = 1;

export class ZstdFrames {
  readonly #packed: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(packed: AsyncIterable<Uint8Array>) {
    this.#packed = packed[Symbol.asyncIterator]();
  }

  /**
   * Whether a frame with text follows. Skippable frames are passed over; what is no frame ends the archive.
   */
  async hasNext(): Promise<boolean> {
    for (;;) {
      await this.#gather(MAGIC_BYTES);
      if (this.#rest.length < MAGIC_BYTES) return false;
      const magic = uint32(this.#rest, 0);
      if (magic === FRAME_MAGIC) return true;
      if ((magic & 0xfffffff0) >>> 0 !== SKIPPABLE_MAGIC) return false;
      await this.#gather(2 * MAGIC_BYTES);
      if (this.#rest.length < 2 * MAGIC_BYTES) return false;
      for await (const _ of this.#pass(2 * MAGIC_BYTES + uint32(this.#rest, MAGIC_BYTES)));
    }
  }

  /** The bytes of the next frame, which has to be there. Fewer when the archive is cut. */
  async *next(): AsyncGenerator<Uint8Array, void, undefined> {
    await this.#gather(MAGIC_BYTES + 1);
    const descriptor = this.#rest[MAGIC_BYTES] ?? 0;
    const isSingleSegment = (descriptor & 0x20) !== 0;
    const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
    const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
    yield* this.#pass(MAGIC_BYTES + 1 + (isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes);
    for (let isLast = false; !isLast; ) {
      await this.#gather(BLOCK_HEADER_BYTES);
      if (this.#rest.length < BLOCK_HEADER_BYTES) break;
      const header = this.#rest[0]! | (this.#rest[1]! << 8) | (this.#rest[2]! << 16);
      isLast = (header & 1) === 1;
      const byteLength = ((header >> 1) & 3) === RLE_BLOCK ? 1 : header >> 3;
      yield* this.#pass(BLOCK_HEADER_BYTES + byteLength);
    }
    yield* this.#pass((descriptor & 4) !== 0 ? CHECKSUM_BYTES : 0);
  }

  /** Reads on until there are so many bytes, or no more. */
  async #gather(count: number): Promise<void> {
    while (this.#rest.length < count) {
      const { value, done } = await this.#packed.next();
      if (done) return;
      this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
    }
  }

  /** Hands over so many bytes, or all there are. */
  async *#pass(count: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let left = count; left > 0; ) {
      await this.#gather(1);
      if (this.#rest.length === 0) return;
      const bytes = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(bytes.length);
      left -= bytes.length;
      yield bytes;
    }
  }
}

function uint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
