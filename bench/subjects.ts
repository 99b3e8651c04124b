/** The programs that are measured, bundled as a Lambda function would be: without a compiler in their memory. */
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { Measured } from "./measured.ts";

const here = fileURLToPath(new URL(".", import.meta.url));

export interface Subjects {
  /** Runs one in a process of its own, on one core, and returns what it measured. */
  run(script: string, args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Measured>;
  remove(): void;
}

/**
 * @param scripts - Relative to this folder.
 * @param cpu - The core to stay on, or "all".
 */
export async function bundleSubjects(scripts: readonly string[], cpu: string): Promise<Subjects> {
  // Of this run only: another one beside it may be of other code.
  const folder = join(here, `../node_modules/.cache/bench-${process.pid}`);
  await build({
    entryPoints: scripts.map((script) => join(here, script)),
    outdir: folder,
    outbase: here,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["@duckdb/node-api"],
    logLevel: "warning",
  });
  return {
    async run(script, args, environment = {}) {
      const command = [process.execPath, join(folder, script.replace(/\.ts$/, ".mjs")), ...args];
      const [program, ...rest] =
        cpu === "all" || process.platform !== "linux" ? command : ["taskset", "-c", cpu, ...command];
      const { stdout } = await promisify(execFile)(program!, rest, {
        encoding: "utf8",
        env: { ...process.env, ...environment },
      }).catch((error: Error & { stderr?: string }) => {
        throw new Error(`${basename(script)} ${args.join(" ")} failed: ${error.stderr || error.message}`);
      });
      return JSON.parse(stdout.trim().split("\n").at(-1)!);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
