import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sluice } from "./in-process.ts";
import { startUp } from "./start-up.ts";

let folder: string;
let dir: string;
let up: ChildProcess;

const onCloud = (...args: string[]) => sluice([...args, "--dir", dir]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-cli-"));
  dir = join(folder, "state");
  up = await startUp(dir);
  const logs = join(folder, "logs");
  await sluice(["generate", "alb", "--rows", "300", "--files", "2", "--to", logs]);
  expect(await onCloud("ingest", logs, "--source", "alb", "--wait")).toMatchObject({ status: 0 });
});
afterAll(async () => {
  up.kill("SIGKILL");
  await once(up, "exit");
  await rm(folder, { recursive: true });
});

describe("commands on a running embedded cloud", () => {
  it("make a report and say where it lies", async () => {
    const { status, stdout } = await onCloud("report", "alb-daily", "--date", "2026-01-17", "--json");
    expect(status).toBe(0);
    const { pdfPath, ...report } = JSON.parse(stdout);
    expect(report).toMatchObject({ status: "PUBLISHED", report: "alb-daily", date: "2026-01-17", version: 1 });
    expect((await readFile(pdfPath)).subarray(0, 5).toString()).toBe("%PDF-");
  });

  it("list executions, and show one by the beginning of its name", async () => {
    const list = await onCloud("executions", "list", "--machine", "report", "--json");
    const [execution] = JSON.parse(list.stdout);
    expect(execution).toMatchObject({ machine: "report", status: "SUCCEEDED" });
    const shown = await onCloud("executions", "show", execution.name.slice(0, 12));
    expect(shown.stdout).toMatch(/Render PDF +\d+ ms/);
    const history = await onCloud("executions", "history", execution.executionArn, "--json");
    expect(JSON.parse(history.stdout)[0]).toMatchObject({ type: "ExecutionStarted" });

    expect(await onCloud("executions", "show", "no-such-name")).toMatchObject({ status: 1, stdout: "" });
    expect(await onCloud("executions", "list", "--machine", "brew")).toMatchObject({ status: 2, stdout: "" });
  });

  it("fail with the reason when an object is quarantined", async () => {
    const logs = join(folder, "corrupt");
    const generated = await sluice(["generate", "cloudfront", "--rows", "400", "--files", "1", "--to", logs, "--json"]);
    const [{ path }] = JSON.parse(generated.stdout);
    const packed = await readFile(path);
    packed[packed.length - 6]! ^= 1;
    await writeFile(path, packed);
    const { status, stdout } = await onCloud("ingest", logs, "--source", "cloudfront", "--wait");
    expect(status).toBe(1);
    expect(stdout).toMatch(/quarantined .*\.gz[\s\S]*CorruptArchive/);
  });

  it("fail with the reason when an object is truncated, and say what is kept of it", async () => {
    const logs = join(folder, "cut");
    await sluice(["generate", "cloudfront", "--rows", "400", "--files", "1", "--to", logs, "--json"]).then(
      ({ stdout }) => truncate(JSON.parse(stdout)[0].path, 4000),
    );
    const { status, stdout } = await onCloud("ingest", logs, "--source", "cloudfront", "--wait");
    expect(status).toBe(1);
    expect(stdout).toMatch(/truncated .*\.gz {2}[1-9]\d* rows, 1 rejected\n.*TruncatedArchive: .* is cut/);
    expect(stdout).toMatch(/1 truncated: their whole lines are in the lake/);
  });
});
