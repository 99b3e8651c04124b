/**
 * `npm run test:all`: everything that must hold before a change is taken, in named steps, as CI runs it.
 *
 *     npm run test:all                   every step
 *     npm run test:all -- unit demo      these steps only
 *
 * A step without its input is skipped by name on a laptop and fails in CI. The last line counts the tests.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environmentWithPython, type InputName, inputNames, isPresent, remedyFor } from "./inputs.ts";

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** Inputs without which nothing of the step can run. */
  readonly needs?: readonly InputName[];
  /** Its command is Vitest: the tests are counted, not the step. */
  readonly countsTests?: true;
}

const scratch = mkdtempSync(join(tmpdir(), "sluice-test-all-"));
const npm = (script: string, ...rest: string[]) => [
  "npm",
  "run",
  "--silent",
  script,
  ...(rest.length ? ["--"] : []),
  ...rest,
];

const steps: readonly Step[] = [
  { name: "lint", command: npm("lint") },
  { name: "types", command: npm("typecheck"), needs: ["SST platform"] },
  { name: "test", command: npm("test"), countsTests: true },
  { name: "thorough", command: npm("test:thorough"), countsTests: true },
  { name: "infra", command: npm("test:infra"), countsTests: true, needs: ["SST platform"] },
  { name: "demo", command: npm("demo", "--once", "--dir", join(scratch, "demo")) },
];

interface Outcome {
  readonly name: string;
  readonly state: "passed" | "failed" | "skipped";
  readonly seconds: number;
  readonly passed: number;
  readonly failed: number;
  readonly why?: string;
}

/** Tests counted in Vitest's JSON report; a file that does not even load is a failure. */
function countTests(report: string): { passed: number; failed: number } {
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(report, "utf8"));
  return { passed: numPassedTests, failed: Math.max(numFailedTests, Math.min(numFailedTestSuites, 1)) };
}

function run({ name, command, needs = [], countsTests }: Step): Outcome {
  const absent = needs.filter((input) => !isPresent(input));
  if (absent.length > 0) {
    const why = absent.map((input) => `no ${input}: ${remedyFor(input)}`).join("; ");
    const state = process.env["CI"] ? "failed" : "skipped";
    return { name, state, seconds: 0, passed: 0, failed: state === "failed" ? 1 : 0, why };
  }
  const report = join(scratch, `${name}.json`);
  const reporters = countsTests ? ["--", "--reporter=default", "--reporter=./test/tiers/slowest-files.ts"] : [];
  const json = countsTests ? ["--reporter=json", `--outputFile.json=${report}`] : [];
  const [program, ...rest] = [...command, ...reporters, ...json];
  const startedMs = Date.now();
  const { status } = spawnSync(program!, rest, { stdio: "inherit", env: environmentWithPython });
  const seconds = (Date.now() - startedMs) / 1000;
  const counts = countsTests ? countTests(report) : { passed: 0, failed: 0 };
  const state = status === 0 ? "passed" : "failed";
  // A step that fails without a failing test counts as one.
  const failed = state === "failed" ? Math.max(counts.failed, 1) : counts.failed;
  return { name, state, seconds, passed: counts.passed, failed };
}

function main(names: readonly string[]): number {
  const unknown = names.filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0) {
    process.stderr.write(`There is no step "${unknown[0]}". The steps: ${steps.map(({ name }) => name).join(", ")}\n`);
    return 2;
  }
  for (const input of inputNames) {
    const word = isPresent(input) ? "there" : `ABSENT: tests that need it skip; ${remedyFor(input)}`;
    console.log(`input  ${input.padEnd(20)} ${word}`);
  }
  const outcomes: Outcome[] = [];
  for (const step of steps.filter(({ name }) => names.length === 0 || names.includes(name))) {
    console.log(`\n== ${step.name}: ${step.command.join(" ")}`);
    outcomes.push(run(step));
  }
  console.log("");
  for (const { name, state, seconds, why } of outcomes)
    console.log(`${state.padEnd(8)} ${name.padEnd(10)} ${seconds.toFixed(0).padStart(4)} s  ${why ?? ""}`);
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  console.log(`${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed)} failed`);
  return outcomes.some(({ state }) => state === "failed") ? 1 : 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
