/**
 * The bundles of all functions: built in one go and kept by content, so that a start with nothing changed builds nothing,
 * whichever cloud of the project starts.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { BUNDLER_VERSION, type BundleInput, buildTogether } from "./bundler.ts";

/** Builds that are kept although no process runs them: going back and forth between two states of the code is common. */
const KEPT_BUILDS = 3;
/** Within a build, a file for each process that runs it. */
const USERS = "used-by";
const LOCK_POLL_MS = 50;
/** @see https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/** The files that a set of bundles was made from: SHA-256 of each, by path relative to the project. */
interface Inputs {
  [path: string]: string;
}

/**
 * @param root - The project: handlers are relative to it, packages are its own.
 * @param folder - Where bundles are kept; nothing else may lie there. Any number of processes may share it.
 * @returns File URLs of the bundles by function name.
 * @throws {Error} With esbuild's messages, when a handler does not build or is not there.
 */
export async function bundleFunctions(
  root: string,
  folder: string,
  deployed: BundleInput[],
): Promise<Map<string, string>> {
  // Only what a bundle depends on: a new port in an environment variable is not a reason to build.
  const functions = deployed.map(({ name, handler, runtime, install, copyFiles = [] }) => ({
    name,
    handler,
    runtime,
    install,
    copyFiles,
  }));
  const request = requestHash(root, functions);
  const record = join(folder, `${request}.json`);
  await mkdir(folder, { recursive: true });
  const unlock = await lock(folder);
  try {
    const known = existsSync(record)
      ? (JSON.parse(await readFile(record, "utf8")) as { inputs: Inputs; out: string })
      : undefined;
    const fresh = known && existsSync(join(folder, known.out)) && (await isCurrent(root, known.inputs));
    const out = fresh ? known.out : await buildAll(root, folder, functions, request, record);
    await mkdir(join(folder, out, USERS), { recursive: true });
    await writeFile(join(folder, out, USERS, String(process.pid)), "");
    if (!fresh) await removeUnused(folder, out);
    return new Map(functions.map(({ name }) => [name, pathToFileURL(join(folder, out, name, "bundle.mjs")).href]));
  } finally {
    unlock();
  }
}

/** Waits for the folder. The operating system releases the lock however its holder ends. */
async function lock(folder: string): Promise<() => void> {
  for (;;) {
    const database = new DatabaseSync(join(folder, "lock.db"));
    try {
      database.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE;");
      return () => database.close();
    } catch (error) {
      database.close();
      if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
      await sleep(LOCK_POLL_MS);
    }
  }
}

/** Removes the builds that no process runs, but for the latest. */
async function removeUnused(folder: string, current: string): Promise<void> {
  const builds: { name: string; usedAtMs: number }[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === current) continue;
    const users = join(folder, entry.name, USERS);
    if (!existsSync(users)) {
      // Its process ended while it built.
      await rm(join(folder, entry.name), { recursive: true, force: true });
    } else if (!(await readdir(users)).some((pid) => isAlive(Number(pid)))) {
      builds.push({ name: entry.name, usedAtMs: (await stat(users)).mtimeMs });
    }
  }
  builds.sort((a, b) => b.usedAtMs - a.usedAtMs);
  for (const { name } of builds.slice(KEPT_BUILDS - 1)) await rm(join(folder, name), { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function buildAll(root: string, folder: string, functions: BundleInput[], request: string, record: string) {
  const temporary = join(folder, `.building-${process.pid}`);
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  const inputs: Inputs = {};
  try {
    const groups = Map.groupBy(functions, ({ runtime, install }) => JSON.stringify([runtime, [...install].sort()]));
    for (const group of groups.values()) {
      for (const path of await buildTogether(root, temporary, group)) {
        inputs[path] = await fileHash(join(root, path));
      }
    }
    // Packages outside the bundle are found as on Lambda: in the folder beside it.
    await symlink(join(root, "node_modules"), join(temporary, "node_modules"));
    for (const { name, copyFiles = [] } of functions) {
      for (const { from, to } of copyFiles) {
        // A link in place of a copy: what is edited is what the next call reads.
        await mkdir(dirname(join(temporary, name, to)), { recursive: true });
        await symlink(join(root, from), join(temporary, name, to));
      }
    }
    const out = `${request}-${hashOf(JSON.stringify(inputs)).slice(0, 16)}`;
    // The same code again after other code: what was built then is the same.
    if (!existsSync(join(folder, out))) await rename(temporary, join(folder, out));
    await writeFile(record, JSON.stringify({ inputs, out }, null, 1));
    return out;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Changes when something else than the project's own files does: the functions, the builder, the packages. */
function requestHash(root: string, functions: BundleInput[]): string {
  const files = ["package-lock.json", "tsconfig.json"]
    .map((name) => join(root, name))
    .filter((path) => existsSync(path));
  const parts = [BUNDLER_VERSION, JSON.stringify(functions), ...files.map((path) => readFileSync(path, "utf8"))];
  return hashOf(parts.join("\0")).slice(0, 16);
}

async function isCurrent(root: string, inputs: Inputs): Promise<boolean> {
  const checks = Object.entries(inputs).map(
    async ([path, hash]) => existsSync(join(root, path)) && (await fileHash(join(root, path))) === hash,
  );
  return (await Promise.all(checks)).every(Boolean);
}

const hashOf = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");
const fileHash = async (path: string) => hashOf(await readFile(path));
