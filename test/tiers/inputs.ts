/**
 * What tests need that this repository does not bring. On a laptop a test without its input skips, and says which one;
 * in CI, which installs them all (`.ci/run`), an absent input is a failure.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The folder of real files, recordings and inputs that once went wrong; it lies beside the repository. */
export const shared = (path: string): string => fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url));

/** Python packages of `test/tiers/requirements.txt`, where CI and `npm run test:python` put them. */
export const pythonFolder = join(root, "node_modules/.cache/python");

/** A Python of the tests' own before the system's. */
const pathWithPython = `${join(pythonFolder, "bin")}${delimiter}${process.env["PATH"]}`;
export const environmentWithPython = { ...process.env, PATH: pathWithPython };

function runs(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore", env: environmentWithPython }).status === 0;
}

interface Input {
  /** Whether it is there, looked up when a test first asks. */
  find(): boolean;
  /** How to get it, for people. */
  readonly remedy: string;
}

const inputs = {
  "shared data": {
    find: () => existsSync(shared("data")),
    remedy: "real log files with their expected rows, in ../shared/data",
  },
  "recordings of AWS": {
    find: () => existsSync(shared("asl-conformance/cases")),
    remedy: "executions recorded on AWS, in ../shared/asl-conformance",
  },
  pyarrow: {
    find: () => runs("python3", "-c", "import pyarrow"),
    remedy: "npm run test:python (needs Python 3.9 or later)",
  },
  "AWS CLI": { find: () => runs("aws", "--version"), remedy: "npm run test:python (needs Python 3.9 or later)" },
  bzip2: { find: () => runs("bzip2", "--help"), remedy: "apt-get install bzip2, or what your system calls it" },
  "SST platform": {
    find: () => existsSync(join(root, ".sst/platform")),
    remedy: "npm run sst:install (a minute, 326 MB)",
  },
} satisfies Record<string, Input>;

export type InputName = keyof typeof inputs;
export const inputNames = Object.keys(inputs) as InputName[];

const found = new Map<InputName, boolean>();

/** Whether an input is there, without a word about it. */
export function isPresent(name: InputName): boolean {
  let isThere = found.get(name);
  if (isThere === undefined) {
    isThere = inputs[name].find();
    found.set(name, isThere);
  }
  return isThere;
}

export const remedyFor = (name: InputName): string => inputs[name].remedy;

/**
 * Whether tests can use an input: `describe.skipIf(!has("AWS CLI"))("the AWS CLI", …)`.
 *
 * @throws {Error} In CI, when it is absent: there a skipped test would pass for a good one.
 */
export function has(name: InputName): boolean {
  const isThere = isPresent(name);
  if (!isThere && process.env["CI"]) throw new Error(`CI lacks an input of the tests: ${name} (${remedyFor(name)})`);
  return isThere;
}
