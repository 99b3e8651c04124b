/** Gathers small blocks of bytes into larger ones: each block costs its reader as much as thousands of bytes. */

const BLOCK_BYTES = 64 << 10;
/** Larger blocks are passed on without a copy. */
const MAX_GATHERED_BYTES = 8 << 10;

/** Passes all bytes on in order. Bytes before an error are passed on before it. */
export async function* gatherBlocks(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  // Bytes are copied: a text of one byte may hold kilobytes of memory.
  let gathered: Uint8Array | undefined;
  let length = 0;
  try {
    for await (const bytes of blocks) {
      const isLarge = bytes.length > MAX_GATHERED_BYTES;
      if (gathered && (isLarge || length + bytes.length > BLOCK_BYTES)) {
        yield gathered.subarray(0, length);
        gathered = undefined;
        length = 0;
      }
      if (isLarge) {
        yield bytes;
        continue;
      }
      gathered ??= new Uint8Array(BLOCK_BYTES);
      gathered.set(bytes, length);
      length += bytes.length;
    }
  } catch (error) {
    if (gathered) yield gathered.subarray(0, length);
    throw error;
  }
  if (gathered) yield gathered.subarray(0, length);
}
