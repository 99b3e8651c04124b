/** Queries of the store: the history of an execution, and the executions of a state machine. */
import type { LiveExecutions } from "./live-executions.ts";
import { type Store, serialKey } from "./ports/store.ts";
import type { ExecutionRecord, ExecutionStatus } from "./records/execution-record.ts";
import type { HistoryEvent } from "./records/history.ts";

/** Rows of the index that are read at a time. */
const INDEX_PAGE = 100;

/**
 * Events in order of their ids.
 * @param after - Begin behind this id (before it, when `reverse`).
 */
export function readHistory(
  store: Store,
  record: ExecutionRecord,
  { after, limit, reverse }: { after?: number; limit?: number; reverse?: boolean },
): HistoryEvent[] {
  const key = serialKey(record.serial);
  const rows = store.list("events", {
    prefix: `${key}/`,
    after: after === undefined ? undefined : `${key}/${serialKey(after)}`,
    limit,
    reverse,
  });
  return rows.map(({ value }) => JSON.parse(value) as HistoryEvent);
}

/** Executions of a state machine (or of a map run), newest first. */
export function listExecutions(
  store: Store,
  executions: LiveExecutions,
  ownerArn: string,
  { status, after, limit }: { status?: ExecutionStatus | undefined; after?: string | undefined; limit: number },
): { records: ExecutionRecord[]; next: string | undefined } {
  const records: ExecutionRecord[] = [];
  let position = after;
  for (;;) {
    const rows = store.list("executionIndex", { prefix: `${ownerArn}|`, after: position, limit: INDEX_PAGE });
    for (const { key, value } of rows) {
      if (records.length === limit) return { records, next: position };
      position = key;
      const record = executions.describe(value);
      if (record && (status === undefined || record.status === status)) records.push(record);
    }
    if (rows.length < INDEX_PAGE) return { records, next: undefined };
  }
}
