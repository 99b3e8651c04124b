/**
 * Skips JSON text in bytes, strictly as the standard says, without making anything of it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */

/** The text ends before the value does. */
export const INCOMPLETE = -1;
/** Not the JSON grammar. */
export const INVALID = -2;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const COLON = 0x3a;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const LETTER_U = 0x75;

const IS_SIMPLE_ESCAPE = new Uint8Array(256);
for (const character of '"\\/bfnrt') IS_SIMPLE_ESCAPE[character.charCodeAt(0)] = 1;
const LITERALS = ["true", "false", "null"].map((word) => new TextEncoder().encode(word));

/** The first byte that cannot stand where it does, of the text for which `INVALID` was returned last. */
export let invalidAt = 0;

function invalid(at: number): number {
  invalidAt = at;
  return INVALID;
}

/** Position of the first byte at or after `at` that is not JSON whitespace, at most `end`. */
export function skipSpace(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end) {
    const byte = bytes[i]!;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    i++;
  }
  return i;
}

/** Kinds of open containers, innermost last; grows with the nesting, so depth costs memory and no call stack. */
let openKinds = new Uint8Array(256);

/**
 * @param at - Where the value starts, past any whitespace.
 * @returns The position after the value, or `INCOMPLETE`, or `INVALID`. A number at the very end of the text is complete.
 *   It does not check whether strings are UTF-8.
 */
export function skipValue(bytes: Uint8Array, at: number, end: number): number {
  let depth = 0;
  let i = at;
  for (;;) {
    // A value starts here.
    if (i >= end) return INCOMPLETE;
    const first = bytes[i]!;
    if (first === OPENING_BRACE || first === OPENING_BRACKET) {
      i = skipSpace(bytes, i + 1, end);
      if (i >= end) return INCOMPLETE;
      if (bytes[i] !== closingOf(first)) {
        pushKind(depth++, first);
        if (first === OPENING_BRACE) i = skipKey(bytes, i, end);
        if (i < 0) return i;
        continue;
      }
      i++;
    } else {
      i = skipScalar(bytes, i, end);
      if (i < 0) return i;
    }
    // A value has ended here; so may the containers around it.
    for (;;) {
      if (depth === 0) return i;
      i = skipSpace(bytes, i, end);
      if (i >= end) return INCOMPLETE;
      const kind = openKinds[depth - 1]!;
      if (bytes[i] === COMMA) {
        i = skipSpace(bytes, i + 1, end);
        if (kind === OPENING_BRACE) i = skipKey(bytes, i, end);
        if (i < 0) return i;
        break;
      }
      if (bytes[i] !== closingOf(kind)) return invalid(i);
      depth--;
      i++;
    }
  }
}

const closingOf = (opening: number) => (opening === OPENING_BRACE ? CLOSING_BRACE : CLOSING_BRACKET);

function pushKind(depth: number, kind: number): void {
  if (depth === openKinds.length) {
    const larger = new Uint8Array(2 * depth);
    larger.set(openKinds);
    openKinds = larger;
  }
  openKinds[depth] = kind;
}

/** Skips `"key" :` and the whitespace around; ends where the value starts. */
export function skipKey(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return INCOMPLETE;
  if (bytes[at] !== QUOTE) return invalid(at);
  const keyEnd = skipString(bytes, at, end);
  return keyEnd < 0 ? keyEnd : skipColon(bytes, keyEnd, end);
}

/** Skips `:` and the whitespace around; ends where the value starts. */
export function skipColon(bytes: Uint8Array, at: number, end: number): number {
  const colon = skipSpace(bytes, at, end);
  if (colon >= end) return INCOMPLETE;
  if (bytes[colon] !== COLON) return invalid(colon);
  return skipSpace(bytes, colon + 1, end);
}

/** Whether the string that was skipped last has escapes. */
export let sawEscape = false;

/** @param at - At the opening quote. @returns The position after the closing quote; `INCOMPLETE` or `INVALID` without one. */
export function skipString(bytes: Uint8Array, at: number, end: number): number {
  sawEscape = false;
  for (let i = at + 1; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) return i + 1;
    if (byte < 0x20) return invalid(i);
    if (byte === BACKSLASH) {
      sawEscape = true;
      if (++i >= end) return INCOMPLETE;
      if (bytes[i] === LETTER_U) {
        for (let digit = 0; digit < 4; digit++) {
          if (++i >= end) return INCOMPLETE;
          if (!isHexDigit(bytes[i]!)) return invalid(i);
        }
      } else if (IS_SIMPLE_ESCAPE[bytes[i]!] === 0) return invalid(i);
    }
  }
  return INCOMPLETE;
}

/** The text of the string in `bytes[start, end)`, quotes included. */
export function stringText(bytes: Uint8Array, start: number, end: number): string {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString()) as string;
}

function skipScalar(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  if (first === QUOTE) return skipString(bytes, at, end);
  if (first === MINUS || isDigit(first)) return skipNumber(bytes, at, end);
  for (const word of LITERALS) {
    if (first !== word[0]) continue;
    for (let i = 1; i < word.length; i++) {
      if (at + i >= end) return INCOMPLETE;
      if (bytes[at + i] !== word[i]) return invalid(at + i);
    }
    return at + word.length;
  }
  return invalid(at);
}

function skipNumber(bytes: Uint8Array, at: number, end: number): number {
  let i = bytes[at] === MINUS ? at + 1 : at;
  if (i >= end) return INCOMPLETE;
  if (!isDigit(bytes[i]!)) return invalid(i);
  i = bytes[i] === ZERO ? i + 1 : skipDigits(bytes, i, end);
  if (i < end && bytes[i] === 0x2e) {
    if (i + 1 >= end) return INCOMPLETE;
    if (!isDigit(bytes[i + 1]!)) return invalid(i + 1);
    i = skipDigits(bytes, i + 1, end);
  }
  if (i < end && (bytes[i] === 0x65 || bytes[i] === 0x45)) {
    i++;
    if (i < end && (bytes[i] === 0x2b || bytes[i] === MINUS)) i++;
    if (i >= end) return INCOMPLETE;
    if (!isDigit(bytes[i]!)) return invalid(i);
    i = skipDigits(bytes, i, end);
  }
  return i;
}

function skipDigits(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && isDigit(bytes[i]!)) i++;
  return i;
}

const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
const isHexDigit = (byte: number) => isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);

/** Whether a byte is one of some ASCII characters. */
export function isOneOf(byte: number | undefined, characters: string): boolean {
  return byte !== undefined && characters.includes(String.fromCharCode(byte));
}
