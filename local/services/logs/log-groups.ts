/**
 * Log groups and their lines. Lines are written in batches, so the last half second may be lost when the process dies.
 */
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";

const FLUSH_MS = 500;
const DAY_MS = 86_400_000;
/** How long a group without a retention setting keeps its lines. AWS keeps them for ever; a laptop's disk is smaller. */
const DEFAULT_RETENTION_DAYS = 30;

export interface LogGroup {
  name: string;
  createdMs: number;
  retentionDays: number | undefined;
}

export interface LogStream {
  name: string;
  firstMs: number;
  lastMs: number;
}

interface LogLine {
  /** Grows with each line, in all groups together. */
  id: number;
  stream: string;
  timeMs: number;
  message: string;
}

interface LineRange {
  stream?: string | undefined;
  startMs?: number | undefined;
  /** Exclusive. */
  endMs?: number | undefined;
  /** Only lines with a higher id. */
  afterId: number;
  limit: number;
}

export class LogGroups {
  readonly #store: Store;
  readonly #pending: { group: string; stream: string; timeMs: number; message: string }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(store: Store) {
    this.#store = store;
    store.define(`
      CREATE TABLE IF NOT EXISTS log_groups (name TEXT PRIMARY KEY, created_ms INTEGER NOT NULL, retention_days INTEGER) STRICT;
      CREATE TABLE IF NOT EXISTS log_lines (
        id INTEGER PRIMARY KEY, log_group TEXT NOT NULL, stream TEXT NOT NULL, time_ms INTEGER NOT NULL, message TEXT NOT NULL) STRICT;
      CREATE INDEX IF NOT EXISTS log_lines_time ON log_lines (log_group, time_ms);`);
  }

  /** Makes a group, or sets the retention of one that is there. Lines past their retention go. */
  create(name: string, retentionDays: number | undefined, nowMs: number): void {
    this.#store.run(
      "INSERT INTO log_groups VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET retention_days = excluded.retention_days",
      name,
      nowMs,
      retentionDays ?? null,
    );
    this.#store.run(
      "DELETE FROM log_lines WHERE log_group = ? AND time_ms < ?",
      name,
      nowMs - (retentionDays ?? DEFAULT_RETENTION_DAYS) * DAY_MS,
    );
  }

  has(name: string): boolean {
    return this.#store.get("SELECT 1 FROM log_groups WHERE name = ?", name) !== undefined;
  }

  /** @throws {ServiceError} `ResourceNotFoundException`. */
  require(name: string): void {
    if (!this.has(name)) throw new ServiceError("ResourceNotFoundException", "The specified log group does not exist.");
  }

  list(): LogGroup[] {
    return this.#store
      .all<{ name: string; created_ms: number; retention_days: number | null }>(
        "SELECT * FROM log_groups ORDER BY name",
      )
      .map(({ name, created_ms, retention_days }) => ({
        name,
        createdMs: created_ms,
        retentionDays: retention_days ?? undefined,
      }));
  }

  /** Takes one or more lines of text. A group that is not there is made. */
  write(group: string, stream: string, timeMs: number, text: string): void {
    if (this.#closed) return;
    for (const message of text.replace(/\n$/, "").split("\n")) this.#pending.push({ group, stream, timeMs, message });
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS).unref();
  }

  /** Stores what is pending, so that a reader finds it. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.length === 0) return;
    this.#store.transaction(() => {
      for (const { group, stream, timeMs, message } of this.#pending.splice(0)) {
        this.#store.run("INSERT OR IGNORE INTO log_groups VALUES (?, ?, NULL)", group, timeMs);
        this.#store.run("INSERT INTO log_lines VALUES (NULL, ?, ?, ?, ?)", group, stream, timeMs, message);
      }
    });
  }

  /** Lines that come later are dropped: a function that is cut off may still print. */
  close(): void {
    this.flush();
    this.#closed = true;
  }

  /** By name. A stream is there when it has a stored line. */
  streams(group: string): LogStream[] {
    return this.#store
      .all<{ stream: string; first: number; last: number }>(
        "SELECT stream, min(time_ms) AS first, max(time_ms) AS last FROM log_lines WHERE log_group = ? GROUP BY stream ORDER BY stream",
        group,
      )
      .map(({ stream, first, last }) => ({ name: stream, firstMs: first, lastMs: last }));
  }

  /** Stored lines, in the order in which they were written. */
  lines(group: string, { stream, startMs, endMs, afterId, limit }: LineRange): LogLine[] {
    return this.#store
      .all<{ id: number; stream: string; time_ms: number; message: string }>(
        `SELECT id, stream, time_ms, message FROM log_lines
          WHERE log_group = ?1 AND id > ?3 AND time_ms >= ?4 AND time_ms < ?5 AND (?2 IS NULL OR stream = ?2) ORDER BY id LIMIT ?6`,
        group,
        stream ?? null,
        afterId,
        startMs ?? 0,
        endMs ?? Number.MAX_SAFE_INTEGER,
        limit,
      )
      .map(({ time_ms, ...line }) => ({ ...line, timeMs: time_ms }));
  }
}
