/**
 * How an object is packed, told by its first bytes, and its text, streamed. No name and no content type is believed.
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

/** A head may unpack to so much at most. */
const MAX_HEAD_BYTES = 8 << 20;
/** Archives within archives that are opened: some tools pack what is packed. */
const MAX_LEVELS = 2;
/** What tells a packing. */
const MAGIC_BYTES = 5;

/** Names the packing from an object's first bytes; five are enough. */
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
 * @throws {TruncatedArchive} When the archive is cut, after all the text that is there, which is the same however the bytes
 *   come.
 * @throws {CorruptArchive} When the archive is damaged. The text before that cannot be believed.
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
    // Whoever stops early lets go of the memory and the connection, too: from the text to the object.
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

/** As much of a text as the first bytes of an object give. */
interface TextHead {
  /** Possibly empty. */
  readonly text: Uint8Array;
  /** The archive goes on after these bytes; when they are all that there is, it is cut. */
  readonly goesOn: boolean;
}

/**
 * Unpacks as much of an object's head as can be: it may end anywhere, and it may be damaged. zstd gives text by the
 * block of up to 128 KiB, bzip2 of up to 900 kB: a head that is shorter than the first packed block gives none.
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
    // What is wrong with the object is told by unpacking it whole.
    goesOn = error instanceof TruncatedArchive;
  }
  return { text: Buffer.concat(text), goesOn };
}

/**
 * Unpacks so much of an object as tells whether it is a bomb.
 *
 * @throws {ArchiveTooLarge} When it is one.
 * @throws {CorruptArchive} When it is damaged before that.
 */
export async function checkForBomb(
  packed: AsyncIterable<Uint8Array>,
  compression: Compression,
  options: ArchiveOptions,
): Promise<void> {
  const { ratioFromBytes } = options.limits ?? DEFAULT_LIMITS;
  let textBytes = 0;
  // An archive that is cut before that is none.
  for await (const bytes of new UntilCut(unpack(packed, compression, options))) {
    textBytes += bytes.length;
    if (textBytes > ratioFromBytes) return;
  }
}

async function* oneBlock(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/**
 * A text that ends where its archive was cut, and remembers it. Whoever takes it has to look at `cut` afterwards.
 *
 * ```ts
 * const text = new UntilCut(unpack(…));
 * for await (const bytes of text) …
 * if (text.cut) throw text.cut;
 * ```
 */
export class UntilCut implements AsyncIterable<Uint8Array> {
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
