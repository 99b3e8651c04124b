/** One row of totals through Athena, as a user would ask for it. */
import { setTimeout as sleep } from "node:timers/promises";
import { GetQueryExecutionCommand, GetQueryResultsCommand, StartQueryExecutionCommand } from "@aws-sdk/client-athena";
import type { Target } from "../../cli/target.ts";

export async function totalsOf(target: Target, table: string, expressions: readonly string[]): Promise<string[]> {
  const { QueryExecutionId } = await target.athena.send(
    new StartQueryExecutionCommand({
      QueryString: `SELECT ${expressions.join(", ")} FROM "${table}"`,
      QueryExecutionContext: { Database: target.names.database },
      WorkGroup: target.names.workgroup,
    }),
  );
  for (;;) {
    const { QueryExecution } = await target.athena.send(new GetQueryExecutionCommand({ QueryExecutionId }));
    const { State, StateChangeReason } = QueryExecution!.Status!;
    if (State === "SUCCEEDED") break;
    if (State === "FAILED" || State === "CANCELLED") throw new Error(`The query failed: ${StateChangeReason}`);
    await sleep(target.pollMs);
  }
  const { ResultSet } = await target.athena.send(new GetQueryResultsCommand({ QueryExecutionId }));
  return ResultSet!.Rows![1]!.Data!.map(({ VarCharValue }) => VarCharValue ?? "null");
}
