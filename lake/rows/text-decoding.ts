import { isUtf8 } from "node:buffer";
import type { Decoding } from "./schema.ts";

const PERCENT = 0x25;
const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const LOWER_X = 0x78;
const LOWER_F = 0x66;
const ZERO = 0x30;

/** The value of an ASCII hexadecimal digit, or -1. */
function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= LOWER_F ? lower - 0x57 : -1;
}

/** The byte that two hexadecimal digits at `at` stand for, or -1. */
function hexByte(text: Uint8Array, at: number): number {
  const high = hexDigit(text[at]);
  const low = hexDigit(text[at + 1]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/**
 * Undoes `%HH` once. Other text stays as it is. So do neighbouring escapes that together are not UTF-8, which
 * decodeURIComponent does not take either: from them one can read which bytes were sent, and from a replacement one cannot.
 */
function decodePercent(text: Uint8Array): Uint8Array {
  const decoded = new Uint8Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; ) {
    const start = i;
    const decodedStart = length;
    for (; text[i] === PERCENT; i += 3) {
      const byte = hexByte(text, i + 1);
      if (byte < 0) break;
      decoded[length++] = byte;
    }
    if (i > start && isUtf8(decoded.subarray(decodedStart, length))) continue;
    // No escapes, or escapes that mean nothing.
    const end = i > start ? i : i + 1;
    decoded.set(text.subarray(start, end), decodedStart);
    length = decodedStart + end - start;
    i = end;
  }
  return decoded.subarray(0, length);
}

/** Whether six times the same letter or digit stands at `at`; of letters either case. */
function isSixTimes(text: Uint8Array, at: number, lower: number): boolean {
  for (let i = at; i < at + 6; i++) if (((text[i] ?? 0) | 0x20) !== lower) return false;
  return true;
}

/**
 * The byte of eight hexadecimal digits at `at`, or -1: the load balancers once printed bytes as numbers of 32 bits, so that one
 * above 0x7F has its sign extended, `FFFFFFE2`, and any other one leading zeros, `00000022`. NUL before digits, which would
 * look the same, is not in a request.
 */
function wideHexByte(text: Uint8Array, at: number): number {
  const byte = hexByte(text, at + 6);
  if (byte >= 0x80) return isSixTimes(text, at, LOWER_F) ? byte : -1;
  return byte >= 0 && isSixTimes(text, at, ZERO) ? byte : -1;
}

/** Undoes `\xHH`, `\xFFFFFFHH`, `\x000000HH`, `\"` and `\\` once. Other text stays as it is. */
function decodeBackslash(text: Uint8Array): Uint8Array {
  const decoded = new Uint8Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const byte = text[i]!;
    const next = text[i + 1];
    if (byte === BACKSLASH && (next === BACKSLASH || next === QUOTE)) {
      decoded[length++] = next;
      i++;
      continue;
    }
    if (byte === BACKSLASH && next === LOWER_X) {
      const wide = wideHexByte(text, i + 2);
      const short = hexByte(text, i + 2);
      if (wide >= 0) {
        decoded[length++] = wide;
        i += 9;
        continue;
      }
      if (short >= 0) {
        decoded[length++] = short;
        i += 3;
        continue;
      }
    }
    decoded[length++] = byte;
  }
  return decoded.subarray(0, length);
}

const HEX = "0123456789abcdef";

/** Length of the well-formed UTF-8 sequence at `at`, or 0. */
function utf8SequenceLength(text: Uint8Array, at: number): number {
  const first = text[at]!;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  return length > 0 && at + length <= text.length && isUtf8(text.subarray(at, at + length)) ? length : 0;
}

/**
 * Makes UTF-8 of any bytes without losing one: each byte that does not belong to a character is written as `\xHH`.
 */
export function repairUtf8(text: Uint8Array): Uint8Array {
  if (isUtf8(text)) return text;
  const repaired = new Uint8Array(text.length * 4);
  let length = 0;
  for (let i = 0; i < text.length; ) {
    const sequence = utf8SequenceLength(text, i);
    if (sequence > 0) {
      for (const end = i + sequence; i < end; i++) repaired[length++] = text[i]!;
      continue;
    }
    const byte = text[i++]!;
    repaired[length++] = BACKSLASH;
    repaired[length++] = LOWER_X;
    repaired[length++] = HEX.charCodeAt(byte >> 4);
    repaired[length++] = HEX.charCodeAt(byte & 15);
  }
  return repaired.subarray(0, length);
}

/**
 * The text a column stores for the text in the log: escapes undone once, well-formed UTF-8.
 *
 * @returns `text` itself where nothing had to change.
 */
export function storedText(text: Uint8Array, decoding: Decoding | undefined): Uint8Array {
  if (decoding === "percent" && text.includes(PERCENT)) return repairUtf8(decodePercent(text));
  if (decoding === "backslash" && text.includes(BACKSLASH)) return repairUtf8(decodeBackslash(text));
  return repairUtf8(text);
}
