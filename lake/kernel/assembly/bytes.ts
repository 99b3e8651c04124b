/** Texts as bytes: hashing, comparing, undoing escapes. Up to 16 bytes after a text may be read. */
import { take, give, capacityFor } from "./memory";

/** Masks for the first 0 to 8 bytes of a word. */
const masks: usize = memory.data<u64>([
  0, 0xff, 0xffff, 0xffffff, 0xffffffff, 0xffffffffff, 0xffffffffffff, 0xffffffffffffff, 0xffffffffffffffff,
]);

const K1: u64 = 0xff51afd7ed558ccd;
const K2: u64 = 0x9fb21c651e98df25;

/** Salts all hashes: input cannot be made to collide. */
let salt: u64 = 0x9e3779b97f4a7c15;

export function setSalt(high: u32, low: u32): void {
  salt = ((<u64>high << 32) | low) ^ 0x9e3779b97f4a7c15;
}

/** The first `length` bytes of a word, at most 8, the rest zero. */
// @ts-ignore: decorator
@inline
export function firstBytes(at: usize, length: u32): u64 {
  return load<u64>(at) & load<u64>(masks + (length << 3));
}

// @ts-ignore: decorator
@inline
function mix(h: u64): u32 {
  h ^= h >> 32;
  h *= 0xd6e8feb86659fd93;
  return <u32>(h >> 32) ^ <u32>h;
}

// @ts-ignore: decorator
@inline
export function hashShort(at: usize, length: u32): u32 {
  return mix((salt ^ (<u64>length * K2) ^ firstBytes(at, length)) * K1);
}

/** For texts of more than 8 bytes. */
export function hashLong(at: usize, length: u32): u32 {
  const end = at + length;
  let a: u64 = salt ^ (<u64>length * K2);
  let b: u64 = salt ^ 0xc4ceb9fe1a85ec53;
  if (length <= 16) a = (a ^ load<u64>(at)) * K1;
  else {
    let p = at;
    if (length > 32) {
      for (const last = end - 32; p < last; p += 32) {
        a = rotl((a ^ load<u64>(p)) * K1, 29) ^ load<u64>(p, 16);
        b = rotl((b ^ load<u64>(p, 8)) * K2, 31) ^ load<u64>(p, 24);
        a *= K2;
        b *= K1;
      }
      p = end - 32;
    }
    a = rotl((a ^ load<u64>(p)) * K1, 29);
    b = rotl((b ^ load<u64>(p, 8)) * K2, 31);
    a = (a ^ load<u64>(end - 16)) * K1;
  }
  b = (b ^ load<u64>(end - 8)) * K2;
  return mix(a ^ rotl(b, 23));
}

/** Whether two texts of the same length are equal. Both may be read beyond their end. */
// @ts-ignore: decorator
@inline
export function isEqual(a: usize, b: usize, length: u32): bool {
  if (length <= 8) return firstBytes(a, length) == firstBytes(b, length);
  return load<u64>(a) == load<u64>(b) && isEqualLong(a, b, length);
}

/** For texts of more than 8 bytes whose first 8 are equal. */
function isEqualLong(a: usize, b: usize, length: u32): bool {
  if (length <= 16) return load<u64>(a + length - 8) == load<u64>(b + length - 8);
  const lastA = a + length - 16;
  const lastB = b + length - 16;
  let difference = v128.or(v128.xor(v128.load(a), v128.load(b)), v128.xor(v128.load(lastA), v128.load(lastB)));
  for (let p = a + 16, q = b + 16; p < lastA; p += 16, q += 16) {
    difference = v128.or(difference, v128.xor(v128.load(p), v128.load(q)));
  }
  return !v128.any_true(difference);
}

/** Compares texts by their bytes, as Parquet orders them. */
export function compare(a: usize, aLength: u32, b: usize, bLength: u32): i32 {
  const shared = min(aLength, bLength);
  let i: u32 = 0;
  for (; i + 8 <= shared; i += 8) {
    const x = load<u64>(a + i);
    const y = load<u64>(b + i);
    if (x != y) return bswap(x) < bswap(y) ? -1 : 1;
  }
  for (; i < shared; i++) {
    const difference = <i32>load<u8>(a + i) - <i32>load<u8>(b + i);
    if (difference) return difference;
  }
  return aLength < bLength ? -1 : aLength > bLength ? 1 : 0;
}

