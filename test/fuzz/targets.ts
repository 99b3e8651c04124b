/** What can be fuzzed, by name. */

import type { Finding, Progress } from "./finding.ts";
import { fuzzArchives } from "./fuzz-archives.ts";
import { fuzzScanner } from "./fuzz-scanner.ts";
import { fuzzSnappy } from "./fuzz-snappy.ts";
import { fuzzSplits } from "./fuzz-splits.ts";
import { packings } from "./grammars/archive-parts.ts";
import { subjects } from "./subjects.ts";

export interface Run {
  /** At least so many. */
  readonly cases: number;
  readonly seed: string;
  /** Records to begin with; of scanners only. */
  readonly corpus: readonly Uint8Array[];
  /** Fewer are for tests that have seconds. */
  readonly recordsOfBatch?: number;
  readonly splitsOfParse?: number;
  readonly onProgress?: (progress: Progress) => void;
}

export interface RunResult {
  readonly cases: number;
  /** Bytes of text, or of archives, that were read. */
  readonly bytes: number;
  /** What is worth saying about the run. */
  readonly remark: string;
  /** Records that took the scanner to places where others did not. */
  readonly corpus: readonly Uint8Array[];
  readonly finding?: Finding;
}

export interface Target {
  readonly name: string;
  run(run: Run): Promise<RunResult>;
}

export const targets: readonly Target[] = [
  ...subjects.map((subject) => ({ name: subject.name, run: (run: Run) => fuzzScanner(subject, run) })),
  ...subjects.map((subject) => ({ name: `splits:${subject.name}`, run: (run: Run) => fuzzSplits(subject, run) })),
  { name: "snappy", run: fuzzSnappy },
  ...packings.map((packing) => ({ name: packing.name, run: (run: Run) => fuzzArchives(packing, run) })),
];

/** @param wanted - Names, or beginnings of names that end in `:`, separated by commas; `all`. */
export function targetsNamed(wanted: string): Target[] {
  const chosen = wanted.split(",").map((name) => {
    const found = targets.filter(
      (target) => name === "all" || target.name === name || target.name.startsWith(`${name}:`),
    );
    if (found.length === 0) throw new Error(`No target "${name}": there are ${targets.map((t) => t.name).join(", ")}`);
    return found;
  });
  return [...new Set(chosen.flat())];
}
