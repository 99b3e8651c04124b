import { z } from "zod";
import { startQuery } from "../aws/queries.ts";
import { namedQuery } from "../reports/query/named-query.ts";
import { fillSql } from "../reports/query/sql-template.ts";
import { task } from "./task.ts";

const runAthenaQueryInput = z
  .object({
    /** A file of `queries/`; its parameters are values by name. */
    name: z.string().nullish(),
    /** Or a text of the caller's own; its parameters are Athena's, SQL literals by position. */
    sql: z.string().nullish(),
    parameters: z
      .union([
        z.array(z.string()),
        z.record(z.string(), z.union([z.string(), z.number(), z.record(z.string(), z.string())])),
      ])
      .nullish(),
    /** The same token never starts a second query. */
    token: z.string(),
  })
  .refine(({ name, sql }) => Boolean(name) !== Boolean(sql), "either name or sql is expected")
  .refine(
    ({ sql, parameters }) => !parameters || Array.isArray(parameters) === Boolean(sql),
    "parameters are a list for sql and an object for name",
  );

/**
 * Starts a query and does not wait for it.
 *
 * @throws {QueryFailed} When Athena refuses the text.
 * @throws {NoSuchQuery} When `queries/` has no such file.
 * @throws {InvalidSqlValue} When a parameter is not what its placeholder says.
 */
export async function runAthenaQuery({
  name,
  sql,
  parameters,
  token,
}: z.output<typeof runAthenaQueryInput>): Promise<{ queryExecutionId: string }> {
  if (Array.isArray(parameters) || sql)
    return {
      queryExecutionId: await startQuery({ sql: sql!, parameters: Array.isArray(parameters) ? parameters : [], token }),
    };
  return {
    queryExecutionId: await startQuery({ sql: fillSql(namedQuery(name!), parameters ?? {}), parameters: [], token }),
  };
}

export const handler = task(runAthenaQueryInput, runAthenaQuery);
