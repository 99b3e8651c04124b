import { storedText } from "../rows/text-decoding.ts";
import { urlPart } from "./url.ts";

const PERCENT = 0x25;
const AMPERSAND = 0x26;
const PLUS = 0x2b;
const EQUALS = 0x3d;
const SPACE = 0x20;

/** Finds one parameter of queries by its name. */
export class QueryParameter {
  readonly #name: Uint8Array;

  constructor(name: string) {
    this.#name = new TextEncoder().encode(name);
  }

  /** Its value in the query of a URL. */
  ofUrl(url: Uint8Array): Uint8Array | undefined {
    const query = urlPart(url, "query");
    return query && this.ofQuery(query);
  }

  /**
   * Its first value: percent-decoded once, `+` is a space. Invalid escapes, and escapes that together are not UTF-8, stay.
   *
   * @param query - Without the question mark.
   * @returns Undefined when the parameter is not there; empty when it has no value.
   * @see https://url.spec.whatwg.org/#urlencoded-parsing
   */
  ofQuery(query: Uint8Array): Uint8Array | undefined {
    for (let start = 0; start <= query.length; ) {
      const next = query.indexOf(AMPERSAND, start);
      const end = next < 0 ? query.length : next;
      const equals = query.indexOf(EQUALS, start);
      const nameEnd = equals < 0 || equals > end ? end : equals;
      if (nameEnd > start && this.#isName(query.subarray(start, nameEnd)))
        return formText(query.subarray(Math.min(nameEnd + 1, end), end));
      start = end + 1;
    }
    return undefined;
  }

  #isName(text: Uint8Array): boolean {
    const wanted = this.#name;
    // An escape only makes a name longer.
    if (text.length < wanted.length) return false;
    const name = formText(text);
    if (name.length !== wanted.length) return false;
    for (let i = 0; i < name.length; i++) if (name[i] !== wanted[i]) return false;
    return true;
  }
}

/** Undoes the encoding of a form's text; returns the text itself where there is nothing to undo. */
function formText(text: Uint8Array): Uint8Array {
  let isPlain = true;
  for (let i = 0; isPlain && i < text.length; i++) isPlain = text[i] !== PERCENT && text[i] !== PLUS;
  if (isPlain) return text;
  return storedText(
    text.map((byte) => (byte === PLUS ? SPACE : byte)),
    "percent",
  );
}
