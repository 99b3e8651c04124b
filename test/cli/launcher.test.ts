import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repository } from "./spawn-sluice.ts";

const pinned = await realpath(join(repository, "node_modules", "node", "bin", "node"));

/** The Node that this machine has by itself, which is what a person starts the launcher with. */
async function otherNode(): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const found = await realpath(join(folder, "node")).catch(() => undefined);
    if (found && found !== pinned) return found;
  }
  return undefined;
}

const other = await otherNode();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-launcher-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("cli/sluice.js", () => {
  it("says what to do when npm install was not run", async () => {
    await mkdir(join(folder, "cli"));
    await cp(join(repository, "cli", "sluice.js"), join(folder, "cli", "sluice.js"));
    await cp(join(repository, "package.json"), join(folder, "package.json"));
    const { status, stderr } = spawnSync(process.execPath, [join(folder, "cli", "sluice.js"), "--help"], {
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/pinned Node is missing[\s\S]*Run "npm install"/);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it.skipIf(!other)("hands over from another Node to the pinned one, with output and exit status", () => {
    const run = (...args: string[]) =>
      spawnSync(other!, [join(repository, "cli", "sluice.js"), ...args], { encoding: "utf8", cwd: folder });
    expect(run("--help")).toMatchObject({ status: 0, stderr: "", stdout: expect.stringContaining("Usage: sluice") });
    expect(run("explode")).toMatchObject({ status: 2, stdout: "" });
  });
});
