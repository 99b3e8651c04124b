import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sluice } from "../cli/spawn-sluice.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-demo-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("sluice demo --once", () => {
  it("brings sample logs to both reports, shows where everything is, and again changes nothing", async () => {
    const first = await sluice(["demo", "--once", "--dir", join(folder, "state")], { timeoutMs: 150_000 });
    expect(first.stderr).toMatch(/Checks: (\d+) of \1 hold/);
    expect(first.status).toBe(0);
    expect(first.stdout).toMatch(/cloudfront +9 objects: 8 recorded, 1 quarantined;/);
    expect(first.stdout).toMatch(
      /alb +8 objects: 8 recorded, 0 quarantined; 24005 lines = 0 comments \+ 24000 rows \+ 5 rejected/,
    );
    expect(first.stdout).toContain("CorruptArchive");
    for (const report of ["alb-daily", "cloudfront-daily"]) {
      const [, path] = new RegExp(`${report} for 2026-01-17: PUBLISHED\\s+PDF +(\\S+)`).exec(first.stdout) ?? [];
      expect((await readFile(path!)).subarray(0, 5).toString()).toBe("%PDF-");
    }
    expect(first.stdout).toMatch(/Subject: .*2026-01-17/);
    expect(first.stdout).toMatch(/aws --endpoint-url http:\/\/127\.0\.0\.1:\d+ s3 ls/);

    const second = await sluice(["demo", "--once", "--dir", join(folder, "state")], { timeoutMs: 150_000 });
    expect(second.stderr).toMatch(/Checks: (\d+) of \1 hold/);
    expect(second.status).toBe(0);
    const figures = (text: string) => text.slice(text.indexOf("Sources"), text.indexOf("Executions"));
    expect(figures(second.stdout)).toBe(figures(first.stdout));
    // Unchanged figures are the same version of the report.
    expect(second.stdout).not.toContain("-v2.pdf");
  }, 300_000);
});
