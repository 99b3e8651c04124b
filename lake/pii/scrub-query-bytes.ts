import type { RowBlock } from "../rows/row-block.ts";

const ASTERISK = 0x2a;
const PERCENT = 0x25;
const AMPERSAND = 0x26;
const TWO = 0x32;
const SIX = 0x36;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;

/** A name with more digits may hold a private number. */
const MAX_NAME_DIGITS = 12;
/** The most bytes that a mask adds to a parameter. */
const MASK_LENGTH = 3;

/** Characters of ordinary names: letters, digits and `_ - . [ ]`. */
const isNameByte = new Uint8Array(256);
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.[]")
  isNameByte[character.charCodeAt(0)] = 1;

let masked = new Uint8Array(4096);

/**
 * Does the work of `scrubQuery` for a field that is a plain query string, in its bytes. Queries hardly repeat, and strings for
 * them would cost more than reading the whole line.
 *
 * @param at - The place of the field in `block.fields`.
 * @returns False, without a change, when a name is not an ordinary one or may be escaped.
 */
export function scrubQueryBytes(block: RowBlock, at: number): boolean {
  const { bytes, fields } = block;
  const start = fields[at]!;
  const end = start + fields[at + 1]!;
  // Each byte may be a parameter.
  const mostBytes = (MASK_LENGTH + 1) * (end - start) + MASK_LENGTH;
  if (mostBytes > masked.length) masked = new Uint8Array(2 * mostBytes);
  let length = 0;
  for (let i = start; ; i++) {
    const partStart = i;
    let digits = 0;
    while (i < end && isNameByte[bytes[i]!] === 1) {
      if (bytes[i]! <= 0x39 && bytes[i]! >= 0x30) digits++;
      masked[length++] = bytes[i++]!;
    }
    if (digits > MAX_NAME_DIGITS) return false;
    const isNamed = i < end && bytes[i] === EQUALS;
    if (isNamed) masked[length++] = EQUALS;
    // Without a name the whole parameter is a value.
    else length -= i - partStart;
    while (i < end && bytes[i] !== AMPERSAND) {
      const byte = bytes[i++]!;
      if (byte === BACKSLASH || byte >= 0x80) return false;
      // Within a value only an escaped "&" would mean something.
      if (byte === PERCENT && (!isNamed || (bytes[i] === TWO && bytes[i + 1] === SIX))) return false;
      // A character that is not ordinary came before the "=": it belongs to the name.
      if (byte === EQUALS && !isNamed) return false;
    }
    if (i > partStart) for (let n = 0; n < MASK_LENGTH; n++) masked[length++] = ASTERISK;
    if (i === end) break;
    masked[length++] = AMPERSAND;
  }
  const text = block.addText(masked.subarray(0, length));
  block.fields[at] = text;
  block.fields[at + 1] = length;
  return true;
}
