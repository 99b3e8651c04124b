/** One Athena query from its text to its rows, page by page. */

import { setTimeout as sleep } from "node:timers/promises";
import {
  type ColumnInfo,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type GetQueryResultsCommandOutput,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import { WorkFailed } from "./command.ts";
import type { Target } from "./target.ts";

/** Cells as Athena sends them: text, and null for NULL. */
export type Cells = (string | null)[];

export interface QueryColumn {
  name: string;
  /** Athena's name of the type, such as `bigint`. */
  type: string;
}

interface QueryAnswer {
  queryExecutionId: string;
  columns: QueryColumn[];
  scannedBytes: number;
  /** Up to 1,000 rows each. */
  pages: AsyncGenerator<Cells[]>;
}

/** Athena's largest page. */
const PAGE_ROWS = 1000;
const LONGEST_POLL_MS = 2000;

/**
 * Runs a query in the lake's workgroup and database.
 *
 * @param parameters - Literals for the `?` of the query, in order, such as `'2026-01-17'` or `42`.
 * @throws {WorkFailed} When Athena refuses or fails the query, with its reason.
 */
export async function runQuery(target: Target, sql: string, parameters: readonly string[] = []): Promise<QueryAnswer> {
  const { athena } = target;
  const { QueryExecutionId } = await athena.send(
    new StartQueryExecutionCommand({
      QueryString: sql,
      WorkGroup: target.names.workgroup,
      QueryExecutionContext: { Database: target.names.database },
      ...(parameters.length > 0 ? { ExecutionParameters: [...parameters] } : {}),
    }),
  );
  const queryExecutionId = QueryExecutionId!;
  const stop = () =>
    void athena.send(new StopQueryExecutionCommand({ QueryExecutionId: queryExecutionId })).catch(() => {});
  process.once("SIGINT", stop);
  try {
    for (let pollMs = 40; ; pollMs = Math.min(pollMs * 1.5, LONGEST_POLL_MS)) {
      const { QueryExecution } = await athena.send(
        new GetQueryExecutionCommand({ QueryExecutionId: queryExecutionId }),
      );
      const state = QueryExecution?.Status?.State;
      if (state === "FAILED" || state === "CANCELLED") {
        const reason = QueryExecution?.Status?.StateChangeReason ?? "no reason given";
        throw new WorkFailed(
          `Athena query ${queryExecutionId} ${state === "FAILED" ? "failed" : "was stopped"}: ${reason}${hintFor(reason)}`,
        );
      }
      if (state === "SUCCEEDED") {
        const first = await athena.send(
          new GetQueryResultsCommand({ QueryExecutionId: queryExecutionId, MaxResults: PAGE_ROWS }),
        );
        const columns = (first.ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(columnOf);
        // Only a query has its column names as first row; SHOW and DESCRIBE have none.
        const hasHeader = QueryExecution?.StatementType === "DML";
        return {
          queryExecutionId,
          columns,
          scannedBytes: QueryExecution?.Statistics?.DataScannedInBytes ?? 0,
          pages: pagesOf(target, queryExecutionId, first, columns.length, hasHeader),
        };
      }
      await sleep(pollMs);
    }
  } finally {
    process.removeListener("SIGINT", stop);
  }
}

/** All rows of a query as objects of text; for answers that are known to be small. */
export async function queryObjects(target: Target, sql: string): Promise<Record<string, string | null>[]> {
  const { columns, pages } = await runQuery(target, sql);
  const rows: Record<string, string | null>[] = [];
  for await (const page of pages)
    for (const cells of page) rows.push(Object.fromEntries(columns.map(({ name }, i) => [name, cells[i] ?? null])));
  return rows;
}

async function* pagesOf(
  target: Target,
  queryExecutionId: string,
  first: GetQueryResultsCommandOutput,
  width: number,
  hasHeader: boolean,
): AsyncGenerator<Cells[]> {
  let page = first;
  let skip = hasHeader ? 1 : 0;
  while (true) {
    const rows = page.ResultSet?.Rows ?? [];
    yield rows.slice(skip).map((row) => Array.from({ length: width }, (_, i) => row.Data?.[i]?.VarCharValue ?? null));
    skip = 0;
    if (!page.NextToken) return;
    page = await target.athena.send(
      new GetQueryResultsCommand({
        QueryExecutionId: queryExecutionId,
        MaxResults: PAGE_ROWS,
        NextToken: page.NextToken,
      }),
    );
  }
}

/** The next step for a person, where the reason says enough to know it. */
function hintFor(reason: string): string {
  if (reason.startsWith("COLUMN_NOT_FOUND")) return '\nA table\'s columns: sluice query "SHOW COLUMNS IN alb"';
  if (reason.startsWith("TABLE_NOT_FOUND")) return '\nThe tables: sluice query "SHOW TABLES"';
  return "";
}

function columnOf(column: ColumnInfo): QueryColumn {
  return { name: column.Name ?? "", type: column.Type ?? "varchar" };
}
