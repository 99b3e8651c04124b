/**
 * Unpacks small members synchronously. `unpackStream` takes a thread and much memory for each member, which costs more than
 * everything else for an object of a few lines, or for an archive of thousands of members.
 */
import type { gunzipSync, inflateRawSync, zstdDecompressSync } from "node:zlib";
import type { PackedBytes } from "./packed-bytes.ts";

/** The most packed bytes that are tried. */
const MAX_PACKED_BYTES = 64 << 10;
/** The largest text that is unpacked synchronously: it takes memory, and blocks everything else meanwhile. */
const MAX_TEXT_BYTES = 256 << 10;
/** The step in which memory is taken; many texts are smaller than Node's 16 KiB. */
const STEP_BYTES = 4 << 10;
/** Codes of Node's errors for invalid or incomplete input, and for a text that is too large. */
const FAILURE = /^(Z_|ZSTD_|ERR_BUFFER_TOO_LARGE$)/;

/** Each stops at the end of a member or a frame, whatever follows; only `gunzipSync` goes on with the next member. */
type UnpackSync = typeof gunzipSync | typeof inflateRawSync | typeof zstdDecompressSync;

/**
 * Unpacks the member or frame that bytes begin with.
 *
 * @returns Its text, and how many bytes it has. Undefined when its text is larger than `maxTextBytes`, or when it has no end or
 *   is damaged.
 */
export function unpackAtOnce(
  unpack: UnpackSync,
  bytes: Uint8Array,
  maxTextBytes: number,
): { text: Uint8Array; packedBytes: number } | undefined {
  try {
    const options = { info: true, chunkSize: STEP_BYTES, maxOutputLength: maxTextBytes } as const;
    // The types do not know the result with `info`.
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
  /** Size of the last member's text: members are mostly alike. */
  lastTextBytes = Number.POSITIVE_INFINITY;
  readonly #unpack: UnpackSync;

  constructor(unpack: UnpackSync) {
    this.#unpack = unpack;
  }

  /**
   * Takes the next packed data.
   *
   * @returns Its text. Undefined, and nothing is taken, when it may be large, is cut, or is damaged: then `unpackStream` has to
   *   unpack it.
   */
  async take(packed: PackedBytes): Promise<Uint8Array | undefined> {
    const head = await packed.peek(MAX_PACKED_BYTES);
    // The first member of a large archive is hardly ever small.
    if (this.lastTextBytes > MAX_TEXT_BYTES && head.length >= MAX_PACKED_BYTES) return undefined;
    const small = unpackAtOnce(this.#unpack, head, MAX_TEXT_BYTES);
    if (!small) return undefined;
    packed.skip(small.packedBytes);
    this.lastTextBytes = small.text.length;
    return small.text;
  }
}
