/** Where and of what a result was measured. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL("..", import.meta.url));

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly system: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly commit: string;
  /** Files were changed since that commit. */
  readonly isChanged: boolean;
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()} ${process.arch}`,
    versions: {
      node: process.versions.node,
      "@duckdb/node-api": versionOf("@duckdb/node-api"),
      "hyparquet-writer": versionOf("hyparquet-writer"),
    },
    commit: git("rev-parse", "--short", "HEAD"),
    isChanged: git("status", "--porcelain", "--", "lake", "bench/columns", "bench/stages") !== "",
  };
}

/** The load of the last minute: beside others a wall clock says little. */
export function load(): number {
  return Math.round(loadavg()[0]! * 100) / 100;
}

function versionOf(name: string): string {
  const folder = require.resolve.paths(name)!.map((path) => `${path}/${name}/package.json`);
  for (const path of folder) {
    try {
      return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
    } catch {
      // Not in this one; node_modules further up follow.
    }
  }
  return "unknown";
}

function git(...args: string[]): string {
  try {
    return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    // A copy without its history.
    return "";
  }
}
