/**
 * Amazon Athena over the embedded Glue catalog, with DuckDB as its engine.
 *
 * ```ts
 * const objects = s3Objects(store);                       // glue/s3-objects.ts over local S3
 * const glue = glueService({ database, objects });
 * const athena = athenaService({
 *   database,                                             // node:sqlite, shared; tables are named athena_…
 *   objects,
 *   catalog: glue.catalog,
 *   readableDirectories: [join(dir, "s3")],               // the folder under which S3 keeps its files
 *   spillDirectory: join(dir, "athena-spill"),
 * });
 * services.push(athena.service);
 * …
 * await athena.close();                                   // interrupts what runs; before the database is closed
 * ```
 *
 * Queries run on DuckDB's own threads. What a former process left QUEUED or RUNNING starts again.
 *
 * @see https://docs.aws.amazon.com/athena/latest/APIReference/Welcome.html
 */
import type { DatabaseSync } from "node:sqlite";
import type * as api from "@aws-sdk/client-athena";
import { ServiceError } from "../../service-error.ts";
import type { Operation, Service } from "../../wire/service.ts";
import type { Catalog } from "../glue/catalog.ts";
import type { ObjectStore } from "../glue/object-store.ts";
import { Engine, type EngineOptions } from "./engine.ts";
import { Executions } from "./executions.ts";
import { namedQueryOperations } from "./named-queries.ts";
import { paged } from "./page.ts";
import { AthenaStore, type StoredExecution } from "./store.ts";
import { requireWorkGroup, workGroupOperations } from "./work-groups.ts";

export interface AthenaOptions extends EngineOptions {
  database: DatabaseSync;
  catalog: Catalog;
  objects: ObjectStore;
  /** More wait as QUEUED; default four. */
  maxConcurrent?: number;
  /** Now, for what runs outside a request; default the machine's clock. */
  now?: () => number;
}

export interface Athena {
  service: Service;
  close(): Promise<void>;
}

const LIST_PAGE_SIZE = 50;
const BATCH_LIMIT = 50;

export function athenaService(options: AthenaOptions): Athena {
  const store = new AthenaStore(options.database);
  const engine = new Engine(options);
  const executions = new Executions({ store, engine, ...options, now: options.now ?? Date.now });
  const service = {
    namespace: "athena",
    operations: {
      ...queryOperations(store, executions),
      ...workGroupOperations(store),
      ...namedQueryOperations(store),
    },
  };
  return { service, close: () => executions.close() };
}

function queryOperations(store: AthenaStore, executions: Executions): Record<string, Operation> {
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
      const found = ids.flatMap((id) => store.execution(id) ?? []);
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
      const ids = store.executionIds(requireWorkGroup(store, input.WorkGroup).name);
      const { items, next } = paged(ids, input, LIST_PAGE_SIZE);
      return { QueryExecutionIds: items, ...next };
    },
    GetQueryResults(input: api.GetQueryResultsInput): Promise<api.GetQueryResultsOutput> {
      return executions.results(input);
    },
    StopQueryExecution(input: api.StopQueryExecutionInput, context) {
      executions.stop(input.QueryExecutionId!, context.now());
      return {};
    },
  };
}

function toApi(stored: StoredExecution): api.QueryExecution {
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
