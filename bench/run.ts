/**
 * `npm run bench`: gzip logs to partitioned Snappy Parquet, against DuckDB. `README.md` says what is compared and what the
 * figures mean.
 *
 *     npm run bench -- [--quick] [--kind cloudfront,alb,json] [--rows 1000000] [--rounds 5] [--only columns,memory]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type GeneratedKind, generators } from "./columns/generate.ts";
import { contest } from "./contest.ts";
import { duckdb, kernel, polars, readline, reference, scripts, tasks } from "./contestants.ts";
import { input } from "./input.ts";
import { load } from "./machine.ts";
import { installedOthers, installOthers } from "./others/install.ts";
import { keepResult } from "./results.ts";
import { bundleSubjects } from "./subjects.ts";
import { standingLines } from "./table.ts";

const { values } = parseArgs({
  options: {
    /** A few seconds: few rows, once. The figures mean nothing then, the comparison of outputs does. */
    quick: { type: "boolean", default: false },
    kind: { type: "string", default: Object.keys(generators).join(",") },
    rows: { type: "string" },
    rounds: { type: "string" },
    /** A core to stay on, or "all". */
    cpu: { type: "string", default: "0" },
    /** Where generated files are kept for the next run. */
    dir: { type: "string", default: join(tmpdir(), "sluice-bench") },
    /** Where everything that is measured writes to. In memory (`/dev/shm`), the disk has no part in it. */
    scratch: { type: "string", default: tmpdir() },
    only: { type: "string" },
    /** Installs what is compared with and is no dependency, about 140 MB, into `bench/.others`. */
    others: { type: "boolean", default: false },
    /** Where results go; by default the file that is part of the repository, unless the run is a quick one. */
    out: { type: "string" },
  },
});

const kinds = values.kind.split(",").map((kind) => {
  if (!Object.hasOwn(generators, kind)) throw new Error(`No kind "${kind}": ${Object.keys(generators).join(", ")}`);
  return kind as GeneratedKind;
});
const rows = Number(values.rows ?? (values.quick ? 5_000 : 1_000_000));
const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
const sections = values.only?.split(",") ?? (values.quick ? ["columns"] : ["columns", "others", "memory", "cloud"]);
const out = values.out ?? (values.quick ? undefined : fileURLToPath(new URL("results.json", import.meta.url)));

/** Some of the others hold the whole file in memory several times over. */
const OTHERS_ROWS = 200_000;

const keep = (name: string, section: object) => out && keepResult(out, name, section);
const say = (line: string) => process.stderr.isTTY && process.stderr.write(`\x1b[2K${line}\r`);
const scratch = mkdtempSync(join(values.scratch, "sluice-bench-run-"));
const subjects = await bundleSubjects(scripts, values.cpu);
process.once("exit", () => {
  subjects.remove();
  rmSync(scratch, { recursive: true, force: true });
});
// Whoever stops it in the middle leaves nothing behind either.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

if (sections.includes("columns")) {
  for (const kind of kinds) {
    const file = await input(kind, rows, values.dir);
    const loadBefore = load();
    const standings = await contest([duckdb, kernel, reference, tasks], {
      subjects,
      input: file,
      rounds,
      folder: join(scratch, kind),
      say: (line) => say(`${kind}, ${line}`),
    });
    const { textBytes, packedBytes } = file;
    keep(`columns.${kind}`, { rows, textBytes, packedBytes, rounds, load: [loadBefore, load()], standings });
    console.log(standingLines(kind, file, standings).join("\n"));
  }
}
if (sections.includes("others")) {
  const packages = values.others ? installOthers() : installedOthers();
  if (!packages) console.log("polars is not measured: --others installs it into bench/.others");
  const file = await input("cloudfront", Math.min(rows, OTHERS_ROWS), values.dir);
  const loadBefore = load();
  const standings = await contest([duckdb, kernel, ...(packages ? [polars(packages)] : []), readline], {
    subjects,
    input: file,
    rounds: Math.min(rounds, 3),
    folder: join(scratch, "others"),
    say: (line) => say(`others, ${line}`),
  });
  keep("others.cloudfront", {
    rows: file.rows,
    textBytes: file.textBytes,
    packedBytes: file.packedBytes,
    load: [loadBefore, load()],
    standings,
  });
  console.log(standingLines("cloudfront, a smaller file", file, standings).join("\n"));
}
if (sections.includes("memory")) {
  const { memory } = await import("./memory.ts");
  const found = await memory({ subjects, kinds, folder: scratch, inputs: values.dir, say });
  keep("memory", found.results);
  console.log([...found.lines, ""].join("\n"));
}
if (sections.includes("cloud")) {
  const { throughCloud } = await import("./cloud/measure.ts");
  const found = await throughCloud({ kinds, rows, inputs: values.dir, folder: scratch, say });
  for (const { kind, ...result } of found.results) keep(`cloud.${kind}`, result);
  console.log(found.lines.join("\n"));
}
