/** A case that failed, small enough to look at and ready to become a fixture. */
export interface Finding {
  readonly target: string;
  /** Seed and number of the batch: the same ones give the same batch again, given the same corpus. */
  readonly seed: string;
  readonly broken: string;
  /** Plain data. */
  readonly settings: object;
  readonly text: Uint8Array;
}

/** What a run is about to try: when it hangs, this is what it hangs on. */
export interface Progress {
  readonly cases: number;
  readonly batches: number;
  readonly text: Uint8Array;
  readonly settings: object;
}

/** For people, and for `test/fuzz/regressions/`. */
export function describeFinding({ target, seed, broken, settings, text }: Finding): string {
  const latin1 = Buffer.from(text).toString("latin1");
  return [
    `${target}, seed ${seed}: ${broken}`,
    "As a regression (text in Latin-1, one character for each byte):",
    JSON.stringify({ target, settings, text: latin1.length <= 4000 ? latin1 : `${latin1.slice(0, 4000)} …` }),
  ].join("\n");
}
