import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Change, Collection, ListOptions, Store } from "./store.ts";

const COLLECTIONS: readonly Collection[] = [
  "stateMachines",
  "revisions",
  "executions",
  "executionIndex",
  "open",
  "frames",
  "items",
  "results",
  "events",
  "mapRuns",
  "activities",
  "counters",
];

/**
 * Keeps everything in one SQLite file with a write-ahead log. A transaction that returned survives `kill -9`: it is in
 * the operating system's hands. A power cut may lose the last transactions, never half of one.
 */
export class SqliteStore implements Store {
  readonly #db: DatabaseSync;
  readonly #set = new Map<Collection, StatementSync>();
  readonly #delete = new Map<Collection, StatementSync>();
  readonly #get = new Map<Collection, StatementSync>();
  readonly #up = new Map<Collection, StatementSync>();
  readonly #down = new Map<Collection, StatementSync>();

  constructor(path: string) {
    const db = new DatabaseSync(path);
    this.#db = db;
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;");
    for (const name of COLLECTIONS) {
      const table = `engine_${name}`;
      db.exec(`CREATE TABLE IF NOT EXISTS ${table} (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`);
      this.#set.set(name, db.prepare(`INSERT OR REPLACE INTO ${table} (key, value) VALUES (?, ?)`));
      this.#delete.set(name, db.prepare(`DELETE FROM ${table} WHERE key = ?`));
      this.#get.set(name, db.prepare(`SELECT value FROM ${table} WHERE key = ?`));
      const range = `SELECT key, value FROM ${table} WHERE key >= ? AND key < ?`;
      this.#up.set(name, db.prepare(`${range} AND key > ? ORDER BY key LIMIT ?`));
      this.#down.set(name, db.prepare(`${range} AND key < ? ORDER BY key DESC LIMIT ?`));
    }
  }

  write(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      for (const { collection, key, value } of changes) {
        if (value === undefined) this.#delete.get(collection)!.run(key);
        else this.#set.get(collection)!.run(key, value);
      }
      this.#db.exec("COMMIT");
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  get(collection: Collection, key: string): string | undefined {
    return this.#get.get(collection)!.get(key)?.["value"] as string | undefined;
  }

  list(collection: Collection, { prefix, after, limit, reverse }: ListOptions) {
    // No key holds U+10FFFF, so the prefix followed by it lies behind every key with that prefix.
    const end = prefix + "\u{10ffff}";
    const statement = (reverse ? this.#down : this.#up).get(collection)!;
    const bound = reverse ? (after ?? end) : (after ?? "");
    return statement.all(prefix, end, bound, limit ?? -1) as { key: string; value: string }[];
  }

  close(): void {
    this.#db.close();
  }
}
