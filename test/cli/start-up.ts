import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect } from "vitest";
import { repository } from "./spawn-sluice.ts";

/** Starts `sluice up` on a folder, on any free port, and waits until it is up. */
export async function startUp(dir: string): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [join(repository, "cli", "sluice.js"), "up", "--port", "0", "--dir", dir, "--json"],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const [line] = (await once(child.stdout!, "data")) as [Buffer];
  expect(JSON.parse(line.toString())).toMatchObject({
    dir,
    endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
  });
  return child;
}
