/** Reads bits and prefix codes, the highest bit of a byte first, as bzip2 writes them. */

const MAX_CODE_BITS = 20;
/** Codes up to this length are found with one look-up. */
const LOOKUP_BITS = 11;
const LENGTH_BITS = 5;
const LOOKUP_MASK = (1 << LOOKUP_BITS) - 1;
const LENGTH_MASK = (1 << LENGTH_BITS) - 1;

/** A canonical prefix code. */
export interface PrefixCode {
  /** By the next `LOOKUP_BITS` bits: a symbol and the length of its code, or 0 where the code is longer. */
  readonly lookup: Int32Array;
  /** By length: the last code of this length, or -1; and the number to subtract from a code for the place of its symbol. */
  readonly limits: Int32Array;
  readonly bases: Int32Array;
  /** In the order of their codes. */
  readonly symbols: Int32Array;
}

/** @param lengths - Bits of the code of each symbol, from 1 to 20. The code need not be complete. */
export function prefixCode(lengths: Uint8Array): PrefixCode {
  const counts = new Int32Array(MAX_CODE_BITS + 2);
  for (const length of lengths) counts[length]!++;
  const symbols = new Int32Array(lengths.length);
  const limits = new Int32Array(MAX_CODE_BITS + 1).fill(-1);
  const bases = new Int32Array(MAX_CODE_BITS + 1);
  const lookup = new Int32Array(1 << LOOKUP_BITS);
  let at = 0;
  let code = 0;
  for (let bits = 1; bits <= MAX_CODE_BITS; bits++) {
    bases[bits] = code - at;
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== bits) continue;
      if (bits <= LOOKUP_BITS) {
        const start = code << (LOOKUP_BITS - bits);
        lookup.fill((symbol << LENGTH_BITS) | bits, start, start + (1 << (LOOKUP_BITS - bits)));
      }
      symbols[at++] = symbol;
      code++;
    }
    if (counts[bits]! > 0) limits[bits] = code - 1;
    code <<= 1;
  }
  return { lookup, limits, bases, symbols };
}

export class BitReader {
  readonly #bytes: Uint8Array;
  /** The next byte; beyond the end of the bytes, zeros are read. */
  #at = 0;
  /** Bits that were taken from the bytes; the lowest `#count` of them are still to be read. */
  #word = 0;
  #count = 0;

  /** @param usedBits - Bits of the first byte that were read before. */
  constructor(bytes: Uint8Array, usedBits: number) {
    this.#bytes = bytes;
    this.read(usedBits);
  }

  /** Bits that were read. */
  get position(): number {
    return 8 * this.#at - this.#count;
  }

  /** Bits that are left. Negative when more were read than there were. */
  get left(): number {
    return 8 * this.#bytes.length - this.position;
  }

  get isExhausted(): boolean {
    return this.left < 0;
  }

  /** @param count - At most 24. */
  read(count: number): number {
    while (this.#count < count) this.#fill();
    this.#count -= count;
    return (this.#word >>> this.#count) & ((1 << count) - 1);
  }

  /**
   * Reads at most `count` symbols, up to and with `endSymbol`. All time is spent in this loop, so it keeps everything in local
   * variables.
   *
   * @returns How many were read; fewer than `count`, without `endSymbol`, when the bits are not a code.
   */
  readSymbols(
    { lookup, limits, bases, symbols }: PrefixCode,
    endSymbol: number,
    into: Uint16Array,
    count: number,
  ): number {
    const bytes = this.#bytes;
    let at = this.#at;
    let word = this.#word;
    let left = this.#count;
    let read = 0;
    while (read < count) {
      while (left < MAX_CODE_BITS) {
        word = (word << 8) | (at < bytes.length ? bytes[at]! : 0);
        at++;
        left += 8;
      }
      const entry = lookup[(word >>> (left - LOOKUP_BITS)) & LOOKUP_MASK]!;
      let symbol = entry >> LENGTH_BITS;
      if (entry !== 0) left -= entry & LENGTH_MASK;
      else {
        let length = LOOKUP_BITS + 1;
        let code = 0;
        for (; length <= MAX_CODE_BITS; length++) {
          code = (word >>> (left - length)) & ((1 << length) - 1);
          if (code <= limits[length]!) break;
        }
        // In an incomplete code some bits stand for no symbol.
        const found = length > MAX_CODE_BITS ? undefined : symbols[code - bases[length]!];
        if (found === undefined) break;
        symbol = found;
        left -= length;
      }
      into[read++] = symbol;
      if (symbol === endSymbol) break;
    }
    this.#at = at;
    this.#word = word;
    this.#count = left;
    return read;
  }

  #fill(): void {
    this.#word = (this.#word << 8) | (this.#bytes[this.#at] ?? 0);
    this.#at++;
    this.#count += 8;
  }
}
