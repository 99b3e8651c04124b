import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sluice } from "./in-process.ts";
import { sluice as spawned } from "./spawn-sluice.ts";
import { startUp } from "./start-up.ts";

let folder: string;
let dir: string;
let up: ChildProcess;

const onCloud = (...args: string[]) => sluice([...args, "--dir", dir]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-cli-"));
  dir = join(folder, "state");
  up = await startUp(dir);
});
afterAll(async () => {
  if (up.exitCode === null) {
    up.kill("SIGKILL");
    await once(up, "exit");
  }
  await rm(folder, { recursive: true });
});

describe("commands on a running embedded cloud", () => {
  it("find it by its folder, and a second one is refused", async () => {
    const { status, stderr } = await onCloud("up", "--port", "0");
    expect(status).toBe(1);
    expect(stderr).toMatch(/is running on .* already, at http:/);
  });

  it("ingest a folder and follow it to rows that can be queried", async () => {
    const logs = join(folder, "logs");
    await sluice(["generate", "alb", "--rows", "300", "--files", "2", "--odd-lines", "3", "--to", logs]);
    const { status, stdout } = await onCloud("ingest", logs, "--source", "alb", "--wait", "--json");
    const { totals, objects } = JSON.parse(stdout);
    expect(totals).toMatchObject({ objects: 2, recorded: 2, lines: 303, comments: 0, rows: 300, rejected: 3 });
    expect(objects[0].key).toMatch(/^alb\/AWSLogs\//);
    expect(status).toBe(0);

    const query = await onCloud("query", "SELECT count(*) AS n FROM alb", "--format", "csv");
    expect(query).toMatchObject({ status: 0, stdout: "n\n300\n" });
    const rejected = await onCloud("query", "SELECT count(*) AS n FROM alb_rejected", "--json");
    expect(JSON.parse(rejected.stdout)).toEqual([{ n: 3 }]);

    const again = await onCloud("ingest", logs, "--source", "alb", "--wait", "--json");
    expect(JSON.parse(again.stdout).totals).toEqual(totals);
    expect((await onCloud("query", "SELECT count(*) AS n FROM alb", "--format", "csv")).stdout).toBe("n\n300\n");
  });

  it("wait for no file that is empty, as nothing will ever be said about it", async () => {
    const path = join(folder, "nothing.log");
    await writeFile(path, "");
    const { status, stdout } = await onCloud("ingest", path, "--source", "alb", "--wait", "--timeout", "20");
    expect(stdout).toMatch(/^passed-over .*nothing\.log.*\n.*EmptyObject/);
    expect(status).toBe(0);
  });

  it("fail when an object gave nothing, though it could be unpacked", async () => {
    const path = join(folder, "rejected.log");
    await writeFile(path, "#Version: 1.0\n#Fields: date time c-ip\nnot a record\nnor this\n");
    const { status, stdout } = await onCloud("ingest", path, "--source", "cloudfront", "--wait");
    expect(stdout).toMatch(/quarantined .*rejected\.log {2}0 rows, 2 rejected\n.*NothingReadable: .*2 record lines/);
    expect(status).toBe(1);
  });

  it("say why a query failed, without a stack", async () => {
    const { status, stdout, stderr } = await onCloud("query", "SELECT nope FROM alb");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/COLUMN_NOT_FOUND.*nope/);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it("run named queries with a report's values, queries from files, and page through long answers", async () => {
    const named = await onCloud("query", "--name", "alb-daily-status", "--date", "2026-01-17", "--json");
    const rows = JSON.parse(named.stdout) as { requests: number }[];
    expect(rows.reduce((total, { requests }) => total + requests, 0)).toBeGreaterThan(100);

    const file = join(folder, "many.sql");
    await writeFile(file, "SELECT n FROM UNNEST(sequence(1, 2500)) AS t(n) ORDER BY n");
    const { stdout } = await onCloud("query", "--file", file, "--format", "csv");
    expect(stdout).toBe(["n", ...Array.from({ length: 2500 }, (_, i) => String(i + 1)), ""].join("\n"));
  });

  it("stop on SIGTERM with exit status 0, and one-shot commands then start a cloud of their own on the same state", async () => {
    up.kill("SIGTERM");
    expect(await once(up, "exit")).toEqual([0, null]);
    const query = ["query", "SELECT count(*) AS n FROM alb", "--format", "csv", "--dir", dir];
    expect(await spawned(query)).toMatchObject({ status: 0, stdout: "n\n300\n" });
  });
});
