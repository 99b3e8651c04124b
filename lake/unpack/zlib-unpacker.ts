/** Unpacks with Node's zlib and zstd so that no text before damage is lost and no bomb fills the memory. */
import type { createInflateRaw, createZstdDecompress } from "node:zlib";

/** Text that zlib hands over at a time; its default of 16 KiB is half as fast. */
export const OUTPUT_BYTES = 1 << 20;
/** Input given to zlib at a time. */
export const INPUT_BYTES = 128 << 10;
/** Text that waits for its reader; zlib pauses when there is more. A block of input can unpack to a thousand times its size. */
const MAX_HELD_BYTES = 4 << 20;

type Unpacker = ReturnType<typeof createInflateRaw> | ReturnType<typeof createZstdDecompress>;

/** How unpacking ended. */
type UnpackerEnd =
  /** The packed stream is complete; `rest` is the part of the last block after it. */
  | { status: "ended"; rest: Uint8Array }
  /** The input ended before the packed stream did. */
  | { status: "unfinished" }
  | { status: "damaged"; detail: string };

/**
 * Unpacks one stream, a block of input ahead of the reader: zlib works in its own thread meanwhile.
 *
 * Input is written by hand and output taken by events. Reading the stream instead would lose text before the end of a cut
 * archive, because a stream that fails drops its buffers.
 *
 * @param onText - Sees all text in order, each block before it is yielded.
 */
export async function* unpackStream(
  unpacker: Unpacker,
  blocks: AsyncIterable<Uint8Array>,
  onText: (bytes: Uint8Array) => void = () => {},
): AsyncGenerator<Uint8Array, UnpackerEnd, undefined> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let isWritten = true;
  let isEnded = false;
  let failure: Error | undefined;
  let wake = () => {};
  unpacker.on("data", (bytes: Uint8Array) => {
    onText(bytes);
    held.push(bytes);
    heldBytes += bytes.length;
    if (heldBytes < MAX_HELD_BYTES) return;
    unpacker.pause();
    wake();
  });
  unpacker.on("end", () => {
    isEnded = true;
    wake();
  });
  unpacker.on("error", (error: Error) => {
    failure = error;
    wake();
  });
  const isOver = () => isEnded || failure !== undefined;
  const event = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  const take = () => {
    const taken = held;
    held = [];
    heldBytes = 0;
    if (unpacker.isPaused()) unpacker.resume();
    return taken;
  };
  try {
    let writtenBytes = 0;
    let last: Uint8Array = new Uint8Array();
    for await (const block of blocks) {
      last = block;
      writtenBytes += block.length;
      isWritten = false;
      unpacker.write(block, () => {
        isWritten = true;
        wake();
      });
      while (!isWritten && !isOver()) {
        yield* take();
        if (!isWritten && !isOver() && heldBytes < MAX_HELD_BYTES) await event();
      }
      if (isOver()) break;
    }
    const isAllGiven = !isOver();
    if (isAllGiven) unpacker.end();
    while (!isOver()) {
      yield* take();
      if (!isOver() && heldBytes < MAX_HELD_BYTES) await event();
    }
    yield* take();
    if (isEnded) return { status: "ended", rest: last.subarray(last.length - (writtenBytes - unpacker.bytesWritten)) };
    return isAllGiven ? { status: "unfinished" } : { status: "damaged", detail: failure!.message };
  } finally {
    unpacker.destroy();
  }
}
