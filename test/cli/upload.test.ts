import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { planUpload } from "../../cli/upload.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-upload-"));
  await mkdir(join(folder, "logs", "2026", "01"), { recursive: true });
  await mkdir(join(folder, "empty"));
  await writeFile(join(folder, "logs", "a.log"), "1");
  await writeFile(join(folder, "logs", "2026", "01", "b.log"), "22");
});
afterAll(() => rm(folder, { recursive: true }));

describe("planUpload", () => {
  it("gives a file its own name and keeps the place of what is in a folder", async () => {
    const plan = await planUpload([join(folder, "logs"), join(folder, "logs", "2026", "01", "b.log")], "alb/");
    expect(plan.map(({ key, sizeBytes }) => ({ key, sizeBytes }))).toEqual([
      { key: "alb/2026/01/b.log", sizeBytes: 2 },
      { key: "alb/a.log", sizeBytes: 1 },
      { key: "alb/b.log", sizeBytes: 2 },
    ]);
  });

  it("refuses what is not there, what is empty, and two files for one key", async () => {
    await expect(planUpload([join(folder, "nope")], "alb/")).rejects.toThrow(/There is no file or folder .*nope/);
    await expect(planUpload([join(folder, "empty")], "alb/")).rejects.toThrow(/There are no files in .*empty/);
    const twice = [join(folder, "logs", "a.log"), join(folder, "logs")];
    await expect(planUpload(twice, "alb/")).rejects.toThrow(/would both become alb\/a\.log/);
  });
});
