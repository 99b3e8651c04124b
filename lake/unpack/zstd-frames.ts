/**
 * Unpacks the frames of a zstd archive. Node's decompressor stops after the first frame, without an error when all input came
 * at once: the text of the others would be lost.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8878#section-3.1
 */
import { createZstdDecompress, zstdDecompressSync } from "node:zlib";
import { UnknownFormat } from "../errors.ts";
import type { Archive } from "./archive.ts";
import type { PackedBytes } from "./packed-bytes.ts";
import { SmallMembers } from "./small-members.ts";
import { skipTrailingBytes } from "./trailing-bytes.ts";
import { INPUT_BYTES, OUTPUT_BYTES, unpackStream } from "./zlib-unpacker.ts";

const FRAME_MAGIC = Buffer.of(0x28, 0xb5, 0x2f, 0xfd);
/** One of the sixteen magic numbers of frames without text; the lower half of the first byte differs. */
const SKIPPABLE_MAGIC = Buffer.of(0x50, 0x2a, 0x4d, 0x18);
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;
const MAX_BLOCK_BYTES = 128 << 10;
/** The limit of the `zstd` program by default; only `--long=28` and above write more. */
const MAX_WINDOW_BYTES = 2 ** 27;

/** Whether bytes begin as a zstd archive does. Some tools put a skippable frame first. */
export function startsLikeZstd(head: Uint8Array): boolean {
  return head.length >= 4 && (isFrame(head) || isSkippable(head));
}

/**
 * The texts of all frames; each has to be read to its end before the next. Skippable frames are skipped.
 *
 * @throws {TruncatedArchive} After the text of all whole blocks.
 * @throws {CorruptArchive} When a checksum is wrong or the packed data makes no sense.
 * @throws {ArchiveTooLarge} When unpacking needs more memory than there may be.
 * @throws {UnknownFormat} When a frame needs a dictionary.
 */
export async function* zstdFrames(
  packed: PackedBytes,
  archive: Archive,
): AsyncGenerator<AsyncIterable<Uint8Array>, void, undefined> {
  const smalls = new SmallMembers(zstdDecompressSync);
  while (await hasNext(packed, archive)) {
    const start = packed.offset;
    yield frameText(packed, archive, smalls);
    if (packed.offset === start) throw new Error("The next frame was asked for before the one before was taken");
  }
}

async function hasNext(packed: PackedBytes, archive: Archive): Promise<boolean> {
  for (;;) {
    const head = (await packed.peek(8)).subarray(0, 8);
    if (head.length === 0) {
      if (packed.cut) throw packed.cut;
      return false;
    }
    if (isFrame(head)) {
      if (head.length < 4) throw cutAt(packed, archive, "frame");
      return true;
    }
    if (!isSkippable(head)) {
      await skipTrailingBytes(packed, archive, FRAME_MAGIC);
      return false;
    }
    const start = packed.offset;
    const length = head.length < 8 ? Number.POSITIVE_INFINITY : 8 + Buffer.from(head).readUInt32LE(4);
    for await (const _ of packed.blocks(INPUT_BYTES, length));
    if (packed.offset - start !== length) throw cutAt(packed, archive, "skippable frame", start);
  }
}

function cutAt(packed: PackedBytes, archive: Archive, what: string, start = packed.offset): Error {
  return packed.cut ?? archive.cut(`the zstd ${what} at byte ${start} breaks off at byte ${packed.offset}`);
}

async function* frameText(
  packed: PackedBytes,
  archive: Archive,
  smalls: SmallMembers,
): AsyncGenerator<Uint8Array, void, undefined> {
  const start = packed.offset;
  const small = await smalls.take(packed);
  if (small) {
    yield small;
    return;
  }
  const frame = new FrameBytes(packed, archive);
  let textBytes = 0;
  const onText = (bytes: Uint8Array) => {
    textBytes += bytes.length;
  };
  const end = yield* unpackStream(createZstdDecompress({ chunkSize: OUTPUT_BYTES }), frame.blocks(), onText);
  if (end.status === "damaged") throw archive.corrupt(`the zstd frame at byte ${start} is damaged (${end.detail})`);
  if (frame.isTruncated) throw cutAt(packed, archive, "frame", start);
  if (end.status === "unfinished" || end.rest.length > 0)
    throw archive.corrupt(`the zstd frame at byte ${start} is damaged (its blocks do not fill it)`);
  smalls.lastTextBytes = textBytes;
}

