/**
 * Collects the buffers of a stream while they are young.
 *
 * zlib and sockets hand over each block in a buffer of its own, so a gigabyte of text is a gigabyte of garbage. V8 does not
 * count buffers as young: left alone, it lets tens of megabytes of them pile up and then marks the whole heap, tens of times
 * in a file of a million rows, which was a seventh of all processor time. A collection of the young generation takes less
 * than a millisecond, and the next block gets memory that was touched already.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Bytes of buffers that pile up before they are collected. A buffer that is in use at two collections counts as old and stays
 * until the next mark. So with half the bytes more buffers become old, and with twice the bytes some are old too early.
 */
const PILE_BYTES = 16 << 20;

/**
 * How much a heap grows before all of it is marked again. By default a small heap, such as that of a function, may grow by
 * less than the size of the young generation, and V8 then marks again and again. The flag is set when this file is loaded,
 * because the first marks come before the first buffer is done.
 */
const HEAP_GROWING_PERCENT = 400;
setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);

let collectYoung: (() => void) | undefined;
let pileBytes = 0;
let last: ArrayBufferLike | undefined;

/** Counts bytes that were handed over and are not needed any more. Memory that is reused for the next bytes does not count. */
export function discard({ buffer }: Uint8Array): void {
  if (buffer === last) return;
  last = buffer;
  pileBytes += buffer.byteLength;
  if (pileBytes < PILE_BYTES) return;
  pileBytes = 0;
  collectYoung ??= openCollector();
  collectYoung();
}

function openCollector(): () => void {
  // New contexts have the function while the flag is set; this one keeps what it had.
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options: { type: "minor" }) => void;
  setFlagsFromString("--no-expose-gc");
  return () => collect({ type: "minor" });
}
