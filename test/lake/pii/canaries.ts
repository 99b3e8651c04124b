/** Personal data that nobody else's text holds, and the search for it in whatever was written. */
import { createHash } from "node:crypto";

/** Planted texts by what they are called; each is found again by itself in every spelling that software gives to texts. */
export class Canaries {
  readonly #spellings = new Map<string, Buffer[]>();
  #count = 0;

  /** A word of letters and digits. */
  word(name: string): string {
    const number = this.#count++;
    const word = `kanari${createHash("sha256").update(`${name} ${number}`).digest("hex").slice(0, 10)}k${number}`;
    this.#spellings.set(`${name}: ${word}`, spellingsOf(word));
    return word;
  }

  /** An address of a person, which must not be left whole. */
  address(name: string): string {
    const number = this.#count++;
    const address = `203.0.${100 + (number >> 7)}.${128 + (number & 127)}`;
    this.#spellings.set(`${name}: ${address}`, [address, address.replaceAll(".", "%2E")].map(bufferOf));
    return address;
  }

  /** A card number that passes the check digit. */
  card(name: string): string {
    const body = `41111${String(this.#count++).padStart(10, "0")}`;
    const card = Array.from({ length: 10 }, (_, digit) => `${body}${digit}`).find(passesLuhn)!;
    const groups = card.match(/.{4}/g)!;
    const spellings = ["", " ", "-", "%20", "."].map((separator) => bufferOf(groups.join(separator)));
    this.#spellings.set(`${name}: ${card}`, spellings);
    return card;
  }

  /** The names of all that were planted. */
  get names(): string[] {
    return [...this.#spellings.keys()];
  }

  /** The names of those of which some spelling is in the bytes. */
  foundIn(bytes: Uint8Array | string): string[] {
    const buffer =
      typeof bytes === "string" ? bufferOf(bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    return [...this.#spellings]
      .filter(([, spellings]) => spellings.some((text) => buffer.includes(text)))
      .map(([name]) => name);
  }
}

const bufferOf = (text: string) => Buffer.from(text);

function spellingsOf(word: string): Buffer[] {
  const each = (spell: (code: string) => string) =>
    [...word].map((letter) => spell(letter.charCodeAt(0).toString(16).padStart(2, "0"))).join("");
  const hashes = ["md5", "sha1", "sha256"].flatMap((algorithm) => {
    const hash = createHash(algorithm).update(word).digest();
    return [hash.toString("hex"), hash.toString("base64")];
  });
  // What Base64 makes of a text depends on how many bytes are before it, and on those at its edges.
  const base64 = [0, 1, 2].map((before) =>
    Buffer.from("x".repeat(before) + word)
      .toString("base64")
      .slice(before === 0 ? 0 : 4, -4),
  );
  const texts = [
    word,
    word.toUpperCase(),
    each((code) => `%${code}`),
    each((code) => `%${code.toUpperCase()}`),
    each((code) => `%25${code}`),
    each((code) => `\\x${code}`),
    each((code) => `\\u00${code}`),
    each((code) => code),
    ...base64,
    ...hashes,
  ];
  return [...texts.map(bufferOf), Buffer.from(word, "utf16le")];
}

function passesLuhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const doubled = Number(digit) * (1 + (i % 2));
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}
