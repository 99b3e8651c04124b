/**
 * Snappy compression.
 *
 * @see https://github.com/google/snappy/blob/main/format_description.txt
 */
import { writeVarInt } from "./hybrid";

/** Matches are looked for within fragments of this size, so that an offset fits 16 bits. */
const FRAGMENT_BYTES: u32 = 65536;
const MAX_TABLE_BITS: u32 = 14;
/** Where the bytes after a place may be loaded as words. */
const MARGIN: u32 = 15;

/** Where to look next, in 32nds of a byte. */
const EVERY_BYTE: u32 = 32;
const EVERY_OTHER_BYTE: u32 = 64;

/** The last place of each hash of four bytes, from the start of the fragment. */
const table: usize = memory.data(2 << 14);

export function snappyBound(bytes: u32): u32 {
  return 64 + bytes + bytes / 6;
}

/** Compresses `[from, from + length)` to `to` and returns the length there. */
export function snappy(from: usize, length: u32, to: usize): u32 {
  let top = writeVarInt(to, length);
  for (let at: u32 = 0; at < length; at += FRAGMENT_BYTES) {
    top = compressFragment(from + at, min<u32>(FRAGMENT_BYTES, length - at), top);
  }
  return <u32>(top - to);
}

// @ts-ignore: decorator
@inline
function hash(word: u32, shift: u32): usize {
  return table + (((word * 0x1e35a7bd) >> shift) << 1);
}

// @ts-ignore: decorator
@inline
function writeLiteral(top: usize, from: usize, length: u32): usize {
  const n = length - 1;
  if (n < 60) {
    store<u8>(top++, <u8>(n << 2));
    // Whole vectors: there is room behind both, and a call that copies a few bytes takes longer than the copy.
    v128.store(top, v128.load(from));
    v128.store(top, v128.load(from, 16), 16);
    v128.store(top, v128.load(from, 32), 32);
    v128.store(top, v128.load(from, 48), 48);
    return top + length;
  } else if (n < 256) {
    store<u8>(top, 60 << 2);
    store<u8>(top, <u8>n, 1);
    top += 2;
  } else {
    store<u8>(top, 61 << 2);
    store<u16>(top, <u16>n, 1);
    top += 3;
  }
  memory.copy(top, from, length);
  return top + length;
}

/** From this offset on, a copy takes three bytes. */
const FAR: u32 = 2048;
const FOUR_BYTES: u64 = 0xffffffff;
const FIVE_BYTES: u64 = 0xffffffffff;

// @ts-ignore: decorator
@inline
function writeCopyOf64(top: usize, offset: u32, length: u32): usize {
  // No branch: it could not be predicted which of the two it will be.
  const isShort = <u32>(length < 12) & <u32>(offset < FAR);
  const two = 1 | ((length - 4) << 2) | ((offset >> 8) << 5) | ((offset & 0xff) << 8);
  const three = 2 | ((length - 1) << 2) | (offset << 8);
  store<u32>(top, isShort ? two : three);
  return top + 3 - isShort;
}

// @ts-ignore: decorator
@inline
function writeCopy(top: usize, offset: u32, length: u32): usize {
  while (length >= 68) {
    top = writeCopyOf64(top, offset, 64);
    length -= 64;
  }
  if (length > 64) {
    top = writeCopyOf64(top, offset, 60);
    length -= 60;
  }
  return writeCopyOf64(top, offset, length);
}

/**
 * Whether a copy would be worth its bytes: four equal ones, or five where a copy takes three and the literal that goes on
 * behind it one. Decimal and hexadecimal digits have four bytes in common with some place all the time.
 */
// @ts-ignore: decorator
@inline
function isMatch(at: usize, candidate: usize): bool {
  return ((load<u64>(at) ^ load<u64>(candidate)) & (<u32>(at - candidate) < FAR ? FOUR_BYTES : FIVE_BYTES)) == 0;
}

/** How many bytes after the first four are equal. */
// @ts-ignore: decorator
@inline
function matchEnd(candidate: usize, at: usize, end: usize): usize {
  while (at + 8 <= end) {
    const difference = load<u64>(candidate) ^ load<u64>(at);
    if (difference) return at + <usize>(ctz(difference) >> 3);
    candidate += 8;
    at += 8;
  }
  while (at < end && load<u8>(candidate) == load<u8>(at)) {
    candidate++;
    at++;
  }
  return at;
}

function compressFragment(base: usize, length: u32, top: usize): usize {
  let bits: u32 = 8;
  while (bits < MAX_TABLE_BITS && (<u32>1 << bits) < length) bits++;
  const shift = 32 - bits;
  memory.fill(table, 0, <u32>2 << bits);
  const end = base + length;
  let emitted = base;
  if (length >= MARGIN) {
    const limit = end - MARGIN;
    let at = base + 1;
    let nextSlot = hash(load<u32>(at), shift);
    let isDone = false;
    let firstSkip = EVERY_BYTE;
    while (true) {
      // Looks at every byte, then at ever fewer: text without matches is skipped quickly.
      let skip = firstSkip;
      let next = at;
      let candidate: usize = base;
      do {
        at = next;
        const slot = nextSlot;
        next = at + (skip >> 5);
        skip += skip >> 5;
        if (next > limit) {
          isDone = true;
          break;
        }
        nextSlot = hash(load<u32>(next), shift);
        candidate = base + load<u16>(slot);
        store<u16>(slot, <u16>(at - base));
      } while (!isMatch(at, candidate));
      if (isDone) break;
      // Where the last match was far away, the next one is far away, too.
      firstSkip = max(EVERY_BYTE, min(skip - (skip >> 2), EVERY_OTHER_BYTE));
      // Skipped bytes may belong to the match.
      while (at > emitted && candidate > base && load<u8>(at - 1) == load<u8>(candidate - 1)) {
        at--;
        candidate--;
      }
      if (at > emitted) top = writeLiteral(top, emitted, <u32>(at - emitted));
      do {
        const matched = matchEnd(candidate + 4, at + 4, end);
        top = writeCopy(top, <u32>(at - candidate), <u32>(matched - at));
        at = matched;
        emitted = at;
        if (at >= limit) {
          isDone = true;
          break;
        }
        store<u16>(hash(load<u32>(at - 1), shift), <u16>(at - 1 - base));
        const slot = hash(load<u32>(at), shift);
        candidate = base + load<u16>(slot);
        store<u16>(slot, <u16>(at - base));
      } while (load<u32>(at) == load<u32>(candidate));
      if (isDone) break;
      at++;
      nextSlot = hash(load<u32>(at), shift);
    }
  }
  return emitted < end ? writeLiteral(top, emitted, <u32>(end - emitted)) : top;
}
