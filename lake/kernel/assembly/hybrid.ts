/** The RLE / bit-packing hybrid, byte for byte as `hybrid-encoding.ts` writes it. */
import { MIN_RUN_VALUES } from "../shared-numbers";

export function writeVarInt(at: usize, value: u32): usize {
  while (value > 127) {
    store<u8>(at++, <u8>(value | 128));
    value >>= 7;
  }
  store<u8>(at++, <u8>value);
  return at;
}

export function hybridBound(count: u32, bitWidth: u32): u32 {
  return ((count + 7) >> 3) * (bitWidth + 6) + 64;
}

/** Writes `count` numbers of 32 bits with `bitWidth` bits each. */
export function encodeIds(ids: usize, count: u32, bitWidth: u32, at: usize): usize {
  if (bitWidth == 0) return writeVarInt(at, count << 1);
  const valueBytes = (bitWidth + 7) >> 3;
  let packedFrom: u32 = 0;
  let packedGroups: u32 = 0;
  let i: u32 = 0;
  while (i < count) {
    const value = load<u32>(ids + (i << 2));
    let run: u32 = 1;
    while (i + run < count && load<u32>(ids + ((i + run) << 2)) == value) run++;
    if (run < <u32>MIN_RUN_VALUES) {
      if (!packedGroups) packedFrom = i;
      packedGroups++;
      i += 8;
      continue;
    }
    if (packedGroups) {
      at = packIds(ids, packedFrom, count, packedGroups, bitWidth, at);
      packedGroups = 0;
    }
    at = writeVarInt(at, run << 1);
    for (let byte: u32 = 0; byte < valueBytes; byte++) store<u8>(at++, <u8>(value >> (byte << 3)));
    i += run;
  }
  if (packedGroups) at = packIds(ids, packedFrom, count, packedGroups, bitWidth, at);
  return at;
}

function packIds(ids: usize, from: u32, count: u32, groups: u32, bitWidth: u32, at: usize): usize {
  at = writeVarInt(at, (groups << 1) | 1);
  const packedEnd = at + groups * bitWidth;
  const end = min(from + (groups << 3), count);
  let word: u64 = 0;
  let bits: u32 = 0;
  for (let i = from; i < end; i++) {
    word |= <u64>load<u32>(ids + (i << 2)) << bits;
    bits += bitWidth;
    if (bits >= 32) {
      store<u32>(at, <u32>word);
      at += 4;
      word >>= 32;
      bits -= 32;
    }
  }
  while (at < packedEnd) {
    store<u8>(at++, <u8>word);
    word >>= 8;
  }
  return packedEnd;
}

/** Writes `count` bytes that are 0 or 1 with one bit each. */
export function encodeLevels(levels: usize, count: u32, at: usize): usize {
  let packedFrom: u32 = 0;
  let packedGroups: u32 = 0;
  let i: u32 = 0;
  while (i < count) {
    const value = load<u8>(levels + i);
    const eight = <u64>value * 0x0101010101010101;
    let run: u32 = 0;
    if (count - i >= 8 && load<u64>(levels + i) == eight) {
      run = 8;
      while (count - i - run >= 8 && load<u64>(levels + i + run) == eight) run += 8;
      while (i + run < count && load<u8>(levels + i + run) == value) run++;
    }
    if (run < <u32>MIN_RUN_VALUES) {
      if (!packedGroups) packedFrom = i;
      packedGroups++;
      i += 8;
      continue;
    }
    if (packedGroups) {
      at = packLevels(levels, packedFrom, count, packedGroups, at);
      packedGroups = 0;
    }
    at = writeVarInt(at, run << 1);
    store<u8>(at++, value);
    i += run;
  }
  if (packedGroups) at = packLevels(levels, packedFrom, count, packedGroups, at);
  return at;
}

function packLevels(levels: usize, from: u32, count: u32, groups: u32, at: usize): usize {
  at = writeVarInt(at, (groups << 1) | 1);
  for (let group: u32 = 0; group < groups; group++) {
    const i = from + (group << 3);
    let eight = load<u64>(levels + i);
    if (i + 8 > count) eight &= ((<u64>1 << ((count - i) << 3)) - 1);
    // Gathers the lowest bit of each of the eight bytes.
    store<u8>(at++, <u8>((eight * 0x0102040810204080) >> 56));
  }
  return at;
}
