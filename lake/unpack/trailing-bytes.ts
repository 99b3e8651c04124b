import type { Archive } from "./archive.ts";
import type { PackedBytes } from "./packed-bytes.ts";

/** The beginnings of all archives that we unpack. */
const BEGINNINGS = [Buffer.of(0x1f, 0x8b, 8), Buffer.of(0x28, 0xb5, 0x2f, 0xfd), Buffer.from("BZh")];
/** Bytes that are read at a time. */
const BLOCK_BYTES = 128 << 10;

/** Whether bytes begin in the given way, with at most one of these bytes damaged. */
export function resembles(bytes: Uint8Array, beginning: Uint8Array): boolean {
  return beginning.filter((byte, i) => byte !== bytes[i]).length <= 1;
}

/**
 * Skips bytes after the archive that are not an archive, as every tool does, and warns about them.
 *
 * @param beginning - The beginning of an archive of this kind.
 * @throws {CorruptArchive} When these bytes seem to be or to hold an archive, or are an archive of another kind: its lines would
 *   be lost.
 */
export async function skipTrailingBytes(packed: PackedBytes, archive: Archive, beginning: Uint8Array): Promise<void> {
  const start = packed.offset;
  const head = await packed.peek(beginning.length);
  if (resembles(head, beginning)) throw archive.corrupt(`byte ${start} seems to begin an archive, but is damaged`);
  const following = await packed.peek(4);
  if (BEGINNINGS.some((known) => known.equals(following.subarray(0, known.length))))
    throw archive.corrupt(`an archive of another kind follows at byte ${start}. Deliver them one by one`);
  let before: Uint8Array = new Uint8Array();
  for await (const bytes of packed.blocks(BLOCK_BYTES)) {
    const seen = Buffer.concat([before, bytes]);
    const at = seen.indexOf(beginning);
    if (at >= 0) {
      const next = packed.offset - seen.length + at;
      throw archive.corrupt(`bytes ${start} to ${next} belong to no archive, and one seems to follow them`);
    }
    before = seen.subarray(-(beginning.length - 1));
  }
  if (packed.cut) throw packed.cut;
  archive.warn(
    `${packed.offset - start} bytes from byte ${start} on follow the archive and are not an archive: skipped`,
  );
}
