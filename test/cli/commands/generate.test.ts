import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sluice } from "../in-process.ts";

interface Written {
  path: string;
  rows: number;
  comments: number;
  oddLines: number;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-generate-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("sluice generate", () => {
  it("writes gzipped files with as many lines as it says, on stdout as JSON", async () => {
    const args = ["generate", "cloudfront", "--rows", "500", "--files", "3", "--odd-lines", "2", "--json"];
    const { status, stdout, stderr } = await sluice([...args, "--to", join(folder, "a")]);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^3 files in /);
    const written = JSON.parse(stdout) as Written[];
    expect(written.map(({ rows }) => rows).reduce((a, b) => a + b)).toBe(500);
    for (const { path, rows, comments, oddLines } of written) {
      const text = gunzipSync(await readFile(path)).toString();
      expect(text.endsWith("\n")).toBe(true);
      expect(text.split("\n")).toHaveLength(rows + comments + oddLines + 1);
    }

    const again = JSON.parse((await sluice([...args, "--to", join(folder, "b")])).stdout) as Written[];
    for (const [index, { path }] of again.entries())
      expect(await readFile(path)).toEqual(await readFile(written[index]!.path));
  });
});
