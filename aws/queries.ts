/** Athena queries: start, look, stop. */

import { createHash } from "node:crypto";
import {
  AthenaClient,
  GetQueryExecutionCommand,
  InvalidRequestException,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import { QueryFailed } from "../lake/errors.ts";
import type { ObjectRef } from "../lake/object-ref.ts";
import { environment } from "./environment.ts";

const athena = new AthenaClient({ maxAttempts: 5 });

/** The progress of a query. Athena may put a running query back into the queue. */
export type QueryProgress =
  | { status: "queued" | "running"; scannedBytes: number }
  | { status: "succeeded"; result: ObjectRef; scannedBytes: number }
  /** Athena gave up for its own reasons and says that running it again can help. */
  | { status: "interrupted"; reason: string }
  | { status: "failed"; reason: string };

/**
 * @param query.parameters - SQL literals for the `?`s of the text, in order: `'text'` with its quotes, or `42`.
 * @param query.token - The same token never starts a second query.
 * @returns The query execution's id.
 * @throws {QueryFailed} When Athena refuses the text or the parameters.
 */
export async function startQuery(query: {
  sql: string;
  parameters: readonly string[];
  token: string;
}): Promise<string> {
  try {
    const { QueryExecutionId } = await athena.send(
      new StartQueryExecutionCommand({
        QueryString: query.sql,
        WorkGroup: environment("ATHENA_WORKGROUP"),
        QueryExecutionContext: { Catalog: "AwsDataCatalog", Database: environment("GLUE_DATABASE") },
        ...(query.parameters.length > 0 && { ExecutionParameters: [...query.parameters] }),
        ClientRequestToken: createHash("sha256").update(query.token).digest("hex"),
      }),
    );
    return QueryExecutionId!;
  } catch (error) {
    if (error instanceof InvalidRequestException) throw new QueryFailed("(not started)", error.message);
    throw error;
  }
}

export async function queryProgress(queryExecutionId: string): Promise<QueryProgress> {
  const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId: queryExecutionId }));
  const { Status, Statistics, ResultConfiguration } = QueryExecution!;
  const scannedBytes = Statistics?.DataScannedInBytes ?? 0;
  const reason = Status?.StateChangeReason ?? Status?.AthenaError?.ErrorMessage ?? "Athena gives no reason";
  switch (Status?.State) {
    case "QUEUED":
      return { status: "queued", scannedBytes };
    case "RUNNING":
      return { status: "running", scannedBytes };
    case "SUCCEEDED":
      return { status: "succeeded", result: resultOf(ResultConfiguration?.OutputLocation), scannedBytes };
    case "CANCELLED":
      return { status: "failed", reason: `cancelled: ${reason}` };
    case "FAILED":
      return Status.AthenaError?.Retryable ? { status: "interrupted", reason } : { status: "failed", reason };
    default:
      throw new Error(`Athena query ${queryExecutionId} is in state ${Status?.State}, which we do not know`);
  }
}

export async function stopQuery(queryExecutionId: string): Promise<void> {
  await athena.send(new StopQueryExecutionCommand({ QueryExecutionId: queryExecutionId }));
}

function resultOf(outputLocation: string | undefined): ObjectRef {
  const parts = /^s3:\/\/([^/]+)\/(.+)$/.exec(outputLocation ?? "");
  if (!parts) throw new Error(`Athena says that the result lies at "${outputLocation}", which is not an S3 location`);
  return { bucket: parts[1]!, key: parts[2]! };
}
