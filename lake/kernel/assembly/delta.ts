/** Delta encodings, byte for byte as `delta-encoding.ts` writes them. */
import { DELTA_BLOCK_VALUES, DELTA_MINIBLOCKS } from "../shared-numbers";
import { copyText } from "./bytes";
import { writeVarInt } from "./hybrid";

const BLOCK_VALUES: u32 = DELTA_BLOCK_VALUES;
const MINIBLOCKS: u32 = DELTA_MINIBLOCKS;
const MINIBLOCK_VALUES: u32 = DELTA_BLOCK_VALUES / DELTA_MINIBLOCKS;

/** The differences of a block; then the same, minus the least of them. */
const differences: usize = memory.data(DELTA_BLOCK_VALUES * 8);

/** The most bytes that `count` values may need, with room for whole words. */
export function deltaBound(count: u32): u32 {
  return ((count + BLOCK_VALUES - 1) / BLOCK_VALUES) * (10 + MINIBLOCKS + BLOCK_VALUES * 8) + 64;
}

function writeZigZag(at: usize, value: i64): usize {
  let rest = <u64>((value << 1) ^ (value >> 63));
  while (rest > 127) {
    store<u8>(at++, <u8>(rest | 128));
    rest >>= 7;
  }
  store<u8>(at++, <u8>rest);
  return at;
}

function writeHeader(at: usize, count: u32, first: i64): usize {
  at = writeVarInt(at, BLOCK_VALUES);
  at = writeVarInt(at, MINIBLOCKS);
  at = writeVarInt(at, count);
  return writeZigZag(at, first);
}

/** Writes `count` INT64, one or more. */
export function encodeDelta64(values: usize, count: u32, at: usize): usize {
  let last = load<i64>(values);
  at = writeHeader(at, count, last);
  for (let from: u32 = 1; from < count; from += BLOCK_VALUES) {
    const inBlock = min<u32>(BLOCK_VALUES, count - from);
    let least = i64.MAX_VALUE;
    for (let i: u32 = 0; i < inBlock; i++) {
      const value = load<i64>(values + ((from + i) << 3));
      const difference = value - last;
      last = value;
      store<i64>(differences + (i << 3), difference);
      least = min(least, difference);
    }
    for (let i: u32 = 0; i < inBlock; i++) {
      store<i64>(differences + (i << 3), load<i64>(differences + (i << 3)) - least);
    }
    at = writeBlock(inBlock, least, at);
  }
  return at;
}

/** Writes `count` INT32, one or more. Differences are of 32 bits, too. */
export function encodeDelta32(values: usize, count: u32, at: usize): usize {
  let last = load<i32>(values);
  at = writeHeader(at, count, last);
  for (let from: u32 = 1; from < count; from += BLOCK_VALUES) {
    const inBlock = min<u32>(BLOCK_VALUES, count - from);
    let least = i32.MAX_VALUE;
    for (let i: u32 = 0; i < inBlock; i++) {
      const value = load<i32>(values + ((from + i) << 2));
      const difference = value - last;
      last = value;
      store<i64>(differences + (i << 3), difference);
      least = min(least, difference);
    }
    at = writeBlock32(inBlock, least, at);
  }
  return at;
}

/** Writes PLAIN-encoded texts, one or more, as their lengths and then their bytes. */
export function encodeTexts(plain: usize, count: u32, at: usize): usize {
  let last = load<i32>(plain);
  let text = plain + 4 + last;
  at = writeHeader(at, count, last);
  for (let from: u32 = 1; from < count; from += BLOCK_VALUES) {
    const inBlock = min<u32>(BLOCK_VALUES, count - from);
    let least = i32.MAX_VALUE;
    for (let i: u32 = 0; i < inBlock; i++) {
      const length = load<i32>(text);
      text += 4 + length;
      const difference = length - last;
      last = length;
      store<i64>(differences + (i << 3), difference);
      least = min(least, difference);
    }
    at = writeBlock32(inBlock, least, at);
  }
  text = plain;
  for (let i: u32 = 0; i < count; i++) {
    const length = load<u32>(text);
    copyText(at, text + 4, length);
    at += length;
    text += 4 + length;
  }
  return at;
}

function writeBlock32(count: u32, least: i32, at: usize): usize {
  for (let i: u32 = 0; i < count; i++) {
    store<u64>(differences + (i << 3), <u64>(<u32>(load<i32>(differences + (i << 3)) - least)));
  }
  return writeBlock(count, least, at);
}

function writeBlock(count: u32, least: i64, at: usize): usize {
  at = writeZigZag(at, least);
  // A miniblock that is not full is filled up with zeros; one without a value has a width and no bytes.
  for (let i = count; i < BLOCK_VALUES; i++) store<u64>(differences + (i << 3), 0);
  const widths = at;
  at += MINIBLOCKS;
  for (let miniblock: u32 = 0; miniblock < MINIBLOCKS; miniblock++) {
    const from = differences + ((miniblock * MINIBLOCK_VALUES) << 3);
    let all: u64 = 0;
    for (let i: u32 = 0; i < MINIBLOCK_VALUES; i++) all |= load<u64>(from + (i << 3));
    const width = 64 - <u32>clz(all);
    store<u8>(widths + miniblock, <u8>width);
    if (miniblock * MINIBLOCK_VALUES < count) at = pack(from, width, at);
  }
  return at;
}

/** Writes the 32 numbers of a miniblock with `width` bits each. */
function pack(from: usize, width: u32, at: usize): usize {
  let word: u64 = 0;
  let bits: u32 = 0;
  for (let i: u32 = 0; i < MINIBLOCK_VALUES; i++) {
    const value = load<u64>(from + (i << 3));
    word |= value << bits;
    const total = bits + width;
    if (total < 64) bits = total;
    else {
      store<u64>(at, word);
      at += 8;
      // A shift by 64 would be one by 0.
      word = bits ? value >> (64 - bits) : 0;
      bits = total - 64;
    }
  }
  // 32 numbers are whole words of 32 bits.
  if (bits) {
    store<u32>(at, <u32>word);
    at += 4;
  }
  return at;
}
