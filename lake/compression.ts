/**
 * How an object is packed, told by its first bytes, and its text, streamed. No name and no content type is believed.
 */
import { once } from "node:events";
import { constants, createGunzip, createZstdDecompress, gunzipSync, zstdDecompressSync } from "node:zlib";
import { inflateBzip2, startsLikeBzip2 } from "./bzip2.ts";
import { ArchiveTooLarge, CorruptArchive } from "./errors.ts";
import type { ObjectRef } from "./object-ref.ts";
import { ZstdFrames } from "./zstd-frames.ts";

export type Compression = "gzip" | "zstd" | "bzip2" | "none";

const MIB = 1 << 20;

/** zlib hands over so much at a time: its default of 16 KiB is half as fast. */
const OUTPUT_BYTES = MIB;
/** Input given to zlib at a time, so that what comes of it stays small. */
const INPUT_BYTES = 128 << 10;
/** A head may unpack to so much at most. */
const MAX_HEAD_BYTES = 8 * MIB;
/** Archives within archives that are opened: some tools pack what is packed. */
const MAX_LEVELS = 2;

/** When to stop unpacking. */
export interface ArchiveLimits {
  /** Text of one object. */
  readonly maxBytes: number;
  /** Text for each byte of the archive; checked only beyond `ratioFromBytes`, as small texts may repeat themselves. */
  readonly maxRatio: number;
  readonly ratioFromBytes: number;
}

export const DEFAULT_LIMITS: ArchiveLimits = { maxBytes: 100 * 1024 * MIB, maxRatio: 250, ratioFromBytes: 64 * MIB };

/** Names the packing from an object's first bytes; four are enough. */
export function compressionOf(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return "zstd";
  // A skippable frame, which some tools put first.
  if ((head[0]! & 0xf0) === 0x50 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18) return "zstd";
  if (startsLikeBzip2(head)) return "bzip2";
  return "none";
}

/**
 * Unpacks as much of an object's head as can be: it may end anywhere, and it may be damaged. zstd gives text by the
 * block of up to 128 KiB, bzip2 of up to 900 kB: a head that is shorter than the first packed block gives none.
 *
 * @returns The text, possibly empty.
 */
export function inflateHead(head: Uint8Array, compression: Compression): Uint8Array {
  let text = inflateHeadOnce(head, compression);
  const inner = compressionOf(text);
  if (compression !== "none" && inner !== "none") text = inflateHeadOnce(text, inner);
  return text;
}

function inflateHeadOnce(head: Uint8Array, compression: Compression): Uint8Array {
  try {
    switch (compression) {
      case "none":
        return head;
      case "gzip":
        return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_HEAD_BYTES });
      case "zstd":
        return zstdDecompressSync(head, { finishFlush: constants.ZSTD_e_flush, maxOutputLength: MAX_HEAD_BYTES });
      case "bzip2":
        return firstBzip2Block(head);
    }
  } catch {
    // A head that cannot be read says nothing about the format; unpacking the whole object tells what is wrong.
    return new Uint8Array();
  }
}

/** A bzip2 block is up to 900 kB of text, so a head rarely holds a whole one. */
function firstBzip2Block(head: Uint8Array): Uint8Array {
  for (const block of inflateBzip2([head])) return block;
  return new Uint8Array();
}

export interface InflateOptions {
  /** Whose bytes they are, for the message of an error. */
  readonly object: ObjectRef;
  readonly limits?: ArchiveLimits;
}

/**
 * Unpacks an object as its bytes come: all members of an archive one after the other, and once more where the text is an
 * archive itself. Text before a damage is yielded before the error is thrown: all of it where the archive is cut. Bytes after the last member that are
 * no archive are passed over, as every tool does.
 *
 * @throws {CorruptArchive} When the archive is cut or damaged.
 * @throws {ArchiveTooLarge} When there is more text than the limits allow.
 */
export async function* inflate(
  packed: AsyncIterable<Uint8Array>,
  compression: Compression,
  { object, limits = DEFAULT_LIMITS }: InflateOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const account = new Account(object, limits);
  let text = inflateLevel(account.countPacked(packed), compression, account);
  for (let level = 1; level < MAX_LEVELS && compression !== "none"; level++) {
    const { head, all } = await peek(text, 4);
    const inner = compressionOf(head);
    text = inner === "none" ? all : inflateLevel(all, inner, account);
  }
  yield* text;
}

/** Follows sizes and compares them with the limits. */
class Account {
  readonly object: ObjectRef;
  readonly #limits: ArchiveLimits;
  #packedBytes = 0;
  #textBytes = 0;

  constructor(object: ObjectRef, limits: ArchiveLimits) {
    this.object = object;
    this.#limits = limits;
  }

