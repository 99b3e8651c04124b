/** Follows the nesting of JSON text to know where a line ends between two records, 64 bytes a step (`formats/json/json-framer.ts`). */

const LINE_FEED: u8 = 0x0a;
const QUOTE: u8 = 0x22;
const COMMA: u8 = 0x2c;
const OPENING_BRACKET: u8 = 0x5b;
const BACKSLASH: u8 = 0x5c;
/** Brackets with this bit set are braces. */
const BRACE_BIT: u8 = 0x20;
const OPENING_BRACE: u8 = 0x7b;
const CLOSING_BRACE: u8 = 0x7d;

const STEP_BYTES: u32 = 64;
/** Every second bit of a step, from the second one. */
const ODD_BITS: u64 = 0xaaaaaaaaaaaaaaaa;

let depth: i32 = 0;
let inString: bool = false;
let isEscaped: bool = false;
let inArray: bool = false;
/**
 * A comma or an opening bracket was the last that was no space, before the text or what of it was looked at: what follows decides
 * about it, so they stay together. That it seems to be in a string changes nothing: a quote may be lost.
 */
let needsMore: bool = false;
let lookedAt: usize = 0;
let cutAt: usize = 0;

/** Line feeds in the text that was followed last, and those of them before the cut. */
export let jsonFeeds: u32 = 0;
export let jsonFeedsBeforeCut: u32 = 0;

/** Whether one of them comes last before `at`, spaces and line ends aside. */
function asksForMore(at: usize): bool {
  for (let p = at; p > lookedAt; p--) {
    const byte = load<u8>(p - 1);
    if (byte == 0x20 || byte == 0x09 || byte == 0x0d || byte == LINE_FEED) continue;
    return byte == COMMA || byte == OPENING_BRACKET;
  }
  return needsMore;
}

// @ts-ignore: decorator
@inline
function lookAt(at: usize): void {
  needsMore = asksForMore(at);
  lookedAt = at;
}

/** Takes a bracket or a line feed that is in no string. */
function takeMark(at: usize): void {
  const byte = load<u8>(at);
  if (byte == LINE_FEED) {
    jsonFeeds++;
    lookAt(at);
    lookedAt = at + 1;
    if (depth == <i32>inArray && !needsMore) {
      cutAt = at + 1;
      jsonFeedsBeforeCut = jsonFeeds;
    }
  } else if ((byte | BRACE_BIT) == OPENING_BRACE) {
    if (depth == 0) inArray = byte == OPENING_BRACKET;
    depth++;
  } else {
    depth = max(0, depth - 1);
    if (depth == 0) inArray = false;
  }
}

/** Follows a text byte by byte: these are the rules, and the only way for text that is not JSON. */
function followBytes(start: usize, end: usize): void {
  for (let at = start; at < end; at++) {
    const byte = load<u8>(at);
    if (byte == LINE_FEED) {
      if (inString) {
        // No string goes over a line end.
        inString = false;
        isEscaped = false;
      }
      takeMark(at);
    } else if (inString) {
      if (isEscaped) isEscaped = false;
      else if (byte == BACKSLASH) isEscaped = true;
      else if (byte == QUOTE) inString = false;
    } else if (byte == QUOTE) inString = true;
    else if ((byte | BRACE_BIT) == OPENING_BRACE || (byte | BRACE_BIT) == CLOSING_BRACE) takeMark(at);
  }
}

// @ts-ignore: decorator
@inline
function eq(v: v128, byte: u8): v128 {
  return i8x16.eq(v, i8x16.splat(<i8>byte));
}

/** A bit for each byte of a step. */
// @ts-ignore: decorator
@inline
function bitsOf(a: v128, b: v128, c: v128, d: v128, byte: u8): u64 {
  return (
    <u64>(<u32>i8x16.bitmask(eq(a, byte)) | (<u32>i8x16.bitmask(eq(b, byte)) << 16)) |
    (<u64>(<u32>i8x16.bitmask(eq(c, byte)) | (<u32>i8x16.bitmask(eq(d, byte)) << 16)) << 32)
  );
}

