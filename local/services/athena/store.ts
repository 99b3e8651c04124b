/** What Athena remembers, in the shared SQLite database under `athena_`: executions, workgroups, named queries. */
import type { DatabaseSync } from "node:sqlite";
import type {
  AthenaError,
  ColumnInfo,
  NamedQuery,
  QueryExecutionContext,
  QueryExecutionState,
  ResultConfiguration,
  StatementType,
  WorkGroupConfiguration,
} from "@aws-sdk/client-athena";

/** Times are milliseconds since the epoch. */
export interface StoredExecution {
  id: string;
  query: string;
  statementType: StatementType;
  substatementType: string;
  workGroup: string;
  context: QueryExecutionContext;
  resultConfiguration: ResultConfiguration;
  executionParameters: string[];
  state: QueryExecutionState;
  reason?: string;
  error?: AthenaError;
  submissionTime: number;
  startTime?: number;
  completionTime?: number;
  scannedBytes: number;
  rowCount?: number;
  columns?: ColumnInfo[];
  /** The first line of the result file holds names: so it is for SELECT, not for SHOW and DESCRIBE. */
  hasHeader: boolean;
}

export interface StoredWorkGroup {
  name: string;
  description?: string;
  state: "ENABLED" | "DISABLED";
  configuration: WorkGroupConfiguration;
  creationTime: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS athena_executions (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, work_group TEXT NOT NULL, token TEXT UNIQUE, body TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS athena_work_groups (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS athena_named_queries (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, work_group TEXT NOT NULL, body TEXT NOT NULL) STRICT;
`;

export class AthenaStore {
  readonly #db: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#db = database;
    database.exec(SCHEMA);
  }

  putExecution(execution: StoredExecution, token?: string): void {
    this.#db
      .prepare(
        `INSERT INTO athena_executions (id, work_group, token, body) VALUES (?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
      )
      .run(execution.id, execution.workGroup, token ?? null, JSON.stringify(execution));
  }

  execution(id: string): StoredExecution | null {
    return this.#body("SELECT body FROM athena_executions WHERE id = ?", id);
  }

  executionByToken(token: string): StoredExecution | null {
    return this.#body("SELECT body FROM athena_executions WHERE token = ?", token);
  }

  /** Newest first. */
  executionIds(workGroup: string): string[] {
    const rows = this.#db
      .prepare("SELECT id FROM athena_executions WHERE work_group = ? ORDER BY sequence DESC")
      .all(workGroup);
    return rows.map((row) => row.id as string);
  }

  /** Those that a former process left behind. */
  unfinished(): StoredExecution[] {
    const rows = this.#db
      .prepare("SELECT body FROM athena_executions WHERE body ->> '$.state' IN ('QUEUED', 'RUNNING') ORDER BY sequence")
      .all();
    return rows.map((row) => JSON.parse(row.body as string) as StoredExecution);
  }

  putWorkGroup(group: StoredWorkGroup): void {
    this.#db
      .prepare("INSERT OR REPLACE INTO athena_work_groups (name, body) VALUES (?, ?)")
      .run(group.name, JSON.stringify(group));
  }

  workGroup(name: string): StoredWorkGroup | null {
    return this.#body("SELECT body FROM athena_work_groups WHERE name = ?", name);
  }

  workGroups(): StoredWorkGroup[] {
    const rows = this.#db.prepare("SELECT body FROM athena_work_groups ORDER BY name").all();
    return rows.map((row) => JSON.parse(row.body as string) as StoredWorkGroup);
  }

  deleteWorkGroup(name: string): void {
    this.#db.prepare("DELETE FROM athena_named_queries WHERE work_group = ?").run(name);
    this.#db.prepare("DELETE FROM athena_work_groups WHERE name = ?").run(name);
  }

  putNamedQuery(query: NamedQuery): void {
    this.#db
      .prepare(
        `INSERT INTO athena_named_queries (id, work_group, body) VALUES (?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
      )
      .run(query.NamedQueryId!, query.WorkGroup!, JSON.stringify(query));
  }

  namedQuery(id: string): NamedQuery | null {
    return this.#body("SELECT body FROM athena_named_queries WHERE id = ?", id);
  }

  namedQueryIds(workGroup: string): string[] {
    const rows = this.#db
      .prepare("SELECT id FROM athena_named_queries WHERE work_group = ? ORDER BY sequence")
      .all(workGroup);
    return rows.map((row) => row.id as string);
  }

  deleteNamedQuery(id: string): void {
    this.#db.prepare("DELETE FROM athena_named_queries WHERE id = ?").run(id);
  }

  #body<Stored>(sql: string, key: string): Stored | null {
    const row = this.#db.prepare(sql).get(key);
    return row ? (JSON.parse(row.body as string) as Stored) : null;
  }
}