  async *countPacked(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const bytes of packed) {
      this.#packedBytes += bytes.length;
      yield bytes;
    }
  }

  /** @returns An error when the text is too much now. */
  countText(bytes: number): ArchiveTooLarge | undefined {
    this.#textBytes += bytes;
    const { maxBytes, maxRatio, ratioFromBytes } = this.#limits;
    const facts = `${this.#textBytes} bytes of text out of ${this.#packedBytes} packed ones`;
    if (this.#textBytes > maxBytes) return new ArchiveTooLarge(this.object, `${facts}; the limit is ${maxBytes}`);
    if (this.#textBytes > ratioFromBytes && this.#textBytes > maxRatio * this.#packedBytes) {
      return new ArchiveTooLarge(this.object, `${facts}; the limit is ${maxRatio} for one`);
    }
    return undefined;
  }
}

async function* inflateLevel(
  packed: AsyncIterable<Uint8Array>,
  compression: Compression,
  account: Account,
): AsyncGenerator<Uint8Array, void, undefined> {
  switch (compression) {
    case "none":
      for await (const bytes of packed) {
        const error = account.countText(bytes.length);
        if (error) throw error;
        yield bytes;
      }
      return;
    case "gzip":
      return yield* throughZlib(packed, createGunzip({ chunkSize: OUTPUT_BYTES }), account);
    case "zstd": {
      const frames = new ZstdFrames(packed);
      while (await frames.hasNext()) {
        yield* throughZlib(frames.next(), createZstdDecompress({ chunkSize: OUTPUT_BYTES }), account);
      }
      return;
    }
    case "bzip2":
      return yield* throughBzip2(packed, account);
  }
}

type Unpacker = ReturnType<typeof createGunzip> | ReturnType<typeof createZstdDecompress>;

/**
 * Unpacks with zlib, one block of input ahead of whoever takes the text: zlib works in its own thread meanwhile.
 *
 * Input is written by hand and output taken by events. Reading the stream instead would lose the text before a damage:
 * a stream that fails drops what it has buffered.
 */
async function* throughZlib(
  packed: AsyncIterable<Uint8Array>,
  unpacker: Unpacker,
  account: Account,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { object } = account;
  let text: Uint8Array[] = [];
  let failure: Error | undefined;
  unpacker.on("data", (bytes: Uint8Array) => {
    if (failure) return;
    const error = account.countText(bytes.length);
    if (error) {
      failure = error;
      unpacker.destroy();
    } else text.push(bytes);
  });
  unpacker.on("error", (error: Error) => {
    failure ??= new CorruptArchive(object, error.message);
  });
  const closed = once(unpacker, "close").catch(() => undefined);
  const take = () => {
    const taken = text;
    text = [];
    return taken;
  };
  try {
    let writing: Promise<unknown> = Promise.resolve();
    for await (const bytes of packed) {
      for (let at = 0; at < bytes.length && !failure; at += INPUT_BYTES) {
        await writing;
        const ready = take();
        if (failure) break;
        writing = Promise.race([write(unpacker, bytes.subarray(at, at + INPUT_BYTES)), closed]);
        yield* ready;
      }
      if (failure) break;
    }
    await writing;
    if (!failure) unpacker.end();
    await closed;
    yield* take();
    if (failure) throw failure;
  } finally {
    unpacker.destroy();
  }
}

/** Resolves when zlib has taken the block; a failure is told by the `error` event. */
function write(unpacker: Unpacker, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    unpacker.write(bytes, () => resolve());
  });
}

async function* throughBzip2(
  packed: AsyncIterable<Uint8Array>,
  account: Account,
): AsyncGenerator<Uint8Array, void, undefined> {
  const blocks: Uint8Array[] = [];
  for await (const bytes of packed) blocks.push(bytes);
  const text = inflateBzip2(blocks);
  for (;;) {
    let next: IteratorResult<Uint8Array>;
    try {
      next = text.next();
    } catch (error) {
      throw new CorruptArchive(account.object, error instanceof Error ? error.message : String(error));
    }
    if (next.done) return;
    const error = account.countText(next.value.length);
    if (error) throw error;
    yield next.value;
  }
}

/** Looks at the first bytes of a stream without taking them. */
async function peek(
  stream: AsyncGenerator<Uint8Array, void, undefined>,
  count: number,
): Promise<{ head: Uint8Array; all: AsyncGenerator<Uint8Array, void, undefined> }> {
  const taken: Uint8Array[] = [];
  let length = 0;
  let failure: unknown;
  let isEnd = false;
  while (length < count && !isEnd) {
    try {
      const { value, done } = await stream.next();
      if (done) isEnd = true;
      else {
        taken.push(value);
        length += value.length;
      }
    } catch (error) {
      // Text that came before a failure is handed over before it.
      failure = error;
      isEnd = true;
    }
  }
  const all = (async function* () {
    yield* taken;
    if (failure !== undefined) throw failure;
    if (!isEnd) yield* stream;
  })();
  return { head: Buffer.concat(taken).subarray(0, count), all };
}
