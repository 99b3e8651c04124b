/**
 * The RLE / bit-packing hybrid of Parquet, for definition levels and dictionary ids.
 *
 * @see https://parquet.apache.org/docs/file-format/data-pages/encodings/#run-length-encoding--bit-packing-hybrid-rle--3
 */
import { MIN_RUN_VALUES } from "../../kernel/shared-numbers.ts";

/** The most bytes that `encodeHybrid` may need. */
export function hybridBound(count: number, bitWidth: number): number {
  // In the worst case a run header for every eight values beside their packed bits, and room for whole words.
  return Math.ceil(count / 8) * (bitWidth + 6) + 32;
}

export function writeVarInt(out: Uint8Array, at: number, value: number): number {
  let rest = value;
  let top = at;
  while (rest > 0x7f) {
    out[top++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  out[top++] = rest;
  return top;
}

/**
 * Writes `values[0, count)` with `bitWidth` bits each to `out` from `at` on.
 *
 * @param view - A view of the same memory as `out`.
 * @returns Where it ended.
 */
export function encodeHybrid(
  values: Int32Array | Uint8Array,
  count: number,
  bitWidth: number,
  out: Uint8Array,
  view: DataView,
  at: number,
): number {
  let top = at;
  if (bitWidth === 0) return writeVarInt(out, top, count << 1);
  const valueBytes = (bitWidth + 7) >> 3;
  let packedFrom = 0;
  let packedGroups = 0;
  let i = 0;
  while (i < count) {
    const value = values[i]!;
    let run = 1;
    while (i + run < count && values[i + run] === value) run++;
    if (run < MIN_RUN_VALUES) {
      if (packedGroups === 0) packedFrom = i;
      packedGroups++;
      i += 8;
      continue;
    }
    if (packedGroups > 0) {
      top = writePacked(values, packedFrom, count, packedGroups, bitWidth, out, view, top);
      packedGroups = 0;
    }
    top = writeVarInt(out, top, run << 1);
    for (let byte = 0; byte < valueBytes; byte++) out[top++] = value >>> (8 * byte);
    i += run;
  }
  if (packedGroups > 0) top = writePacked(values, packedFrom, count, packedGroups, bitWidth, out, view, top);
  return top;
}

/** Writes groups of eight values bit by bit; the last group is filled up with zeros. */
function writePacked(
  values: Int32Array | Uint8Array,
  from: number,
  count: number,
  groups: number,
  bitWidth: number,
  out: Uint8Array,
  view: DataView,
  at: number,
): number {
  let top = writeVarInt(out, at, (groups << 1) | 1);
  const packedEnd = top + groups * bitWidth;
  const end = Math.min(from + groups * 8, count);
  let word = 0;
  let bits = 0;
  for (let i = from; i < end; i++) {
    const value = values[i]!;
    word |= value << bits;
    bits += bitWidth;
    if (bits >= 32) {
      view.setInt32(top, word, true);
      top += 4;
      bits -= 32;
      word = bits === 0 ? 0 : value >>> (bitWidth - bits);
    }
  }
  while (top < packedEnd) {
    out[top++] = word;
    word >>>= 8;
  }
  return packedEnd;
}
