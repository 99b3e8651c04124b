/**
 * Runs the lake's path and DuckDB in turn on one core and prints the ratio of their medians.
 *
 *     npx node bench/columns/compare.ts [--rows 1000000] [--rounds 3] [--cpu 0] [--dir /tmp/bench] [--kinds cloudfront,alb,json]
 */
import { execFileSync } from "node:child_process";
import { createReadStream, createWriteStream, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createGzip } from "node:zlib";
import { build } from "esbuild";
import { differences } from "./agree.ts";
import { type GeneratedKind, generators } from "./generate.ts";
import { engines } from "./subject.ts";

export interface Measured {
  readonly ms: number;
  readonly cpuMs: number;
  readonly rssMib: number;
}

const { values: options } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    rounds: { type: "string", default: "3" },
    /** A core to stay on, or "all". */
    cpu: { type: "string", default: "0" },
    dir: { type: "string", default: join(tmpdir(), "sluice-bench") },
    kinds: { type: "string", default: "cloudfront,alb,json" },
  },
});

const here = fileURLToPath(new URL(".", import.meta.url));

/** Both sides run bundled, as a Lambda function would: without a compiler in their memory. */
const bundles = join(here, "../../node_modules/.cache/bench-columns");
await build({
  entryPoints: [join(here, "sluice.ts"), join(here, "duckdb.ts")],
  outdir: bundles,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  external: ["@duckdb/node-api"],
});

function run(script: string, args: string[]): Measured {
  const command = [process.execPath, join(bundles, script), ...args];
  const [program, ...rest] = options.cpu === "all" ? command : ["taskset", "-c", options.cpu, ...command];
  const output = execFileSync(program!, rest, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  return JSON.parse(output.trim().split("\n").at(-1)!);
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

async function input(kind: GeneratedKind): Promise<{ path: string; textBytes: number }> {
  mkdirSync(options.dir, { recursive: true });
  const text = join(options.dir, `${kind}-${options.rows}.log`);
  if (!existsSync(`${text}.gz`)) {
    await pipeline(Readable.from(generators[kind]({ rows: Number(options.rows), seed: 1 })), createWriteStream(text));
    await pipeline(createReadStream(text), createGzip({ level: 6 }), createWriteStream(`${text}.gz`));
  }
  return { path: `${text}.gz`, textBytes: statSync(text).size };
}

for (const kind of options.kinds.split(",") as GeneratedKind[]) {
  const { path, textBytes } = await input(kind);
  const subjects = [
    { name: "duckdb, 1 thread", script: "duckdb.mjs", args: ["1"] },
    ...Object.keys(engines).map((engine) => ({ name: `sluice, ${engine}`, script: "sluice.mjs", args: [engine] })),
  ].map((subject, i) => ({ ...subject, folder: join(options.dir, `out-${kind}-${i}`), runs: [] as Measured[] }));
  // In turn, because the machine's speed drifts.
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const { script, args, folder, runs } of subjects) runs.push(run(script, [kind, path, folder, ...args]));
  }
  for (const { name, folder } of subjects.slice(1)) {
    const found = await differences(subjects[0]!.folder, folder);
    if (found.length > 0) throw new Error(`${name} and DuckDB differ in ${found.join(", ")}`);
  }
  const base = median(subjects[0]!.runs.map(({ ms }) => ms));
  // On a busy machine the wall clock says little; processor time says more.
  const baseCpu = median(subjects[0]!.runs.map(({ cpuMs }) => cpuMs));
  console.log(`${kind}: ${options.rows} rows, ${(textBytes / 1e6).toFixed(0)} MB of text, core ${options.cpu}`);
  for (const { name, folder, runs } of subjects) {
    const ms = median(runs.map((measured) => measured.ms));
    console.log(
      [
        `  ${name.padEnd(20)}`,
        `ratio ${(base / ms).toFixed(2)}`,
        `by cpu ${(baseCpu / median(runs.map(({ cpuMs }) => cpuMs))).toFixed(2)}`,
        `${ms} ms`,
        `${((Number(options.rows) / ms) * 1000).toFixed(0)} rows/s`,
        `${(textBytes / 1e3 / ms).toFixed(0)} MB/s`,
        `cpu ${median(runs.map(({ cpuMs }) => cpuMs))} ms`,
        `peak RSS ${Math.max(...runs.map(({ rssMib }) => rssMib))} MiB`,
        `output ${(folderBytes(folder) / 1e6).toFixed(1)} MB`,
      ].join(" | "),
    );
  }
}
