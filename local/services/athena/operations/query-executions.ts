/** Query executions: starting, watching and stopping them, and reading their results. */
import type * as api from "@aws-sdk/client-athena";
import { ServiceError } from "../../../service-error.ts";
import type { Operations } from "../../../wire/service.ts";
import type { QueryExecutions } from "../query-executions.ts";
import type { ExecutionRecord } from "../query-records.ts";
import { readCsvLines, readTextLines } from "../results/result-file.ts";
import { paged } from "./page.ts";

const PAGE_SIZE = 50;
const BATCH_LIMIT = 50;
/** AWS's limit on one page of results. */
const RESULT_PAGE_ROWS = 1000;

export function queryExecutionOperations(executions: QueryExecutions): Operations {
  return {
    StartQueryExecution(input: api.StartQueryExecutionInput, context): api.StartQueryExecutionOutput {
      return { QueryExecutionId: executions.start(input, context.now()) };
    },
    GetQueryExecution(input: api.GetQueryExecutionInput): api.GetQueryExecutionOutput {
      return { QueryExecution: toApi(executions.get(input.QueryExecutionId!)) };
    },
    BatchGetQueryExecution(input: api.BatchGetQueryExecutionInput): api.BatchGetQueryExecutionOutput {
      const ids = input.QueryExecutionIds ?? [];
      if (ids.length > BATCH_LIMIT) throw invalid(`At most ${BATCH_LIMIT} query executions can be asked for at once`);
      const found = ids.flatMap((id) => executions.find(id) ?? []);
      const missing = ids.filter((id) => !found.some((execution) => execution.id === id));
      return {
        QueryExecutions: found.map(toApi),
        UnprocessedQueryExecutionIds: missing.map((id) => ({
          QueryExecutionId: id,
          ErrorCode: "INVALID_INPUT",
          ErrorMessage: `QueryExecution ${id} was not found`,
        })),
      };
    },
    ListQueryExecutions(input: api.ListQueryExecutionsInput): api.ListQueryExecutionsOutput {
      const { items, next } = paged(executions.idsIn(input.WorkGroup), input, PAGE_SIZE);
      return { QueryExecutionIds: items, ...next };
    },
    GetQueryResults: (input: api.GetQueryResultsInput) => resultsOf(executions, input),
    StopQueryExecution(input: api.StopQueryExecutionInput, context) {
      executions.stop(input.QueryExecutionId!, context.now());
      return {};
    },
  };
}

async function resultsOf(
  executions: QueryExecutions,
  input: api.GetQueryResultsInput,
): Promise<api.GetQueryResultsOutput> {
  const execution = executions.get(input.QueryExecutionId!);
  if (execution.state === "FAILED" || execution.state === "CANCELLED") {
    throw invalid(`Query did not finish successfully. Final query state: ${execution.state}`);
  }
  if (execution.state !== "SUCCEEDED") throw invalid(`Query has not yet finished. Current state: ${execution.state}`);
  const limit = input.MaxResults ?? RESULT_PAGE_ROWS;
  if (limit < 1 || limit > RESULT_PAGE_ROWS) throw invalid(`MaxResults is not between 1 and ${RESULT_PAGE_ROWS}`);
  const file = await executions.resultFile(execution);
  const offset = input.NextToken === undefined ? 0 : Number(input.NextToken);
  if (!Number.isInteger(offset) || offset < 0 || offset > file.length) throw invalid("NextToken is invalid");
  const readLines = execution.hasHeader ? readCsvLines : readTextLines;
  const { rows, nextOffset } = readLines(file, offset, limit);
  return {
    UpdateCount: 0,
    ResultSet: {
      Rows: rows.map((row) => ({ Data: row.map((cell) => (cell === null ? {} : { VarCharValue: cell })) })),
      ResultSetMetadata: { ColumnInfo: execution.columns ?? [] },
    },
    ...(nextOffset < file.length ? { NextToken: String(nextOffset) } : {}),
  };
}

function toApi(stored: ExecutionRecord): api.QueryExecution {
  const end = stored.completionTime;
  return {
    QueryExecutionId: stored.id,
    Query: stored.query,
    StatementType: stored.statementType,
    ResultConfiguration: stored.resultConfiguration,
    QueryExecutionContext: stored.context,
    Status: {
      State: stored.state,
      ...(stored.reason === undefined ? {} : { StateChangeReason: stored.reason }),
      SubmissionDateTime: new Date(stored.submissionTime),
      ...(end === undefined ? {} : { CompletionDateTime: new Date(end) }),
      ...(stored.error ? { AthenaError: stored.error } : {}),
    },
    Statistics: {
      ...(end === undefined ? {} : { EngineExecutionTimeInMillis: end - (stored.startTime ?? end) }),
      DataScannedInBytes: stored.scannedBytes,
      ...(end === undefined ? {} : { TotalExecutionTimeInMillis: end - stored.submissionTime }),
      QueryQueueTimeInMillis: (stored.startTime ?? end ?? stored.submissionTime) - stored.submissionTime,
      ServiceProcessingTimeInMillis: 0,
      ResultReuseInformation: { ReusedPreviousResult: false },
    },
    WorkGroup: stored.workGroup,
    EngineVersion: {
      SelectedEngineVersion: "Athena engine version 3",
      EffectiveEngineVersion: "Athena engine version 3",
    },
    ...(stored.executionParameters.length > 0 ? { ExecutionParameters: stored.executionParameters } : {}),
    SubstatementType: stored.substatementType,
  };
}

function invalid(message: string): ServiceError {
  return new ServiceError("InvalidRequestException", message);
}
