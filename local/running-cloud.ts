/** One cloud per folder: the lock that enforces it, and the note by which others find the running cloud. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

interface RunningCloud {
  pid: number;
  endpoint: string;
}

const noteOf = (dir: string) => join(dir, "cloud.json");

/**
 * Takes the folder for this process. The operating system releases the lock however its holder ends, so that a stale
 * lock is never in the way.
 *
 * @returns A function that gives the folder back.
 * @throws {Error} When another cloud has it.
 */
export function lockFolder(dir: string): () => void {
  mkdirSync(dir, { recursive: true });
  const lock = new DatabaseSync(join(dir, "lock.db"));
  try {
    // Long enough to outlast a process that only looks.
    lock.exec("PRAGMA busy_timeout = 1000; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;");
  } catch (error) {
    lock.close();
    const running = readNote(dir);
    const where = running ? ` at ${running.endpoint} (process ${running.pid})` : "";
    throw new Error(`A cloud already runs on ${dir}${where}: use it, stop it, or choose another --dir`, {
      cause: error,
    });
  }
  return () => {
    if (lock.isOpen) lock.close();
  };
}

export function writeNote(dir: string, endpoint: string): void {
  writeFileSync(noteOf(dir), `${JSON.stringify({ pid: process.pid, endpoint } satisfies RunningCloud)}\n`);
}

export function removeNote(dir: string): void {
  rmSync(noteOf(dir), { force: true });
}

/** The cloud that runs on a folder, or undefined. A note that a killed process left behind counts for nothing. */
export function findRunningCloud(dir: string): RunningCloud | undefined {
  if (!existsSync(dir)) return undefined;
  const note = readNote(dir);
  if (!note || !existsSync(join(dir, "lock.db"))) return undefined;
  const lock = new DatabaseSync(join(dir, "lock.db"));
  try {
    // A shared lock: processes that look do not hinder each other; only the holder hinders them.
    lock.exec("PRAGMA busy_timeout = 0; BEGIN; SELECT count(*) FROM sqlite_master; COMMIT;");
    return undefined;
  } catch {
    return note;
  } finally {
    lock.close();
  }
}

function readNote(dir: string): RunningCloud | undefined {
  try {
    return JSON.parse(readFileSync(noteOf(dir), "utf8"));
  } catch {
    // There is no note, or a process that was killed has written half of it.
    return undefined;
  }
}
