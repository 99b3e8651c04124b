/**
 * The delta encodings of Parquet: DELTA_BINARY_PACKED for whole numbers, DELTA_LENGTH_BYTE_ARRAY for texts.
 *
 * @see https://parquet.apache.org/docs/file-format/data-pages/encodings/#delta-encoding-delta_binary_packed--5
 */
import { DELTA_BLOCK_VALUES as BLOCK_VALUES, DELTA_MINIBLOCKS as MINIBLOCKS } from "../../kernel/shared-numbers.ts";
import type { GrowingBytes } from "../../rows/growing-bytes.ts";
import { writeVarInt } from "./hybrid-encoding.ts";

const MINIBLOCK_VALUES = BLOCK_VALUES / MINIBLOCKS;
const MAX_BLOCK_BYTES = 10 + MINIBLOCKS + BLOCK_VALUES * 8;

/** Adds `count` numbers, one or more, to the end of `out`. */
export function encodeDeltas(valueAt: (i: number) => bigint, count: number, bits: 32 | 64, out: GrowingBytes): void {
  out.reserve(40 + Math.ceil(count / BLOCK_VALUES) * MAX_BLOCK_BYTES);
  const { bytes } = out;
  let last = valueAt(0);
  let top = out.length;
  for (const number of [BLOCK_VALUES, MINIBLOCKS, count]) top = writeVarInt(bytes, top, number);
  top = writeZigZag(bytes, top, last);
  const deltas: bigint[] = [];
  for (let from = 1; from < count; from += BLOCK_VALUES) {
    const end = Math.min(count, from + BLOCK_VALUES);
    deltas.length = 0;
    let least: bigint | undefined;
    for (let i = from; i < end; i++) {
      const value = valueAt(i);
      // Differences have the numbers' own width: they overflow, and so does what readers add up.
      const delta = BigInt.asIntN(bits, value - last);
      last = value;
      deltas.push(delta);
      if (least === undefined || delta < least) least = delta;
    }
    top = writeZigZag(bytes, top, least!);
    const widthsAt = top;
    top += MINIBLOCKS;
    for (let miniblock = 0; miniblock < MINIBLOCKS; miniblock++) {
      const start = miniblock * MINIBLOCK_VALUES;
      const rest = deltas.slice(start, start + MINIBLOCK_VALUES).map((delta) => BigInt.asUintN(bits, delta - least!));
      let all = 0n;
      for (const value of rest) all |= value;
      const width = all === 0n ? 0 : all.toString(2).length;
      bytes[widthsAt + miniblock] = width;
      if (rest.length > 0) top = pack(rest, width, bytes, top);
    }
  }
  out.length = top;
}

/** Adds PLAIN-encoded texts, one or more, to the end of `out`: their lengths, then their bytes. */
export function encodeTextDeltas(plain: Uint8Array, count: number, out: GrowingBytes): void {
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  const lengths = new Int32Array(count);
  for (let i = 0, at = 0; i < count; i++) {
    lengths[i] = view.getInt32(at, true);
    at += 4 + lengths[i]!;
  }
  encodeDeltas((i) => BigInt(lengths[i]!), count, 32, out);
  for (let i = 0, at = 0; i < count; i++) {
    out.append(plain.subarray(at + 4, at + 4 + lengths[i]!));
    at += 4 + lengths[i]!;
  }
}

function writeZigZag(out: Uint8Array, at: number, value: bigint): number {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  let top = at;
  while (rest > 0x7fn) {
    out[top++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  out[top++] = Number(rest);
  return top;
}

/** Writes the numbers of a miniblock with `width` bits each; one that is not full is filled up with zeros. */
function pack(values: readonly bigint[], width: number, out: Uint8Array, at: number): number {
  const end = at + (MINIBLOCK_VALUES * width) / 8;
  let word = 0n;
  for (const [i, value] of values.entries()) word |= value << BigInt(i * width);
  for (let top = at; top < end; top++) {
    out[top] = Number(word & 0xffn);
    word >>= 8n;
  }
  return end;
}
