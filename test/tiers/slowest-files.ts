/**
 * Prints the ten slowest test files of a run, and fails the run when a file of `npm test` takes longer than it may: a slow
 * file is split, made faster, or named `*.thorough.test.ts`. A file that was slow beside others is timed again alone, so that
 * the limit is about the file and not about what else the machine does.
 */
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Reporter, TestModule } from "vitest/node";

const LISTED_FILES = 10;
const MAX_FILE_MS = 15_000;
/** Tiers that people wait for. */
const LIMITED_PROJECTS = new Set(["unit", "cloud"]);
/** Names the file that a run of one file alone writes its time to. */
const ALONE = "SLUICE_TEST_ALONE";

/** Importing the file and running its tests, its hooks included. */
function durationMs(module: TestModule): number {
  const { collectDuration, duration } = module.diagnostic();
  return collectDuration + duration;
}

function line(ms: number, module: TestModule): string {
  return `${(ms / 1000).toFixed(1).padStart(7)} s  ${module.relativeModuleId}`;
}

/** Runs one file by itself; its tests have passed already. */
function aloneMs(module: TestModule): number {
  const folder = mkdtempSync(join(tmpdir(), "sluice-alone-"));
  const times = join(folder, "times");
  try {
    const vitest = join(process.cwd(), "node_modules/vitest/vitest.mjs");
    spawnSync(process.execPath, [vitest, "run", "--project", module.project.name, module.relativeModuleId], {
      stdio: "ignore",
      env: { ...process.env, [ALONE]: times },
    });
    return Number(readFileSync(times, "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export default class SlowestFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const alone = process.env[ALONE];
    if (alone) {
      appendFileSync(alone, String(modules.reduce((sum, module) => sum + durationMs(module), 0)));
      return;
    }
    const slowest = modules.toSorted((a, b) => durationMs(b) - durationMs(a));
    if (slowest.length < LISTED_FILES) return;
    const listed = slowest.slice(0, LISTED_FILES).map((module) => line(durationMs(module), module));
    console.log(`\nSlowest files:\n${listed.join("\n")}`);
    const tooSlow = slowest
      .filter((module) => durationMs(module) > MAX_FILE_MS && LIMITED_PROJECTS.has(module.project.name))
      .map((module) => ({ module, ms: aloneMs(module) }))
      .filter(({ ms }) => !(ms <= MAX_FILE_MS));
    if (tooSlow.length === 0) return;
    const lines = tooSlow.map(({ module, ms }) => line(ms, module));
    process.stderr.write(
      `\nA test file takes at most ${MAX_FILE_MS / 1000} s alone. Split it, make it faster, or name it *.thorough.test.ts:\n${lines.join("\n")}\n`,
    );
    process.exitCode = 1;
  }
}
