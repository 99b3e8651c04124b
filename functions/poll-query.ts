import { z } from "zod";
import { type QueryProgress, queryProgress, stopQuery } from "../aws/queries.ts";
import { QueryFailed, QueryTimedOut } from "../lake/errors.ts";
import { task } from "./task.ts";

const pollQueryInput = z.object({
  queryExecutionId: z.string(),
  /** The time that the workflow has waited so far. */
  waitedSeconds: z.number(),
  maxWaitSeconds: z.number(),
});

/**
 * Says how far a query is.
 *
 * @throws {QueryFailed} When it ended without a result and running it again cannot help.
 * @throws {QueryTimedOut} When its budget is spent; the query is stopped first.
 */
export async function pollQuery({
  queryExecutionId,
  waitedSeconds,
  maxWaitSeconds,
}: z.output<typeof pollQueryInput>): Promise<
  { queryExecutionId: string } & Exclude<QueryProgress, { status: "failed" }>
> {
  const progress = await queryProgress(queryExecutionId);
  if (progress.status === "failed") throw new QueryFailed(queryExecutionId, progress.reason);
  if ((progress.status === "queued" || progress.status === "running") && waitedSeconds >= maxWaitSeconds) {
    await stopQuery(queryExecutionId);
    throw new QueryTimedOut(queryExecutionId, waitedSeconds);
  }
  return { queryExecutionId, ...progress };
}

export const handler = task(pollQueryInput, pollQuery);
