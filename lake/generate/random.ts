/** Random numbers from a seed: the same seed gives the same sample logs on every machine and in every release. */

/** A stream of random numbers. Streams with different seeds are independent for the purposes of sample data. */
export interface Random {
  /** A 32-bit unsigned integer. */
  uint32(): number;
  /** A number in [0, 1). */
  unit(): number;
  /** An integer in [0, end). */
  below(end: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** A number around 1 whose logarithm is normal: as latencies and sizes are. `spread` 0.5 is mild, 1.5 wild. */
  logNormal(spread: number): number;
}

/**
 * Starts a stream from any text, such as "7/alb/3".
 *
 * @see https://pracrand.sourceforge.net/RNG_engines.txt sfc32, small and fast; seeded through FNV-1a as a mixer.
 */
export function randomFrom(seed: string): Random {
  let a = fnv1a(seed, 0x811c9dc5);
  let b = fnv1a(seed, a);
  let c = fnv1a(seed, b);
  let counter = 1;

  function uint32(): number {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
  const unit = () => uint32() / 0x1_0000_0000;

  // The first outputs still resemble the seed.
  for (let i = 0; i < 15; i++) uint32();

  return {
    uint32,
    unit,
    below: (end) => Math.floor(unit() * end),
    chance: (probability) => unit() < probability,
    logNormal: (spread) => Math.exp(spread * Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit())),
  };
}

/** Picks one of `choices` in proportion to its weight. Building it once makes each pick cheap. */
export function weighted<T>(choices: readonly (readonly [value: T, weight: number])[]): (random: Random) => T {
  let total = 0;
  const ends = choices.map(([, weight]) => {
    total += weight;
    return total;
  });
  return (random) => {
    const at = random.unit() * total;
    const index = ends.findIndex((end) => at < end);
    return choices[index === -1 ? choices.length - 1 : index]![0];
  };
}

/** `length` characters of `alphabet`, whose length must be a power of two up to 64. */
export function randomText(random: Random, alphabet: string, length: number): string {
  const bits = Math.log2(alphabet.length);
  const perNumber = Math.floor(32 / bits);
  let text = "";
  while (text.length < length) {
    let number = random.uint32();
    for (let i = 0; i < perNumber && text.length < length; i++) {
      text += alphabet[number & (alphabet.length - 1)];
      number >>>= bits;
    }
  }
  return text;
}

function fnv1a(text: string, start: number): number {
  let hash = start | 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 15);
}
