/**
 * Skips JSON text, strictly as the standard says; strings have to be UTF-8. Nothing is made of it. Unusual text is left to
 * the reference, `formats/json/json-text.ts`.
 *
 * Every function returns 0 where the text does not go on as it must. They may look beyond `end` and may even end there,
 * so the caller checks where it got to; a line end behind the text stops them all.
 */

const QUOTE: u8 = 0x22;
const COMMA: u8 = 0x2c;
const MINUS: u8 = 0x2d;
const ZERO: u8 = 0x30;
const COLON: u8 = 0x3a;
const SPACE: u8 = 0x20;
const LINE_FEED: u8 = 0x0a;
const OPENING_BRACKET: u8 = 0x5b;
const BACKSLASH: u8 = 0x5c;
const CLOSING_BRACKET: u8 = 0x5d;
const OPENING_BRACE: u8 = 0x7b;
const CLOSING_BRACE: u8 = 0x7d;

/** The words as little-endian numbers. */
const TRUE: u32 = 0x65757274;
const NULL: u32 = 0x6c6c756e;
const FALS: u32 = 0x736c6166;

/** Levels of nesting, one bit for each. */
const MAX_DEPTH: u32 = 64;

/** Line ends that were skipped. */
export let lineFeeds: u32 = 0;

export function clearLineFeeds(): void {
  lineFeeds = 0;
}

/** The first byte at or after `at` that is not whitespace, at most `end`. */
function skipSpaces(at: usize, end: usize): usize {
  let p = at;
  for (; p < end; p++) {
    const byte = load<u8>(p);
    if (byte == LINE_FEED) lineFeeds++;
    else if (byte != SPACE && byte != 0x0d && byte != 0x09) break;
  }
  return p;
}

// @ts-ignore: decorator
@inline
export function skipSpace(at: usize, end: usize): usize {
  return load<u8>(at) > SPACE ? at : skipSpaces(at, end);
}

/** Whether the string that was skipped last has escapes. */
export let hasEscape: bool = false;

/**
 * @param at - After the opening quote.
 * @returns Where the closing quote is, always before `end`.
 */
// @ts-ignore: decorator
@inline
export function endOfString(at: usize, end: usize): usize {
  hasEscape = false;
  const marks = stringMarks(at);
  if (marks) {
    const p = at + ctz(marks);
    if (load<u8>(p) == QUOTE) return p < end ? p : 0;
  }
  return endOfLongString(at, end);
}

/** Bits for those of the next 16 bytes that end a string or need a look: escapes, control characters, bytes beyond ASCII. */
// @ts-ignore: decorator
@inline
function stringMarks(at: usize): u32 {
  const v = v128.load(at);
  const ends = v128.or(i8x16.eq(v, i8x16.splat(0x22)), i8x16.eq(v, i8x16.splat(0x5c)));
  // As signed numbers, bytes beyond ASCII are less than a space too.
  return <u32>i8x16.bitmask(v128.or(ends, i8x16.lt_s(v, i8x16.splat(0x20))));
}

function endOfLongString(at: usize, end: usize): usize {
  let p = at;
  while (p < end) {
    const marks = stringMarks(p);
    if (!marks) {
      p += 16;
      continue;
    }
    p += ctz(marks);
    const byte = load<u8>(p);
    if (byte == QUOTE) return p < end ? p : 0;
    let length: u32 = 0;
    if (byte >= 0x80) length = sequenceLength(p);
    else if (byte == BACKSLASH) {
      hasEscape = true;
      length = escapeLength(p);
    }
    if (!length) return 0;
    p += length;
    // Where one character is beyond ASCII the next often is.
    while (load<u8>(p) >= 0x80 && p < end) {
      length = sequenceLength(p);
      if (!length) return 0;
      p += length;
    }
  }
  return 0;
}

