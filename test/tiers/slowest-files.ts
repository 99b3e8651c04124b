/**
 * Prints the ten slowest test files of a run, and fails the run when a file of `npm test` takes longer than it may: a slow
 * file is split, made faster, or named `*.thorough.test.ts`.
 */
import type { Reporter, TestModule } from "vitest/node";

const LISTED_FILES = 10;
const MAX_FILE_MS = 15_000;
/** Tiers that people wait for. */
const LIMITED_PROJECTS = new Set(["unit", "cloud"]);

/** Importing the file and running its tests, its hooks included. */
function durationMs(module: TestModule): number {
  const { collectDuration, duration } = module.diagnostic();
  return collectDuration + duration;
}

const line = (module: TestModule) =>
  `${(durationMs(module) / 1000).toFixed(1).padStart(7)} s  ${module.relativeModuleId}`;

export default class SlowestFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const slowest = modules.toSorted((a, b) => durationMs(b) - durationMs(a));
    if (slowest.length < LISTED_FILES) return;
    console.log(`\nSlowest files:\n${slowest.slice(0, LISTED_FILES).map(line).join("\n")}`);
    const tooSlow = slowest.filter(
      (module) => durationMs(module) > MAX_FILE_MS && LIMITED_PROJECTS.has(module.project.name),
    );
    if (tooSlow.length === 0) return;
    process.stderr.write(
      `\nA test file takes at most ${MAX_FILE_MS / 1000} s. Split it, make it faster, or name it *.thorough.test.ts:\n${tooSlow.map(line).join("\n")}\n`,
    );
    process.exitCode = 1;
  }
}
