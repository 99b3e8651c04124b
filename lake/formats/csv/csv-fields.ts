/**
 * The fields of one record of delimited text.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
import { repairUtf8 } from "../../rows/text-decoding.ts";
import { CARRIAGE_RETURN, LINE_FEED, latin1, QUOTE, SPACE } from "../ascii.ts";

/** More fields than any sensible table has: a record with more is rejected. */
const MAX_FIELDS = 1 << 16;
/** A quote that is not closed within this many lines is taken for an error of its line, not of the object. */
export const MAX_QUOTED_LINES = 10_000;

/** The text ends before the record does. */
export const INCOMPLETE = -1;
/** A quote is open at the end of the object, or for too many lines: its line is rejected, no other. */
export const UNTERMINATED = -2;
/** Text follows a quote, and no closing quote follows on the same line: the record is rejected. */
export const BROKEN = -3;

/** Finds the fields of one record after the other. */
export class CsvFields {
  count = 0;
  /** Where each field starts and ends, without the quotes around it. */
  starts = new Int32Array(256);
  ends = new Int32Array(256);
  #kinds = new Uint8Array(256);
  /** Where the line ends on which a record stopped making sense. */
  brokenAt = 0;

  isQuoted(field: number): boolean {
    return this.#kinds[field] !== 0;
  }

  hasDoubledQuote(field: number): boolean {
    return this.#kinds[field] === 2;
  }

  /** A field as a name: without the blanks around it, unless they are in quotes. */
  textOf(bytes: Uint8Array, field: number): string {
    const text = Buffer.from(repairUtf8(unquoted(bytes, this.starts[field]!, this.ends[field]!))).toString();
    return this.isQuoted(field) ? text : text.trim();
  }

  /** Whether there are more fields than are kept. */
  get isTooMany(): boolean {
    return this.count > MAX_FIELDS;
  }

  /** Fields of which the place is known. */
  get keptCount(): number {
    return Math.min(this.count, MAX_FIELDS);
  }

  #grow(): void {
    const length = 2 * this.starts.length;
    this.starts = doubled(this.starts, new Int32Array(length));
    this.ends = doubled(this.ends, new Int32Array(length));
    this.#kinds = doubled(this.#kinds, new Uint8Array(length));
  }

  /** Whether it is a blank line. */
  get isBlank(): boolean {
    return this.count === 1 && this.starts[0] === this.ends[0] && !this.isQuoted(0);
  }

  /** @returns Where the next record starts; or `INCOMPLETE`, `UNTERMINATED` or `BROKEN`. */
  split(bytes: Uint8Array, start: number, end: number, delimiter: number, isLast: boolean): number {
    this.count = 0;
    for (let i = start; ; i++) {
      const quote = skipBlanks(bytes, i, end);
      i =
        quote < end && bytes[quote] === QUOTE
          ? this.#quoted(bytes, quote, end, delimiter, isLast)
          : this.#plain(bytes, i, end, delimiter);
      if (i < 0) return i;
      if (i >= end) return isLast ? end : INCOMPLETE;
      if (bytes[i] === delimiter) continue;
      if (bytes[i] === LINE_FEED) return i + 1;
      // A carriage return may be the first half of a line end whose other half is still to come.
      if (i + 1 >= end) return isLast ? end : INCOMPLETE;
      return bytes[i + 1] === LINE_FEED ? i + 2 : i + 1;
    }
  }

  #plain(bytes: Uint8Array, start: number, end: number, delimiter: number): number {
    let i = start;
    while (i < end && bytes[i] !== delimiter && bytes[i] !== LINE_FEED && bytes[i] !== CARRIAGE_RETURN) i++;
    this.#add(start, i, 0);
    return i;
  }

  /** A field in quotes ends at a quote before a delimiter or line end; other quotes are text, if a closing one follows. */
  #quoted(bytes: Uint8Array, start: number, end: number, delimiter: number, isLast: boolean): number {
    let kind = 1;
    let lines = 0;
    let isOdd = false;
    for (let i = start + 1; i < end; i++) {
      const byte = bytes[i]!;
      if (byte === LINE_FEED || byte === CARRIAGE_RETURN) {
        if (++lines > MAX_QUOTED_LINES) return UNTERMINATED;
        if (!isOdd) continue;
        this.brokenAt = i;
        return BROKEN;
      }
      if (byte !== QUOTE) continue;
      const next = skipBlanks(bytes, i + 1, end);
      if (next >= end || bytes[next] === delimiter || bytes[next] === LINE_FEED || bytes[next] === CARRIAGE_RETURN) {
        this.#add(start + 1, i, kind);
        return next;
      }
      if (bytes[i + 1] === QUOTE) {
        kind = 2;
        i++;
      } else isOdd = true;
    }
    return isLast ? UNTERMINATED : INCOMPLETE;
  }

  #add(start: number, end: number, kind: number): void {
    const field = this.count++;
    // Of a record with too many fields only the number matters.
    if (field >= MAX_FIELDS) return;
    if (field === this.starts.length) this.#grow();
    this.starts[field] = start;
    this.ends[field] = end;
    this.#kinds[field] = kind;
  }
}

function doubled<Numbers extends Int32Array | Uint8Array>(numbers: Numbers, larger: Numbers): Numbers {
  larger.set(numbers);
  return larger;
}

export function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i] === SPACE) i++;
  return i;
}

/** The text of a quoted field, its doubled quotes made single; whatever its encoding is. */
export function unquoted(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return Buffer.from(latin1(bytes, start, end).replaceAll('""', '"'), "latin1");
}
