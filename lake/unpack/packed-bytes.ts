/**
 * The bytes of an archive as they come, for a reader that looks ahead, takes a number of them, and hands back those that it
 * did not need.
 */
import { TruncatedArchive } from "../errors.ts";

const TAIL_BYTES = 16 << 10;

export class PackedBytes {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();
  #isEnd = false;
  #cut: TruncatedArchive | undefined;
  #offset = 0;
  #tail: Uint8Array = new Uint8Array();

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The place of the next byte in the archive. */
  get offset(): number {
    return this.#offset;
  }

  /** Set, once the end was reached, when the archive ends too early because the archive around it is cut. */
  get cut(): TruncatedArchive | undefined {
    return this.#cut;
  }

  /** The last 16 KiB that have come, or fewer. */
  get tail(): Uint8Array {
    return this.#tail;
  }

  /** Looks ahead: at least `count` bytes, fewer only when there are no more. */
  async peek(count: number): Promise<Uint8Array> {
    if (this.#rest.length < count && !this.#isEnd) {
      const blocks = this.#rest.length > 0 ? [this.#rest] : [];
      for (let length = this.#rest.length; length < count; ) {
        const block = await this.#nextBlock();
        if (!block) break;
        blocks.push(block);
        length += block.length;
      }
      this.#rest = blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks);
    }
    return this.#rest;
  }

  /** Skips bytes that `peek` has shown. */
  skip(count: number): void {
    if (count > this.#rest.length) throw new RangeError(`${count} bytes of ${this.#rest.length} cannot be passed over`);
    this.#rest = this.#rest.subarray(count);
    this.#offset += count;
  }

  /** Takes `count` bytes; undefined when there are fewer. */
  async take(count: number): Promise<Uint8Array | undefined> {
    const bytes = await this.peek(count);
    if (bytes.length < count) return undefined;
    this.skip(count);
    return bytes.subarray(0, count);
  }

  /** Takes blocks as they come, each of at most `maxBlockBytes` and all together at most `count` bytes. */
  async *blocks(maxBlockBytes: number, count = Number.POSITIVE_INFINITY): AsyncGenerator<Uint8Array, void, undefined> {
    for (let left = count; left > 0; ) {
      const block = (await this.peek(1)).subarray(0, Math.min(left, maxBlockBytes));
      if (block.length === 0) return;
      this.skip(block.length);
      left -= block.length;
      yield block;
    }
  }

  /**
   * Takes all bytes that are left.
   *
   * @throws {TruncatedArchive} After that, when the archive around it is cut.
   */
  async *all(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* this.blocks(Number.POSITIVE_INFINITY);
    if (this.#cut) throw this.#cut;
  }

  /** Hands back the last bytes that were taken. */
  unread(bytes: Uint8Array): void {
    const rest = this.#rest;
    const isNeighbour = bytes.buffer === rest.buffer && bytes.byteOffset + bytes.length === rest.byteOffset;
    // After each of many small members, most of a block is handed back; it must not be copied every time.
    if (isNeighbour) this.#rest = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length + rest.length);
    else this.#rest = rest.length === 0 ? bytes : Buffer.concat([bytes, rest]);
    this.#offset -= bytes.length;
  }

  /** Closes the connection behind it. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #nextBlock(): Promise<Uint8Array | undefined> {
    try {
      const { value, done } = await this.#source.next();
      if (!done) {
        const isEnough = value.length >= TAIL_BYTES;
        this.#tail = (isEnough ? value : Buffer.concat([this.#tail, value])).subarray(-TAIL_BYTES);
        return value;
      }
    } catch (error) {
      // The bytes before the cut are unpacked first; the reader checks `cut` at the end.
      if (!(error instanceof TruncatedArchive)) throw error;
      this.#cut = error;
    }
    this.#isEnd = true;
    return undefined;
  }
}