// @ts-ignore: decorator
@inline
function hasAny(a: v128, b: v128, c: v128, d: v128, byte: u8): bool {
  return v128.any_true(v128.or(v128.or(eq(a, byte), eq(b, byte)), v128.or(eq(c, byte), eq(d, byte))));
}

/** The bits up to which an odd number is set: quotes become their strings, each without its closing quote. */
// @ts-ignore: decorator
@inline
function oddUpTo(bits: u64): u64 {
  bits ^= bits << 1;
  bits ^= bits << 2;
  bits ^= bits << 4;
  bits ^= bits << 8;
  bits ^= bits << 16;
  return bits ^ (bits << 32);
}

/** Follows the next step of a text, of which no more than `length` bytes are there. */
// @ts-ignore: decorator
@inline
function followStep(at: usize, length: u32): void {
  const valid: u64 = (~(<u64>0)) >> (STEP_BYTES - length);
  const a = v128.load(at);
  const b = v128.load(at, 16);
  const c = v128.load(at, 32);
  const d = v128.load(at, 48);
  let quotes = bitsOf(a, b, c, d, QUOTE) & valid;
  let escapedAfter: u64 = 0;
  let backslashes: u64 = 0;
  if (hasAny(a, b, c, d, BACKSLASH)) {
    // Of a run of backslashes every second one is escaped; after an odd number of them, so is what follows. A subtraction
    // carries through each run (Langdale and Lemire, "Parsing gigabytes of JSON per second", 3.1.1, as simdjson has it now).
    backslashes = bitsOf(a, b, c, d, BACKSLASH) & valid;
    const first = <u64>isEscaped;
    const escaping = backslashes & ~first;
    const runs = (((escaping << 1) | ODD_BITS) - escaping) ^ ODD_BITS;
    quotes &= ~(runs ^ (backslashes | first));
    escapedAfter = ((runs & backslashes) >> (length - 1)) & 1;
  } else if (isEscaped) quotes &= ~(<u64>1);
  const strings = oddUpTo(quotes) ^ (inString ? ~(<u64>0) : 0);
  const lines = hasAny(a, b, c, d, LINE_FEED) ? bitsOf(a, b, c, d, LINE_FEED) & valid : 0;
  if (((lines & strings) | (backslashes & ~strings)) != 0) {
    followBytes(at, at + length);
    return;
  }
  inString = ((strings >> (length - 1)) & 1) != 0;
  isEscaped = escapedAfter != 0;
  const brace = i8x16.splat(<i8>BRACE_BIT);
  const lowerA = v128.or(a, brace);
  const lowerB = v128.or(b, brace);
  const lowerC = v128.or(c, brace);
  const lowerD = v128.or(d, brace);
  const outside = valid & ~strings;
  const openings = bitsOf(lowerA, lowerB, lowerC, lowerD, OPENING_BRACE) & outside;
  const closings = bitsOf(lowerA, lowerB, lowerC, lowerD, CLOSING_BRACE) & outside;
  const closingCount = <i32>popcnt(closings);
  if (lines == 0 && depth > closingCount) {
    depth += <i32>popcnt(openings) - closingCount;
    return;
  }
  for (let marks = lines | openings | closings; marks; marks &= marks - 1) takeMark(at + <usize>ctz(marks));
}

/** @returns How many bytes after `start` the text may be cut at the latest; 0 when there is no such place. */
export function followJson(start: usize, end: usize): u32 {
  jsonFeeds = 0;
  jsonFeedsBeforeCut = 0;
  cutAt = start;
  lookedAt = start;
  let at = start;
  for (; at + STEP_BYTES <= end; at += STEP_BYTES) followStep(at, STEP_BYTES);
  if (at < end) followStep(at, <u32>(end - at));
  lookAt(end);
  return <u32>(cutAt - start);
}