/** Length of the well-formed UTF-8 sequence at `at` that is not ASCII, or 0. */
// @ts-ignore: decorator
@inline
function sequenceLength(at: usize): u32 {
  const word = load<u32>(at);
  const first = word & 0xff;
  if (first < 0xe0) return first >= 0xc2 && (word & 0xc000) == 0x8000 ? 2 : 0;
  const second = (word >> 8) & 0xff;
  if (first < 0xf0) {
    if ((word & 0xc0c000) != 0x808000) return 0;
    // Longer than it need be, or a surrogate.
    return (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ? 0 : 3;
  }
  if (first > 0xf4 || (word & 0xc0c0c000) != 0x80808000) return 0;
  return (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f) ? 0 : 4;
}

/** Length of the escape at `at`, or 0. */
function escapeLength(at: usize): u32 {
  switch (load<u8>(at, 1)) {
    case 0x22: // "
    case 0x2f: // /
    case 0x5c: // \
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return 2;
    case 0x75: // u
      return codeUnit(at + 2) < 0 ? 0 : 6;
  }
  return 0;
}

/** The number of four hexadecimal digits, or less than 0. */
function codeUnit(at: usize): i32 {
  return (hexDigit(at) << 12) | (hexDigit(at + 1) << 8) | (hexDigit(at + 2) << 4) | hexDigit(at + 3);
}

// @ts-ignore: decorator
@inline
function hexDigit(at: usize): i32 {
  const byte = <u32>load<u8>(at);
  if (byte - 0x30 <= 9) return byte - 0x30;
  const letter = (byte | 0x20) - 0x61;
  // Shifted, it stays negative.
  return letter <= 5 ? letter + 10 : -1;
}

/**
 * Undoes the escapes of a string that was skipped, in place: it never gets longer. Half a surrogate pair becomes
 * U+FFFD, as it does where JavaScript writes a string as UTF-8.
 *
 * @returns Where the text ends now.
 */
export function undoEscapes(start: usize, end: usize): usize {
  let p = start;
  let top = start;
  while (p < end) {
    const byte = load<u8>(p);
    if (byte != BACKSLASH) {
      store<u8>(top++, byte);
      p++;
      continue;
    }
    const kind = load<u8>(p, 1);
    p += 2;
    if (kind != 0x75) {
      store<u8>(top++, escaped(kind));
      continue;
    }
    let code = <u32>codeUnit(p);
    p += 4;
    if ((code & 0xf800) == 0xd800) {
      const isPair = code < 0xdc00 && p + 6 <= end && load<u8>(p) == BACKSLASH && load<u8>(p, 1) == 0x75;
      const low = isPair ? <u32>codeUnit(p + 2) : 0;
      if ((low & 0xfc00) == 0xdc00) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        p += 6;
      } else code = 0xfffd;
    }
    top = storeCharacter(top, code);
  }
  return top;
}

// @ts-ignore: decorator
@inline
function escaped(kind: u8): u8 {
  switch (kind) {
    case 0x62:
      return 0x08;
    case 0x66:
      return 0x0c;
    case 0x6e:
      return 0x0a;
    case 0x72:
      return 0x0d;
    case 0x74:
      return 0x09;
  }
  return kind;
}

function storeCharacter(at: usize, code: u32): usize {
  if (code < 0x80) {
    store<u8>(at, <u8>code);
    return at + 1;
  }
  if (code < 0x800) {
    store<u8>(at, <u8>(0xc0 | (code >> 6)));
    store<u8>(at, <u8>(0x80 | (code & 63)), 1);
    return at + 2;
  }
  if (code < 0x10000) {
    store<u8>(at, <u8>(0xe0 | (code >> 12)));
    store<u8>(at, <u8>(0x80 | ((code >> 6) & 63)), 1);
    store<u8>(at, <u8>(0x80 | (code & 63)), 2);
    return at + 3;
  }
  store<u8>(at, <u8>(0xf0 | (code >> 18)));
  store<u8>(at, <u8>(0x80 | ((code >> 12) & 63)), 1);
  store<u8>(at, <u8>(0x80 | ((code >> 6) & 63)), 2);
  store<u8>(at, <u8>(0x80 | (code & 63)), 3);
  return at + 4;
}