/** The bytes of one frame, whose headers tell where it ends. */
class FrameBytes {
  /** Set when all blocks were taken. */
  isTruncated = false;
  readonly #packed: PackedBytes;
  readonly #archive: Archive;

  constructor(packed: PackedBytes, archive: Archive) {
    this.#packed = packed;
    this.#archive = archive;
  }

  async *blocks(): AsyncGenerator<Uint8Array, void, undefined> {
    const start = this.#packed.offset;
    const head = await this.#packed.peek(18);
    const descriptor = head[4] ?? 0;
    const hasChecksum = (descriptor & 4) !== 0;
    const header = readHeader(head, descriptor);
    if (header) this.#check(header, start);
    yield* this.#pass(header?.byteLength ?? 18);
    for (let isLast = false; !isLast && !this.isTruncated; ) {
      const bytes = await this.#packed.peek(BLOCK_HEADER_BYTES);
      const block = bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16);
      isLast = (block & 1) === 1;
      const type = (block >> 1) & 3;
      const byteLength = type === RLE_BLOCK ? 1 : block >> 3;
      // The decompressor reports this, too, but not when the block is cut.
      if (bytes.length >= BLOCK_HEADER_BYTES && (type === RESERVED_BLOCK || block >> 3 > MAX_BLOCK_BYTES))
        throw this.#archive.corrupt(
          `the zstd frame at byte ${start} is damaged (no block at byte ${this.#packed.offset})`,
        );
      yield* this.#pass(bytes.length < BLOCK_HEADER_BYTES ? BLOCK_HEADER_BYTES : BLOCK_HEADER_BYTES + byteLength);
    }
    if (hasChecksum && !this.isTruncated) yield* this.#pass(CHECKSUM_BYTES);
  }

  #check({ windowBytes, dictionaryId }: FrameHeader, start: number): void {
    const frame = `the zstd frame at byte ${start}`;
    if (dictionaryId !== 0)
      throw new UnknownFormat(
        this.#archive.object,
        undefined,
        `: ${frame} is packed with dictionary ${dictionaryId}, which only its sender has. Have it packed without one`,
      );
    if (windowBytes > MAX_WINDOW_BYTES)
      throw this.#archive.tooLarge(
        `${frame} needs ${windowBytes} bytes of memory, and ${MAX_WINDOW_BYTES} are the limit. Pack it with --long=27 or less`,
      );
  }

  async *#pass(count: number): AsyncGenerator<Uint8Array, void, undefined> {
    let passed = 0;
    for await (const bytes of this.#packed.blocks(INPUT_BYTES, count)) {
      passed += bytes.length;
      yield bytes;
    }
    if (passed < count) this.isTruncated = true;
  }
}

interface FrameHeader {
  readonly byteLength: number;
  /** Bytes of earlier text that unpacking needs. */
  readonly windowBytes: number;
  /** 0 without a dictionary. */
  readonly dictionaryId: number;
}

/** @returns Undefined when the header is incomplete. */
function readHeader(bytes: Uint8Array, descriptor: number): FrameHeader | undefined {
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const windowAt = 5;
  const dictionaryAt = windowAt + (isSingleSegment ? 0 : 1);
  const sizeAt = dictionaryAt + [0, 1, 2, 4][descriptor & 3]!;
  const byteLength = sizeAt + [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  if (bytes.length < byteLength) return undefined;
  const dictionaryId = littleEndian(bytes, dictionaryAt, sizeAt);
  // A frame of a single segment needs all of its text. Sizes in two bytes begin at 256.
  if (isSingleSegment)
    return {
      byteLength,
      windowBytes: littleEndian(bytes, sizeAt, byteLength) + (descriptor >> 6 === 1 ? 256 : 0),
      dictionaryId,
    };
  const window = bytes[windowAt]!;
  const base = 2 ** (10 + (window >> 3));
  return { byteLength, windowBytes: base + (base / 8) * (window & 7), dictionaryId };
}

function littleEndian(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = end - 1; at >= start; at--) value = value * 256 + bytes[at]!;
  return value;
}

/** Whether a head, which may be shorter than a magic number, is the beginning of a frame. */
function isFrame(head: Uint8Array): boolean {
  return head.subarray(0, 4).every((byte, i) => byte === FRAME_MAGIC[i]);
}

function isSkippable(head: Uint8Array): boolean {
  return head.subarray(0, 4).every((byte, i) => (i === 0 ? byte & 0xf0 : byte) === SKIPPABLE_MAGIC[i]);
}
