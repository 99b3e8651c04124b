/**
 * Members that unpack to little, at once. `unpackStream` takes a thread and much memory for each, which costs more than all
 * else for an object of a few lines, or an archive of thousands of them.
 */
import type { gunzipSync, inflateRawSync, zstdDecompressSync } from "node:zlib";
import type { PackedBytes } from "./packed-bytes.ts";

/** So many packed bytes are looked at. */
const MAX_PACKED_BYTES = 64 << 10;
/** No larger text is unpacked at once: it is memory, and time in which nothing else is done. */
const MAX_TEXT_BYTES = 256 << 10;
/** Memory is taken in such steps; many texts are smaller than Node's 16 KiB. */
const STEP_BYTES = 4 << 10;
/** How Node names what zlib and zstd find wrong, input without an end included, and a text that is too large. */
const FAILURE = /^(Z_|ZSTD_|ERR_BUFFER_TOO_LARGE$)/;

/** Each stops at the end of a member or a frame, whatever follows; `gunzipSync` goes on when it is a member. */
type UnpackSync = typeof gunzipSync | typeof inflateRawSync | typeof zstdDecompressSync;

/**
 * Unpacks what bytes begin with.
 *
 * @returns Its text, and how many of the bytes it took. Undefined when it is larger than `maxTextBytes`, has no end, or is
 *   damaged.
 */
export function unpackAtOnce(
  unpack: UnpackSync,
  bytes: Uint8Array,
  maxTextBytes: number,
): { text: Uint8Array; packedBytes: number } | undefined {
  try {
    const options = { info: true, chunkSize: STEP_BYTES, maxOutputLength: maxTextBytes } as const;
    // This is what comes back with `info`, of which the types do not know.
    const { buffer, engine } = unpack(bytes, options) as unknown as WithInfo;
    return { text: buffer, packedBytes: engine.bytesWritten };
  } catch (error) {
    if (FAILURE.test((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

/** @see https://nodejs.org/api/zlib.html#class-options */
interface WithInfo {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

export class SmallMembers {
  /** Of the member before: they are mostly alike. */
  lastTextBytes = Number.POSITIVE_INFINITY;
  readonly #unpack: UnpackSync;

  constructor(unpack: UnpackSync) {
    this.#unpack = unpack;
  }

  /**
   * Takes the packed data that comes next.
   *
   * @returns Its text. Undefined, and nothing is taken, when it may be large, is cut, or is damaged: `unpackStream` tells
   *   which, and gives the text before that.
   */
  async take(packed: PackedBytes): Promise<Uint8Array | undefined> {
    const head = await packed.peek(MAX_PACKED_BYTES);
    // Not tried on the first member of a large archive, as hardly any is small.
    if (this.lastTextBytes > MAX_TEXT_BYTES && head.length >= MAX_PACKED_BYTES) return undefined;
    const small = unpackAtOnce(this.#unpack, head, MAX_TEXT_BYTES);
    if (!small) return undefined;
    packed.skip(small.packedBytes);
    this.lastTextBytes = small.text.length;
    return small.text;
  }
}
