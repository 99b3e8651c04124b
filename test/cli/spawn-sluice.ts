import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

export const repository = fileURLToPath(new URL("../..", import.meta.url));
const launcher = fileURLToPath(new URL("../../cli/sluice.js", import.meta.url));

/** Runs the CLI as a person does and waits for its end. */
export function sluice(args: readonly string[], options: { cwd?: string; timeoutMs?: number } = {}): Promise<Ended> {
  const child = spawn(process.execPath, [launcher, ...args], {
    cwd: options.cwd ?? repository,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: options.timeoutMs ?? 60_000,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}
