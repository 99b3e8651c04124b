/**
 * The life of a query: QUEUED, RUNNING, then SUCCEEDED, FAILED or CANCELLED; its result beside it in S3.
 */
import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type * as api from "@aws-sdk/client-athena";
import type { DuckDBConnection } from "@duckdb/node-api";
import { ServiceError } from "../../service-error.ts";
import type { Catalog } from "../glue/catalog.ts";
import { asFolder, type ObjectStore, parseS3Location } from "../glue/object-store.ts";
import { type DdlStatement, ddlStatement } from "./ddl.ts";
import type { Engine } from "./engine.ts";
import { MalformedQuery, QueryError, queryErrorOf } from "./query-error.ts";
import { resultMetadata } from "./result-metadata.ts";
import { readCsvLines } from "./result-text.ts";
import { withParameters } from "./sql/parameters.ts";
import type { AthenaStore, StoredExecution } from "./store.ts";
import { requireWorkGroup } from "./work-groups.ts";

export interface ExecutionsOptions {
  store: AthenaStore;
  engine: Engine;
  catalog: Catalog;
  objects: ObjectStore;
  maxConcurrent?: number;
  now: () => number;
}

/** AWS's limit on one page of results. */
const RESULT_PAGE_ROWS = 1000;
const SELECT = /^(?:\s|\(|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(select|with|values)\b/i;

interface Job {
  connection: DuckDBConnection | null;
  done: Promise<void>;
}

export class Executions {
  readonly #options: ExecutionsOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #queue: string[] = [];
  readonly #maxConcurrent: number;
  #closed = false;

  constructor(options: ExecutionsOptions) {
    this.#options = options;
    this.#maxConcurrent = options.maxConcurrent ?? 4;
    for (const left of options.store.unfinished()) {
      options.store.putExecution({ ...left, state: "QUEUED" });
      this.#queue.push(left.id);
    }
    setImmediate(() => this.#next());
  }

  /** @throws {ServiceError} InvalidRequestException for what is no statement, as AWS does before an execution exists. */
  start(input: api.StartQueryExecutionInput, nowMs: number): string {
    const { store } = this.#options;
    const group = requireWorkGroup(store, input.WorkGroup);
    if (group.state === "DISABLED") throw invalid(`WorkGroup ${group.name} is disabled.`);
    const request = requestHash(input);
    const token = input.ClientRequestToken ? `${group.name}/${input.ClientRequestToken}` : undefined;
    const earlier = token ? store.executionByToken(token) : null;
    if (earlier) {
      const same = requestHash({
        QueryString: earlier.query,
        QueryExecutionContext: earlier.context,
        ExecutionParameters: earlier.executionParameters,
      });
      if (same !== request) throw invalid("Idempotent parameters do not match");
      return earlier.id;
    }
    const { statementType, substatementType, hasHeader } = this.#classify(input);
    const id = randomUUID();
    const extension = hasHeader ? "csv" : "txt";
    const execution: StoredExecution = {
      id,
      query: input.QueryString!,
      statementType,
      substatementType,
      workGroup: group.name,
      context: input.QueryExecutionContext ?? {},
      resultConfiguration: { ...resultConfiguration(input, group.configuration, id, extension) },
      executionParameters: input.ExecutionParameters ?? [],
      state: "QUEUED",
      submissionTime: nowMs,
      scannedBytes: 0,
      hasHeader,
    };
    store.putExecution(execution, token);
    this.#queue.push(id);
    setImmediate(() => this.#next());
    return id;
  }

  #classify(
    input: api.StartQueryExecutionInput,
  ): Pick<StoredExecution, "statementType" | "substatementType" | "hasHeader"> {
    const sql = input.QueryString ?? "";
    if (!sql.trim()) throw invalid("Query string cannot be empty");
    const ddl = ddlStatement(sql);
    if (ddl) return { statementType: ddl.statementType, substatementType: ddl.substatementType, hasHeader: false };
    if (!SELECT.test(sql)) throw invalid("Queries of this type are not supported", "MALFORMED_QUERY");
    try {
      this.#options.engine.parse(withParameters(sql, input.ExecutionParameters ?? []));
    } catch (error) {
      if (error instanceof MalformedQuery) throw invalid(error.message, "MALFORMED_QUERY");
      // An unknown function fails the execution, not the request.
      if (!(error instanceof QueryError)) throw error;
    }
    return { statementType: "DML", substatementType: "SELECT", hasHeader: true };
  }

  get(id: string): StoredExecution {
    const found = this.#options.store.execution(id);
    if (!found) throw invalid(`QueryExecution ${id} was not found`);
    return found;
  }

  /** A query that has ended stays as it is. */
  stop(id: string, nowMs: number): void {
    const execution = this.get(id);
    if (execution.state !== "QUEUED" && execution.state !== "RUNNING") return;
    this.#end(execution, { state: "CANCELLED", reason: "Query cancelled by user", completionTime: nowMs });
    this.#jobs.get(id)?.connection?.interrupt();
  }

  #end(execution: StoredExecution, end: Partial<StoredExecution>): void {
    this.#options.store.putExecution({ ...execution, ...end });
  }

  #next(): void {
    while (!this.#closed && this.#jobs.size < this.#maxConcurrent) {
      const id = this.#queue.shift();
      if (id === undefined) return;
      const job: Job = { connection: null, done: Promise.resolve() };
      this.#jobs.set(id, job);
      job.done = this.#run(id, job).finally(() => {
        this.#jobs.delete(id);
        this.#next();
      });
    }
  }

  async #run(id: string, job: Job): Promise<void> {
    const { store, now, engine } = this.#options;
    const queued = this.get(id);
    if (queued.state !== "QUEUED") return;
    const running: StoredExecution = { ...queued, state: "RUNNING", startTime: now() };
    store.putExecution(running);
    try {
      job.connection = await engine.connect();
      const end = await this.#work(running, job.connection);
      // StopQueryExecution may have come in between; what it said stands.
      if (this.get(id).state === "RUNNING") this.#end(running, { ...end, completionTime: now() });
    } catch (error) {
      if (this.#closed || this.get(id).state !== "RUNNING") return;
      const failure = queryErrorOf(error, running.query);
      this.#end(
        { ...running, scannedBytes: this.get(id).scannedBytes },
        {
          state: "FAILED",
          reason: failure.message,
          error: failure.athenaError,
          completionTime: now(),
        },
      );
    } finally {
      job.connection?.closeSync();
    }
  }

  async #work(execution: StoredExecution, connection: DuckDBConnection): Promise<Partial<StoredExecution>> {
    const ddl = ddlStatement(execution.query);
    return ddl ? this.#catalogStatement(execution, ddl, connection) : this.#query(execution, connection);
  }

  async #query(execution: StoredExecution, connection: DuckDBConnection): Promise<Partial<StoredExecution>> {
    const { engine, store } = this.#options;
    const sql = withParameters(execution.query, execution.executionParameters);
    const limit = requireWorkGroup(store, execution.workGroup).configuration.BytesScannedCutoffPerQuery;
    const result = await engine
      .select(connection, engine.parse(sql), databaseOf(execution), execution.submissionTime, (bytes) => {
        store.putExecution({ ...execution, scannedBytes: bytes });
        if (limit !== undefined && bytes > limit) throw new BytesLimit(limit);
      })
      .catch((error: unknown) => {
        if (error instanceof BytesLimit) return error;
        throw error;
      });
    if (result instanceof BytesLimit) return { state: "CANCELLED", reason: result.message };
    await this.#writeResult(execution, result.csv, result.columns);
    return {
      state: "SUCCEEDED",
      columns: result.columns,
      rowCount: result.rowCount,
      scannedBytes: result.scannedBytes,
    };
  }

  async #catalogStatement(
    execution: StoredExecution,
    ddl: DdlStatement,
    connection: DuckDBConnection,
  ): Promise<Partial<StoredExecution>> {
    const { engine, catalog, objects } = this.#options;
    const database = databaseOf(execution);
    const nowMs = execution.submissionTime;
    const columnsOf = async (select: string) => {
      const probe = await engine.select(
        connection,
        engine.parse(`SELECT * FROM (${select}) LIMIT 0`),
        database,
        nowMs,
        () => {},
      );
      return probe.columns;
    };
    const { columns, rows } = await ddl.run({ catalog, objects, database, nowMs, columnsOf });
    const text = rows.map((row) => `${row.map((cell) => cell ?? "").join("\t")}\n`).join("");
    await this.#writeResult(execution, Buffer.from(text), columns);
    return { state: "SUCCEEDED", columns, rowCount: rows.length };
  }

  async #writeResult(execution: StoredExecution, body: Uint8Array, columns: api.ColumnInfo[]): Promise<void> {
    const { bucket, key } = parseS3Location(execution.resultConfiguration.OutputLocation!)!;
    await this.#options.objects.put(bucket, key, body);
    await this.#options.objects.put(bucket, `${key}.metadata`, resultMetadata(execution.id, columns));
  }

  /** Pages through the result file; the token is where in it the next page begins. */
  async results(input: api.GetQueryResultsInput): Promise<api.GetQueryResultsOutput> {
    const execution = this.get(input.QueryExecutionId!);
    if (execution.state === "FAILED" || execution.state === "CANCELLED") {
      throw invalid(`Query did not finish successfully. Final query state: ${execution.state}`);
    }
    if (execution.state !== "SUCCEEDED") throw invalid(`Query has not yet finished. Current state: ${execution.state}`);
    const limit = input.MaxResults ?? RESULT_PAGE_ROWS;
    if (limit < 1 || limit > RESULT_PAGE_ROWS) throw invalid(`MaxResults is not between 1 and ${RESULT_PAGE_ROWS}`);
    const { bucket, key } = parseS3Location(execution.resultConfiguration.OutputLocation!)!;
    const file = await readFile(this.#options.objects.localPath(bucket, key), "utf8");
    const offset = input.NextToken === undefined ? 0 : Number(input.NextToken);
    if (!Number.isInteger(offset) || offset < 0 || offset > file.length) throw invalid("NextToken is invalid");
    const { rows, nextOffset } = execution.hasHeader
      ? readCsvLines(file, offset, limit)
      : readTextLines(file, offset, limit);
    return {
      UpdateCount: 0,
      ResultSet: {
        Rows: rows.map((row) => ({ Data: row.map((cell) => (cell === null ? {} : { VarCharValue: cell })) })),
        ResultSetMetadata: { ColumnInfo: execution.columns ?? [] },
      },
      ...(nextOffset < file.length ? { NextToken: String(nextOffset) } : {}),
    };
  }

  /** Interrupts what runs and leaves it unfinished: the next start takes it up again. */
  async close(): Promise<void> {
    this.#closed = true;
    const jobs = [...this.#jobs.values()];
    for (const { connection } of jobs) connection?.interrupt();
    await Promise.all(jobs.map(({ done }) => done));
    await this.#options.engine.close();
  }
}

class BytesLimit extends Error {
  constructor(limit: number) {
    super(`Query cancelled! : Bytes scanned limit was exceeded: ${limit} bytes`);
  }
}

function databaseOf({ context }: StoredExecution): string {
  return (context.Database ?? "default").toLowerCase();
}

function readTextLines(text: string, offset: number, limit: number): { rows: (string | null)[][]; nextOffset: number } {
  const rows: (string | null)[][] = [];
  let at = offset;
  while (at < text.length && rows.length < limit) {
    const end = text.indexOf("\n", at);
    rows.push([text.slice(at, end)]);
    at = end + 1;
  }
  return { rows, nextOffset: at };
}

/** An enforcing workgroup's settings win; otherwise the client's do. */
function resultConfiguration(
  input: api.StartQueryExecutionInput,
  group: api.WorkGroupConfiguration,
  id: string,
  extension: string,
): api.ResultConfiguration {
  const client = input.ResultConfiguration;
  const chosen = group.EnforceWorkGroupConfiguration
    ? group.ResultConfiguration
    : { ...group.ResultConfiguration, ...(client ?? {}) };
  const location = parseS3Location(chosen?.OutputLocation ?? "");
  if (!location) {
    throw invalid(
      "No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.",
    );
  }
  const { bucket, key } = asFolder(location);
  return { ...chosen, OutputLocation: `s3://${bucket}/${key}${id}.${extension}` };
}

function requestHash(input: Partial<api.StartQueryExecutionInput>): string {
  const { QueryString, QueryExecutionContext = {}, ExecutionParameters = [] } = input;
  const same = [QueryString, QueryExecutionContext.Database, QueryExecutionContext.Catalog, ExecutionParameters];
  return createHash("sha256").update(JSON.stringify(same)).digest("hex");
}

function invalid(message: string, athenaErrorCode?: string): ServiceError {
  return Object.assign(
    new ServiceError("InvalidRequestException", message),
    athenaErrorCode ? { AthenaErrorCode: athenaErrorCode } : {},
  );
}