// @ts-ignore: decorator
@inline
function isDigit(byte: u8): bool {
  return byte - ZERO <= 9;
}

// @ts-ignore: decorator
@inline
function skipDigits(at: usize): usize {
  let p = at;
  while (isDigit(load<u8>(p))) p++;
  return p;
}

/** Skips a value that holds no others. */
// @ts-ignore: decorator
@inline
function skipScalar(at: usize, end: usize): usize {
  const first = load<u8>(at);
  if (first == QUOTE) {
    const close = endOfString(at + 1, end);
    return close ? close + 1 : 0;
  }
  return isDigit(first) || first == MINUS ? skipNumber(at) : skipWord(at);
}

// @ts-ignore: decorator
@inline
export function skipNumber(at: usize): usize {
  let p = at;
  if (load<u8>(p) == MINUS) p++;
  const first = load<u8>(p);
  if (!isDigit(first)) return 0;
  p = first == ZERO ? p + 1 : skipDigits(p + 1);
  if (load<u8>(p) == 0x2e) {
    if (!isDigit(load<u8>(p, 1))) return 0;
    p = skipDigits(p + 2);
  }
  return (load<u8>(p) | 0x20) == 0x65 ? skipExponent(p) : p;
}

function skipExponent(at: usize): usize {
  let p = at + 1;
  const sign = load<u8>(p);
  if (sign == MINUS || sign == 0x2b) p++;
  return isDigit(load<u8>(p)) ? skipDigits(p + 1) : 0;
}

// @ts-ignore: decorator
@inline
export function skipWord(at: usize): usize {
  const word = load<u32>(at);
  if (word == TRUE || word == NULL) return at + 4;
  return word == FALS && load<u8>(at, 4) == 0x65 ? at + 5 : 0;
}

/** Skips `"key":` and the whitespace around. */
function skipKey(at: usize, end: usize): usize {
  if (load<u8>(at) != QUOTE) return 0;
  const close = endOfString(at + 1, end);
  return close ? skipColon(close + 1, end) : 0;
}

// @ts-ignore: decorator
@inline
export function skipColon(at: usize, end: usize): usize {
  const colon = skipSpace(at, end);
  return load<u8>(colon) == COLON ? skipSpace(colon + 1, end) : 0;
}

/** Skips an object or an array with everything in it. */
export function skipNested(at: usize, end: usize): usize {
  /** For each open one, the innermost lowest, whether it is an object. */
  let kinds: u64 = 0;
  let depth: u32 = 0;
  let p = at;
  while (true) {
    const first = load<u8>(p);
    if (first == OPENING_BRACE || first == OPENING_BRACKET) {
      p = skipSpace(p + 1, end);
      // Both closing characters are two after their opening ones.
      if (load<u8>(p) != first + 2) {
        if (depth++ == MAX_DEPTH) return 0;
        kinds <<= 1;
        if (first == OPENING_BRACE) {
          kinds |= 1;
          p = skipKey(p, end);
          if (!p) return 0;
        }
        continue;
      }
      p++;
    } else {
      p = skipScalar(p, end);
      if (!p) return 0;
    }
    while (true) {
      if (!depth) return p;
      const isObject = (kinds & 1) != 0;
      p = skipSpace(p, end);
      const next = load<u8>(p);
      if (next == COMMA) {
        p = skipSpace(p + 1, end);
        if (isObject) p = skipKey(p, end);
        if (!p) return 0;
        break;
      }
      if (next != (isObject ? CLOSING_BRACE : CLOSING_BRACKET)) return 0;
      kinds >>= 1;
      depth--;
      p++;
    }
  }
}
