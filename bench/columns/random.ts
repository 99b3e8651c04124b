/** Seeded random numbers: the same seed gives the same log on every machine. */
export class Random {
  #a: number;
  #b = 0x243f6a88;
  #c = 0xb7e15162;
  #counter = 1;

  constructor(seed: number) {
    this.#a = 0x9e3779b9 ^ seed;
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** The generator sfc32 of PractRand. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** From 0 up to and without 1. */
  unit(): number {
    return this.uint32() / 2 ** 32;
  }

  /** An integer from 0 up to and without `end`. */
  below(end: number): number {
    return Math.floor(this.unit() * end);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  /** `length` characters of an alphabet of 64 or 16. */
  text(alphabet: string, length: number): string {
    const bits = alphabet.length === 64 ? 6 : 4;
    const mask = alphabet.length - 1;
    let text = "";
    while (text.length < length) {
      let word = this.uint32();
      for (let i = 0; i < 5 && text.length < length; i++) {
        text += alphabet[word & mask];
        word >>>= bits;
      }
    }
    return text;
  }

  /** exp of a normally distributed number: what response times look like. */
  logNormal(mean: number, deviation: number): number {
    const normal = Math.sqrt(-2 * Math.log(this.unit() + 1e-12)) * Math.cos(2 * Math.PI * this.unit());
    return Math.exp(mean + deviation * normal);
  }

  /** A source of ranks below `count`, the low ones much more often: what popularity looks like. */
  zipf(count: number, exponent: number): () => number {
    const sums = new Float64Array(count);
    let sum = 0;
    for (let rank = 0; rank < count; rank++) {
      sum += 1 / (rank + 1) ** exponent;
      sums[rank] = sum;
    }
    return () => {
      const wanted = this.unit() * sum;
      let low = 0;
      let high = count - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (sums[middle]! < wanted) low = middle + 1;
        else high = middle;
      }
      return low;
    };
  }
}
