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
 * Buffers that may pile up. Those that are in use at two collections are old and stay until the next mark, so that collecting
 * twice as often takes more memory; in twice as many, some are old before they are collected.
 */
const PILE_BYTES = 16 << 20;

/**
 * A heap may grow so much before all of it is marked again. By default a small heap, such as that of a function, may grow by
 * less than the size of the young generation, and V8 then begins to mark at each occasion. Said as soon as this is loaded:
 * the first marks come before the first buffer is done.
 */
const HEAP_GROWING_PERCENT = 400;
setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);

let collectYoung: (() => void) | undefined;
let pileBytes = 0;
let last: ArrayBufferLike | undefined;

/** Tells of bytes that were handed over and are not needed any more. Memory that is used again for the next is no garbage. */
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