/** Whether a text has a byte beyond ASCII, or the escape character; 0 stands for no escape character. */
// @ts-ignore: decorator
@inline
export function isSuspect(at: usize, length: u32, escape: i32): bool {
  const wanted = i8x16.splat(<i8>escape);
  const hasEscape = escape != 0;
  let p = at;
  const end = at + length;
  while (p < end) {
    const v = v128.load(p);
    let bits = <u32>i8x16.bitmask(v);
    if (hasEscape) bits |= <u32>i8x16.bitmask(i8x16.eq(v, wanted));
    const left = <u32>(end - p);
    if (left < 16) bits &= (1 << left) - 1;
    if (bits) return true;
    p += 16;
  }
  return false;
}

export function copyText(to: usize, from: usize, length: u32): void {
  if (length > 64) {
    memory.copy(to, from, length);
    return;
  }
  // Whole vectors: there is room behind every text.
  v128.store(to, v128.load(from));
  if (length > 16) {
    v128.store(to, v128.load(from, 16), 16);
    if (length > 32) {
      v128.store(to, v128.load(from, 32), 32);
      v128.store(to, v128.load(from, 48), 48);
    }
  }
}

export const PERCENT: i32 = 0x25;
export const BACKSLASH: i32 = 0x5c;

let decodedBlock: usize = 0;
let decodedCapacity: u32 = 0;

/** Where `decode` and the host put their text. */
export function decodedText(): usize {
  return decodedBlock;
}

/** Makes room for `bytes` bytes of decoded text. */
export function reserveDecoded(bytes: u32): usize {
  if (bytes > decodedCapacity) {
    if (decodedCapacity) give(decodedBlock, decodedCapacity);
    decodedCapacity = capacityFor(1024, bytes);
    decodedBlock = take(decodedCapacity);
  }
  return decodedBlock;
}

function hexDigit(byte: i32): i32 {
  if (<u32>(byte - 0x30) <= 9) return byte - 0x30;
  const lower = (byte | 0x20) - 0x61;
  return <u32>lower <= 5 ? lower + 10 : -1;
}

/** The byte that two digits stand for, or -1. */
function hexByte(at: usize, end: usize): i32 {
  if (at + 2 > end) return -1;
  const high = hexDigit(load<u8>(at));
  const low = hexDigit(load<u8>(at, 1));
  return high < 0 || low < 0 ? -1 : (high << 4) | low;
}

/** Undoes escapes once, as `rows/text-decoding.ts` does. Returns the length of the text at `decodedText()`. */
export function decode(start: usize, length: u32, escape: i32): u32 {
  const out = reserveDecoded(length + 16);
  const end = start + length;
  let top = out;
  let p = start;
  while (p < end) {
    const byte = <i32>load<u8>(p);
    if (byte != escape) {
      store<u8>(top++, <u8>byte);
      p++;
      continue;
    }
    if (escape == PERCENT) {
      const decoded = hexByte(p + 1, end);
      store<u8>(top++, decoded >= 0 ? <u8>decoded : <u8>byte);
      p += decoded >= 0 ? 3 : 1;
      continue;
    }
    const next = p + 1 < end ? <i32>load<u8>(p, 1) : 0;
    if (next == BACKSLASH || next == 0x22) {
      store<u8>(top++, <u8>next);
      p += 2;
      continue;
    }
    if (next == 0x78) {
      const wide = wideHexByte(p + 2, end);
      const short = hexByte(p + 2, end);
      if (wide >= 0 || short >= 0) {
        store<u8>(top++, <u8>(wide >= 0 ? wide : short));
        p += wide >= 0 ? 10 : 4;
        continue;
      }
    }
    store<u8>(top++, <u8>byte);
    p++;
  }
  return <u32>(top - out);
}

/** The byte of eight digits: six `F`, the sign of a byte above 0x7F, or six zeros before any other one; or -1. */
function wideHexByte(at: usize, end: usize): i32 {
  if (at + 8 > end) return -1;
  const byte = hexByte(at + 6, end);
  if (byte < 0) return -1;
  const filler: u8 = byte >= 0x80 ? 0x66 : 0x30;
  for (let i: usize = 0; i < 6; i++) if ((load<u8>(at + i) | 0x20) != filler) return -1;
  return byte;
}
