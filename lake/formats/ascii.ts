/** Bytes as ASCII text, for formats that have to look at them before anything is a string. */

export const TAB = 0x09;
export const LINE_FEED = 0x0a;
export const CARRIAGE_RETURN = 0x0d;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const HASH = 0x23;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const SLASH = 0x2f;
export const COLON = 0x3a;
export const BACKSLASH = 0x5c;

const encoder = new TextEncoder();

/** The bytes of a text. */
export function ascii(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Whether `text` stands at `bytes[at]`. */
export function startsWithAt(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  if (at + text.length > bytes.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}

/** The text `bytes[start, end)` as a string; each byte is one character. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}

/**
 * The first line of a text that is neither a comment (`#`) nor blank, as a string of bytes, without its line end. It is cut
 * where `head` ends.
 */
export function firstRecordLine(head: Uint8Array): string {
  for (let start = 0; start < head.length; ) {
    // A text may begin with thousands of blank lines: a search for each is slow.
    while (head[start] === LINE_FEED || head[start] === CARRIAGE_RETURN) start++;
    const lineFeed = head.indexOf(LINE_FEED, start);
    const end = lineFeed < 0 ? head.length : lineFeed;
    const textEnd = head[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
    if (textEnd > start && head[start] !== HASH) return latin1(head, start, textEnd);
    start = end + 1;
  }
  return "";
}
