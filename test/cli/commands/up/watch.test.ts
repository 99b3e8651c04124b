import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { watchProject } from "../../../../cli/commands/up/watch.ts";

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const undo of cleanUp.splice(0).reverse()) undo();
});

function aProject() {
  const root = mkdtempSync(join(tmpdir(), "watch-"));
  cleanUp.push(() => rmSync(root, { recursive: true, force: true }));
  for (const folder of [
    "stacks",
    "statemachines",
    "queries",
    "functions",
    "aws",
    "lake/formats/load-balancers",
    "reports",
    "local",
  ])
    mkdirSync(join(root, folder), { recursive: true });
  const said: string[] = [];
  const done: string[] = [];
  const failures: Error[] = [];
  const stop = watchProject({
    root,
    synth: async () => void done.push("synth"),
    deploy: async () => {
      done.push("deploy");
      const failure = failures.shift();
      if (failure) throw failure;
    },
    say: (text) => void said.push(text),
  });
  cleanUp.push(stop);
  return { write: (path: string) => writeFileSync(join(root, path), String(Math.random())), said, done, failures };
}

describe("watching a project", () => {
  it("deploys once for all that changes together, and synthesises only for what the stacks are made of", async () => {
    const { write, said, done } = aProject();
    write("functions/parse.ts");
    write("lake/formats/load-balancers/alb.ts");
    write("README.md");
    await vi.waitFor(() => expect(said.at(-1)).toMatch(/Deployed again/), 5000);
    expect(done).toEqual(["deploy"]);
    expect(said[0]).toBe("Changed: functions/parse.ts, lake/formats/load-balancers/alb.ts");
    write("statemachines/ingest.asl.json");
    await vi.waitFor(() => expect(done).toEqual(["deploy", "synth", "deploy"]), 5000);
  });

  it("tells what does not deploy, and goes on", async () => {
    const { write, said, done, failures } = aProject();
    failures.push(new Error("The functions do not build: functions/parse.ts:3 Expected ;"));
    write("functions/parse.ts");
    await vi.waitFor(() => expect(said.at(-1)).toMatch(/Not deployed.*stays: The functions do not build/), 5000);
    write("sluice.config.ts");
    await vi.waitFor(() => expect(done).toEqual(["deploy", "synth", "deploy"]), 5000);
    await vi.waitFor(() => expect(said.at(-1)).toMatch(/Deployed again/), 5000);
  });
});
