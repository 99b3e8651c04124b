import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = fileURLToPath(new URL("../../bench/run.ts", import.meta.url));
const ROWS = 500;
let folder: string;
let results: Record<string, { rows: number; standings: Record<string, number>[] }>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-bench-test-"));
  const out = join(folder, "results.json");
  const options = ["--quick", "--rows", `${ROWS}`, "--dir", folder, "--out", out];
  await promisify(execFile)(process.execPath, [run, ...options]);
  results = JSON.parse(await readFile(out, "utf8"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("npm run bench -- --quick", () => {
  // A subject that wrote other values than DuckDB would have ended the run with an error.
  it.each(["cloudfront", "alb", "json"])("finds the same values in all outputs of %s", (kind) => {
    const { rows, standings } = results[`columns.${kind}`]!;
    expect(rows).toBe(ROWS);
    expect(standings.map(({ name }) => name)).toEqual([
      "DuckDB, 1 thread",
      "Sluice, WASM kernel",
      "Sluice, TypeScript reference",
      "Sluice, three tasks",
    ]);
    for (const { ratio, peakRssMib, outputBytes } of standings) {
      expect(ratio).toBeGreaterThan(0);
      expect(peakRssMib).toBeGreaterThan(20);
      expect(outputBytes).toBeGreaterThan(10_000);
    }
  });
});
