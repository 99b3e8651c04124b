/** Starts the embedded cloud of this repository in a process of its own. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { CloudMemory, Isolation } from "./cloud.ts";

export interface MeasuredCloud {
  /** Its state; commands find the cloud by it. */
  readonly dir: string;
  memory(): Promise<CloudMemory>;
  stop(): Promise<void>;
}

/** @throws {Error} When it does not start. */
export async function startMeasuredCloud(dir: string, isolation: Isolation): Promise<MeasuredCloud> {
  const child = fork(fileURLToPath(new URL("cloud.ts", import.meta.url)), [dir, isolation], {
    execArgv: ["--no-warnings"],
  });
  const ended = once(child, "exit");
  const started = await Promise.race([once(child, "message"), ended.then(() => undefined)]);
  if (!started) throw new Error("The embedded cloud ended before it had started");
  // Whoever stops in the middle takes the cloud along.
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  return {
    dir,
    async memory() {
      const answer = once(child, "message");
      child.send("memory");
      return (await answer)[0] as CloudMemory;
    },
    async stop() {
      child.send("stop");
      await ended;
      process.off("exit", kill);
    },
  };
}
