import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = fileURLToPath(new URL("../../bench/run.ts", import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-bench-test-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("npm run bench -- --quick", () => {
  // A subject that wrote other values than DuckDB would end the run with an error.
  it.each(["cloudfront", "alb", "json"])("finds the same values in all outputs of %s", async (kind) => {
    const out = join(folder, `${kind}.json`);
    await promisify(execFile)(process.execPath, [
      ...[run, "--quick", "--rows", "500", "--kind", kind, "--dir", folder, "--out", out],
    ]);
    const { [`columns.${kind}`]: section } = JSON.parse(await readFile(out, "utf8"));
    expect(section.rows).toBe(500);
    expect(section.standings.map(({ name }: { name: string }) => name)).toEqual([
      "DuckDB, 1 thread",
      "Sluice, WASM kernel",
      "Sluice, TypeScript reference",
      "Sluice, three tasks",
    ]);
    for (const { ratio, peakRssMib, outputBytes } of section.standings) {
      expect(ratio).toBeGreaterThan(0);
      expect(peakRssMib).toBeGreaterThan(20);
      expect(outputBytes).toBeGreaterThan(10_000);
    }
  });
});
