/**
 * Recognises the compression of an object by its first bytes, never by its name or content type, and unpacks it as a stream.
 */

import { ArchiveTooLarge, CorruptArchive, TruncatedArchive } from "../errors.ts";
import type { ObjectRef } from "../object-ref.ts";
import { Archive, type ArchiveOptions, DEFAULT_LIMITS } from "./archive.ts";
import { bzip2Archives, startsLikeBzip2 } from "./bzip2.ts";
import { gatherBlocks } from "./gathered-blocks.ts";
import { gzipMembers, startsLikeGzip } from "./gzip-members.ts";
import { joinTexts } from "./joined-text.ts";
import { PackedBytes } from "./packed-bytes.ts";
import { startsLikeZstd, zstdFrames } from "./zstd-frames.ts";

export type Compression = "gzip" | "zstd" | "bzip2" | "none";

/** The most text that is unpacked from a head. */
const MAX_HEAD_BYTES = 8 << 20;
/** Archives within archives that are opened: some tools pack what is packed. */
const MAX_LEVELS = 2;
/** Bytes needed to recognise a compression format. */
const MAGIC_BYTES = 5;

/** Names the compression of an object by its first bytes; five are enough. */
export function compressionOf(head: Uint8Array): Compression {
  if (startsLikeGzip(head)) return "gzip";
  if (startsLikeZstd(head)) return "zstd";
  if (startsLikeBzip2(head)) return "bzip2";
  return "none";
}

/**
 * Unpacks an object as its bytes come: all members of an archive one after the other, and once more where the text is an
 * archive itself.
 *
 * @throws {TruncatedArchive} When the archive is cut, after all text that is there. That text does not depend on how the bytes
 *   come.
 * @throws {CorruptArchive} When the archive is damaged. The text before that cannot be trusted.
 * @throws {ArchiveTooLarge} When there is more text than the limits allow.
 * @throws {UnknownFormat} When it cannot be unpacked without a dictionary.
 */
export async function* unpack(
  packed: AsyncIterable<Uint8Array>,
  compression: Compression,
  options: ArchiveOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const archive = new Archive(options);
  const levels: PackedBytes[] = [];
  try {
    let bytes = archive.countPacked(packed);
    let kind = compression;
    for (let level = 0; level < MAX_LEVELS && kind !== "none"; level++) {
      const outer = new PackedBytes(bytes);
      const text = archive.countText(gatherBlocks(joinTexts(membersOf(outer, kind, archive))));
      const inner = new PackedBytes(text);
      levels.unshift(inner, outer);
      kind = compressionOf(await inner.peek(MAGIC_BYTES));
      bytes = inner.all();
    }
    yield* levels.length === 0 ? archive.countText(bytes) : bytes;
  } finally {
    // A reader that stops early frees the memory and closes the connection, too: from the text to the object.
    for (const level of levels) await level.close();
  }
}

function membersOf(
  packed: PackedBytes,
  compression: Exclude<Compression, "none">,
  archive: Archive,
): AsyncIterable<AsyncIterable<Uint8Array>> {
  switch (compression) {
    case "gzip":
      return gzipMembers(packed, archive);
    case "zstd":
      return zstdFrames(packed, archive);
    case "bzip2":
      return bzip2Archives(packed, archive);
  }
}

/** The text in the first bytes of an object. */
interface TextHead {
  /** Possibly empty. */
  readonly text: Uint8Array;
  /** Whether the archive goes on after these bytes. When they are all of the object, it is cut. */
  readonly goesOn: boolean;
}

/**
 * Unpacks as much of an object's head as possible: it may end anywhere, and it may be damaged. zstd is unpacked by blocks of up
 * to 128 KiB, bzip2 by blocks of up to 900 kB: a head that is shorter than the first packed block gives no text.
 *
 * @throws {UnknownFormat} When it cannot be unpacked without a dictionary.
 */
export async function unpackHead(
  head: Uint8Array,
  compression: Compression,
  object: ObjectRef = { bucket: "", key: "" },
): Promise<TextHead> {
  let goesOn = false;
  const text: Uint8Array[] = [];
  let byteLength = 0;
  try {
    for await (const bytes of unpack(oneBlock(head), compression, { object, limits: DEFAULT_LIMITS })) {
      text.push(bytes);
      byteLength += bytes.length;
      if (byteLength >= MAX_HEAD_BYTES) break;
    }
  } catch (error) {
    const isOfArchive =
      error instanceof TruncatedArchive || error instanceof CorruptArchive || error instanceof ArchiveTooLarge;
    if (!isOfArchive) throw error;
    // The error will be reported when the whole object is unpacked.
    goesOn = error instanceof TruncatedArchive;
  }
  return { text: Buffer.concat(text), goesOn };
}

/**
 * Unpacks just enough of an object to tell whether it is a decompression bomb.
 *
 * @throws {ArchiveTooLarge} When it is a bomb.
 * @throws {CorruptArchive} When it is damaged before that.
 */
export async function checkForBomb(
  packed: AsyncIterable<Uint8Array>,
  compression: Compression,
  options: ArchiveOptions,
): Promise<void> {
  const { ratioFromBytes } = options.limits ?? DEFAULT_LIMITS;
  let textBytes = 0;
  // An archive that ends earlier is not a bomb.
  for await (const bytes of new UntilTruncated(unpack(packed, compression, options))) {
    textBytes += bytes.length;
    if (textBytes > ratioFromBytes) return;
  }
}

async function* oneBlock(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/**
 * A text that ends where its archive was cut, and remembers why. The reader has to check `cut` afterwards.
 *
 * ```ts
 * const text = new UntilTruncated(unpack(…));
 * for await (const bytes of text) …
 * if (text.cut) throw text.cut;
 * ```
 */
export class UntilTruncated implements AsyncIterable<Uint8Array> {
  /** Why the text ended early. */
  cut: TruncatedArchive | undefined;
  readonly #text: AsyncIterable<Uint8Array>;

  constructor(text: AsyncIterable<Uint8Array>) {
    this.#text = text;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* this.#text;
    } catch (error) {
      if (!(error instanceof TruncatedArchive)) throw error;
      this.cut = error;
    }
  }
}
