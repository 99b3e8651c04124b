/** Follows the nesting of JSON text to know where a line ends between two records, 16 bytes a step (`json-framer.ts`). */

const LINE_FEED: u8 = 0x0a;
const QUOTE: u8 = 0x22;
const COMMA: u8 = 0x2c;
const OPENING_BRACKET: u8 = 0x5b;
const BACKSLASH: u8 = 0x5c;
/** Brackets with this bit set are braces. */
const BRACE_BIT: u8 = 0x20;
const OPENING_BRACE: u8 = 0x7b;
const CLOSING_BRACE: u8 = 0x7d;

let depth: i32 = 0;
let inString: bool = false;
let isEscaped: bool = false;
let inArray: bool = false;
/**
 * A comma or an opening bracket was the last that was neither space nor in a string, before the text or what of it was
 * looked at: what follows decides about it, so they stay together.
 */
let needsMore: bool = false;
let lookedAt: u32 = 0;

// @ts-ignore: decorator
@inline
function eq(v: v128, byte: u8): v128 {
  return i8x16.eq(v, i8x16.splat(<i8>byte));
}

/** Whether one of them comes last before `at`, spaces and line ends aside. */
function asksForMore(at: u32): bool {
  for (let p = at; p > lookedAt; p--) {
    const byte = load<u8>(p - 1);
    if (byte == 0x20 || byte == 0x09 || byte == 0x0d || byte == LINE_FEED) continue;
    return byte == COMMA || byte == OPENING_BRACKET;
  }
  return needsMore;
}

// @ts-ignore: decorator
@inline
function lookAt(at: u32): void {
  needsMore = asksForMore(at);
  lookedAt = at;
}

/** @returns How many bytes after `start` the last place is where the text may be cut; 0 when there is none. */
export function followJson(start: u32, end: u32): u32 {
  let cut: u32 = 0;
  lookedAt = start;
  let at = start;
  while (at < end) {
    const v = v128.load(at);
    if (inString) {
      if (isEscaped) {
        isEscaped = false;
        if (load<u8>(at) != LINE_FEED) at++;
        continue;
      }
      const bits = <u32>i8x16.bitmask(v128.or(v128.or(eq(v, QUOTE), eq(v, BACKSLASH)), eq(v, LINE_FEED)));
      if (bits == 0) {
        at += 16;
        continue;
      }
      at += ctz(bits);
      if (at >= end) break;
      const byte = load<u8>(at);
      if (byte == BACKSLASH) {
        isEscaped = true;
        at++;
      } else {
        inString = false;
        if (byte == QUOTE) at++;
        else {
          // No string goes over a line end, and nothing within one counts.
          needsMore = false;
          lookedAt = at;
        }
      }
      continue;
    }
    const lower = v128.or(v, i8x16.splat(<i8>BRACE_BIT));
    const brackets = v128.or(eq(lower, OPENING_BRACE), eq(lower, CLOSING_BRACE));
    const bits = <u32>i8x16.bitmask(v128.or(v128.or(eq(v, QUOTE), eq(v, LINE_FEED)), brackets));
    if (bits == 0) {
      at += 16;
      continue;
    }
    at += ctz(bits);
    if (at >= end) break;
    const byte = load<u8>(at);
    at++;
    if (byte == QUOTE) inString = true;
    else if (byte == LINE_FEED) {
      lookAt(at - 1);
      lookedAt = at;
      if (depth == <i32>inArray && !needsMore) cut = at - start;
    } else if ((byte | BRACE_BIT) == OPENING_BRACE) {
      if (depth == 0) inArray = byte == OPENING_BRACKET;
      depth++;
    } else {
      depth = max(0, depth - 1);
      if (depth == 0) inArray = false;
    }
  }
  if (inString) needsMore = false;
  else lookAt(end);
  return cut;
}
