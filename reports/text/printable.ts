/**
 * Text from logs for the page. Inter, the font of the PDF, has Latin, Greek and Cyrillic letters. What it does not have would print as
 * empty boxes, so it is shown percent-encoded instead, as it travels in a URL.
 */

/** Characters that Inter draws; a test asks the font files. Right-to-left scripts are not among them. */
const drawn =
  /[\u0020-\u007e\u00a1-\u00ac\u00ae-\u0148\u014a-\u017f\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03ce\u0400-\u045f\u2013\u2014\u2018-\u201a\u201c-\u201e\u2022\u2026\u20ac\u2122]/u;

export function printable(text: string): string {
  // Composed letters are in the font where their parts may not be. Lone surrogates have no encoding.
  const whole = text.normalize("NFC").toWellFormed();
  return Array.from(whole, (character) => (drawn.test(character) ? character : encodeURIComponent(character))).join("");
}

/** Cut in the middle: the start says where, the end says what. */
export function shortened(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const tail = Math.floor((maxLength - 1) * 0.4);
  return `${text.slice(0, maxLength - 1 - tail)}…${text.slice(text.length - tail)}`;
}

/** For e-mail: accents are taken off, the rest becomes `?`. */
export function ascii(text: string): string {
  return text
    .replaceAll("…", "...")
    .replaceAll(/[\u2013\u2014]/g, "-")
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^\n\x20-\x7e]/gu, "?");
}
