/** Subjects that turn the same file into the same Parquet, run in turn, and what they took compared with the first one. */
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { differences } from "./columns/agree.ts";
import type { Input } from "./input.ts";
import type { Measured } from "./measured.ts";
import { type Summary, summary } from "./statistics.ts";
import type { Subjects } from "./subjects.ts";

export interface Contestant {
  readonly name: string;
  /** Runs its processes one after the other; more than one are tasks that hand over to each other. */
  run(subjects: Subjects, input: Input, folder: string): Promise<readonly (Measured & { task?: string })[]>;
}

export interface Standing extends Summary {
  readonly name: string;
  /** How many times as fast as the first: by medians, and the least and most of any round. */
  readonly ratio: number;
  readonly ratioSpread: readonly [number, number];
  /** The same by processor time, which other work on the machine disturbs less. */
  readonly cpuRatio: number;
  readonly rowsPerSecond: number;
  readonly textMbPerSecond: number;
  readonly outputBytes: number;
  readonly tasks?: readonly (Summary & { readonly task: string })[];
}

export interface ContestOptions {
  readonly subjects: Subjects;
  readonly input: Input;
  readonly rounds: number;
  /** For outputs; they are removed. */
  readonly folder: string;
  readonly say: (line: string) => void;
}

/**
 * @returns The standing of each, the first one being what the others are compared with.
 * @throws {Error} When an output has other rows or values than that of the first.
 */
export async function contest(contestants: readonly Contestant[], options: ContestOptions): Promise<Standing[]> {
  const { subjects, input, rounds, folder, say } = options;
  const entries = contestants.map((contestant, i) => ({
    contestant,
    folder: join(folder, `out-${i}`),
    runs: [] as (readonly (Measured & { task?: string })[])[],
  }));
  mkdirSync(folder, { recursive: true });
  try {
    // In turn, because the machine's speed drifts.
    for (let round = 0; round < rounds; round++) {
      for (const { contestant, folder, runs } of entries) {
        runs.push(await contestant.run(subjects, input, folder));
        say(`round ${round + 1} of ${rounds}: ${contestant.name}, ${Math.round(total(runs.at(-1)!).ms)} ms`);
      }
    }
    for (const { contestant, folder } of entries.slice(1)) {
      const found = await differences(entries[0]!.folder, folder);
      if (found.length > 0)
        throw new Error(`${contestant.name} and ${contestants[0]!.name} differ in ${found.join(", ")}`);
    }
    return entries.map(({ contestant, folder, runs }) => {
      const totals = runs.map(total);
      const base = entries[0]!.runs.map(total);
      const byRound = totals.map(({ ms }, round) => base[round]!.ms / ms).toSorted((a, b) => a - b);
      const own = summary(totals);
      const first = summary(base);
      return {
        name: contestant.name,
        ratio: first.msMedian / own.msMedian,
        ratioSpread: [byRound[0]!, byRound.at(-1)!],
        cpuRatio: first.cpuMsMedian / own.cpuMsMedian,
        rowsPerSecond: Math.round((input.rows / own.msMedian) * 1000),
        textMbPerSecond: Math.round(input.textBytes / 1e3 / own.msMedian),
        outputBytes: folderBytes(folder),
        ...own,
        ...(runs[0]!.length > 1 && {
          tasks: runs[0]!.map(({ task }, i) => ({ task: task!, ...summary(runs.map((run) => run[i]!)) })),
        }),
      };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of tasks that run one after the other. */
function total(tasks: readonly Measured[]): Measured {
  const sum = (of: (task: Measured) => number) => tasks.reduce((so, task) => so + of(task), 0);
  return {
    ms: sum(({ ms }) => ms),
    cpuMs: sum(({ cpuMs }) => cpuMs),
    peakRssMib: Math.max(...tasks.map(({ peakRssMib }) => peakRssMib)),
  };
}

function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
