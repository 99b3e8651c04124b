import type { Framer } from "../../rows/scanner.ts";

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

const isBlank = (byte: number) => byte === 0x20 || byte === 0x09 || byte === 0x0d;

/**
 * Follows the nesting of a text to know where a line ends between two records. In a text that is not JSON it may take the
 * nesting for deeper than it is, and then cuts less often. It never cuts within a record.
 */
export class JsonFramer implements Framer {
  readonly header = undefined;
  readonly #hasEnvelope: boolean;
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  #inArray = false;
  #lastByte = 0;

  constructor(hasEnvelope: boolean) {
    this.#hasEnvelope = hasEnvelope;
  }

  follow(bytes: Uint8Array, isLast: boolean): number {
    // The place in an envelope would have to be carried over; such objects are small enough not to be cut.
    if (this.#hasEnvelope) return isLast ? bytes.length : 0;
    let cut = 0;
    for (let i = 0; i < bytes.length; ) {
      if (this.#inString) {
        i = this.#passString(bytes, i);
        continue;
      }
      const byte = bytes[i++]!;
      if (byte !== LINE_FEED) this.#followByte(byte);
      else if (this.#depth === (this.#inArray ? 1 : 0) && !this.#needsMore) cut = i;
    }
    return isLast ? bytes.length : cut;
  }

  /**
   * Skips the text of a string, which is most of a record.
   *
   * @returns The place after its end; or that of a line end, as no string contains one: the scanner starts again after it.
   */
  #passString(bytes: Uint8Array, start: number): number {
    const end = bytes.length;
    let i = start;
    if (this.#isEscaped && bytes[i] !== LINE_FEED) i++;
    this.#isEscaped = false;
    for (; i < end; i++) {
      const byte = bytes[i]!;
      if (byte > BACKSLASH) continue;
      if (byte === QUOTE) {
        this.#inString = false;
        this.#lastByte = QUOTE;
        return i + 1;
      }
      if (byte === BACKSLASH) {
        if (i + 1 === end) this.#isEscaped = true;
        else if (bytes[i + 1] !== LINE_FEED) i++;
      } else if (byte === LINE_FEED) {
        this.#inString = false;
        this.#lookBack(bytes, start, i);
        return i;
      }
    }
    this.#lookBack(bytes, start, end);
    return end;
  }

  /** Finds the last mark of a text. Where a quote is lost, what seems to be in a string may be the end of a record. */
  #lookBack(bytes: Uint8Array, start: number, end: number): void {
    let i = end - 1;
    while (i >= start && isBlank(bytes[i]!)) i--;
    if (i >= start) this.#lastByte = bytes[i]!;
  }

  /** Whether the last mark is a comma or an opening bracket: the text after it decides about it, so they are not cut apart. */
  get #needsMore(): boolean {
    return this.#lastByte === COMMA || this.#lastByte === OPENING_BRACKET;
  }

  #followByte(byte: number): void {
    if (isBlank(byte)) return;
    this.#lastByte = byte;
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
      if (this.#depth === 0) this.#inArray = byte === OPENING_BRACKET;
      this.#depth++;
    } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) {
      this.#depth = Math.max(0, this.#depth - 1);
      if (this.#depth === 0) this.#inArray = false;
    }
  }
}
