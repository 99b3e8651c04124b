/** A search for a byte that ends where its text does. */

/** Bytes that are looked at one by one: within these most fields end, and calling the engine's search costs more. */
const NEAR_BYTES = 32;

/**
 * The first place of a byte in `bytes[start, end)`, or -1. `indexOf` has no end: in the memory of a block, of which a line is a
 * small part, it would look at all that is behind the line, once for each line.
 */
export function findByte(bytes: Uint8Array, byte: number, start: number, end: number): number {
  const nearEnd = Math.min(end, start + NEAR_BYTES);
  for (let i = start; i < nearEnd; i++) if (bytes[i] === byte) return i;
  if (nearEnd >= end) return -1;
  const at = bytes.subarray(nearEnd, end).indexOf(byte);
  return at < 0 ? -1 : nearEnd + at;
}
