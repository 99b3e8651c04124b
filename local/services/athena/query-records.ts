/** The record of each query execution: what was asked, how far it is, and what came of it. */
import type {
  AthenaError,
  ColumnInfo,
  QueryExecutionContext,
  QueryExecutionState,
  ResultConfiguration,
  StatementType,
} from "@aws-sdk/client-athena";
import type { Store } from "../../store.ts";

/** Times are milliseconds since the epoch. */
export interface ExecutionRecord {
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
  /** Whether the first line of the result file holds names: it does for SELECT, not for SHOW and DESCRIBE. */
  hasHeader: boolean;
}

export class ExecutionRecords {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    store.define(`CREATE TABLE IF NOT EXISTS athena_executions (
      sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, work_group TEXT NOT NULL, token TEXT UNIQUE, body TEXT NOT NULL) STRICT`);
  }

  /** @param token - The client's, when the record is new: the same token again finds the same execution. */
  put(execution: ExecutionRecord, token?: string): void {
    this.#store.run(
      `INSERT INTO athena_executions (id, work_group, token, body) VALUES (?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
      execution.id,
      execution.workGroup,
      token ?? null,
      JSON.stringify(execution),
    );
  }

  find(id: string): ExecutionRecord | undefined {
    return recordOf(this.#store.get<Row>("SELECT body FROM athena_executions WHERE id = ?", id));
  }

  findByToken(token: string): ExecutionRecord | undefined {
    return recordOf(this.#store.get<Row>("SELECT body FROM athena_executions WHERE token = ?", token));
  }

  /** Newest first. */
  idsIn(workGroup: string): string[] {
    return this.#store
      .all<{ id: string }>("SELECT id FROM athena_executions WHERE work_group = ? ORDER BY sequence DESC", workGroup)
      .map(({ id }) => id);
  }

  /** Executions that an earlier process left behind, oldest first. */
  unfinished(): ExecutionRecord[] {
    return this.#store
      .all<Row>(
        "SELECT body FROM athena_executions WHERE body ->> '$.state' IN ('QUEUED', 'RUNNING') ORDER BY sequence",
      )
      .map((row) => recordOf(row)!);
  }
}

interface Row {
  body: string;
}

const recordOf = (row: Row | undefined) => row && (JSON.parse(row.body) as ExecutionRecord);
