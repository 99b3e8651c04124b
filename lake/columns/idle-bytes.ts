/**
 * Memory of finished columns, kept for the next ones of the same name: those of another day, or of the next chunk in a
 * function that stays warm. Without it each column begins small, grows by copies, and leaves garbage that is collected late.
 */
import { GrowingBytes } from "../rows/growing-bytes.ts";

const FIRST_BYTES = 1 << 10;
/** The memory of two row groups of logs. More is left to the garbage collector. */
const MAX_IDLE_BYTES = 32 << 20;

const idle = new Map<string, GrowingBytes[]>();
let idleBytes = 0;

/** Gives empty bytes to write a column's pages to. */
export function takeIdleBytes(column: string): GrowingBytes {
  const bytes = idle.get(column)?.pop();
  if (!bytes) return new GrowingBytes(FIRST_BYTES);
  idleBytes -= bytes.bytes.length;
  bytes.length = 0;
  return bytes;
}

/** Takes the bytes back. No view of them may be used after that. */
export function giveIdleBytes(column: string, bytes: GrowingBytes): void {
  if (idleBytes + bytes.bytes.length > MAX_IDLE_BYTES) return;
  idleBytes += bytes.bytes.length;
  const others = idle.get(column);
  if (others) others.push(bytes);
  else idle.set(column, [bytes]);
}
