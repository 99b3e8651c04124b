/**
 * Amazon Athena over the embedded Glue catalog, with DuckDB as its engine.
 *
 * @see https://docs.aws.amazon.com/athena/latest/APIReference/Welcome.html
 */
import type { Service } from "../../wire/service.ts";
import type { NamedQueries } from "./named-queries.ts";
import { namedQueryOperations } from "./operations/named-queries.ts";
import { queryExecutionOperations } from "./operations/query-executions.ts";
import { workGroupOperations } from "./operations/work-groups.ts";
import type { QueryExecutions } from "./query-executions.ts";
import type { WorkGroups } from "./work-groups.ts";

interface AthenaOptions {
  executions: QueryExecutions;
  workGroups: WorkGroups;
  namedQueries: NamedQueries;
}

export function athenaService({ executions, workGroups, namedQueries }: AthenaOptions): Service {
  return {
    namespace: "athena",
    operations: {
      ...queryExecutionOperations(executions),
      ...workGroupOperations(workGroups, namedQueries),
      ...namedQueryOperations(namedQueries, workGroups),
    },
  };
}
