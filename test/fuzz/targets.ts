/** What can be fuzzed, by name. */

import { fuzzArchives } from "./fuzz-archives.ts";
import { fuzzScanner } from "./fuzz-scanner.ts";
import { fuzzSnappy } from "./fuzz-snappy.ts";
import { fuzzSplits } from "./fuzz-splits.ts";
import { packers } from "./grammars/packers.ts";
import type { Run, RunResult } from "./run.ts";
import { subjects } from "./subjects.ts";

interface Target {
  readonly name: string;
  run(run: Run): Promise<RunResult>;
}

const targets: readonly Target[] = [
  ...subjects.map((subject) => ({ name: subject.name, run: (run: Run) => fuzzScanner(subject, run) })),
  ...subjects.map((subject) => ({ name: `splits:${subject.name}`, run: (run: Run) => fuzzSplits(subject, run) })),
  { name: "snappy", run: fuzzSnappy },
  ...packers.map((packer) => ({ name: packer.name, run: (run: Run) => fuzzArchives(packer, run) })),
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
