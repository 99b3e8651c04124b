/**
 * Query executions: each is QUEUED, RUNNING, then SUCCEEDED, FAILED or CANCELLED. Its result lies in S3.
 */
import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type * as api from "@aws-sdk/client-athena";
import type { DuckDBConnection } from "@duckdb/node-api";
import { ServiceError } from "../../service-error.ts";
import type { Catalog } from "../glue/catalog.ts";
import { parseS3Location } from "../glue/s3-location.ts";
import type { TableObjects } from "../glue/table-objects.ts";
import { type DdlStatement, ddlStatement } from "./ddl/statements.ts";
import type { DuckDbEngine } from "./duckdb-engine.ts";
import { MalformedQuery, QueryError, queryErrorOf } from "./query-error.ts";
import type { ExecutionRecord, ExecutionRecords } from "./query-records.ts";
import { resultMetadata } from "./results/metadata-file.ts";
import { resultConfiguration } from "./results/output-location.ts";
import { withParameters } from "./sql/parameters.ts";
import { parseStatement } from "./sql/translate.ts";
import type { WorkGroups } from "./work-groups.ts";

interface QueryExecutionsOptions {
  records: ExecutionRecords;
  engine: DuckDbEngine;
  workGroups: WorkGroups;
  catalog: Catalog;
  objects: TableObjects;
  /** More wait as QUEUED; default four. */
  maxConcurrent?: number;
  /** The time for what runs outside a request. */
  now: () => number;
}

const INTERRUPT_EVERY_MS = 20;
const SELECT = /^(?:\s|\(|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(select|with|values)\b/i;

interface Job {
  connection: DuckDBConnection | null;
  done: Promise<void>;
}

export class QueryExecutions {
  readonly #options: QueryExecutionsOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #queue: string[] = [];
  readonly #maxConcurrent: number;
  #closed = false;

  constructor(options: QueryExecutionsOptions) {
    this.#options = options;
    this.#maxConcurrent = options.maxConcurrent ?? 4;
    for (const left of options.records.unfinished()) {
      options.records.put({ ...left, state: "QUEUED" });
      this.#queue.push(left.id);
    }
    setImmediate(() => this.#next());
  }

  /** @throws {ServiceError} `InvalidRequestException` for a text that is not a statement, as AWS does before an execution exists. */
  start(input: api.StartQueryExecutionInput, nowMs: number): string {
    const { records, workGroups } = this.#options;
    const group = workGroups.get(input.WorkGroup);
    if (group.state === "DISABLED") throw invalid(`WorkGroup ${group.name} is disabled.`);
    const request = requestHash(input);
    const token = input.ClientRequestToken ? `${group.name}/${input.ClientRequestToken}` : undefined;
    const earlier = token ? records.findByToken(token) : undefined;
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
    const execution: ExecutionRecord = {
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
    records.put(execution, token);
    this.#queue.push(id);
    setImmediate(() => this.#next());
    return id;
  }

  #classify(
    input: api.StartQueryExecutionInput,
  ): Pick<ExecutionRecord, "statementType" | "substatementType" | "hasHeader"> {
    const sql = input.QueryString ?? "";
    if (!sql.trim()) throw invalid("Query string cannot be empty");
    const ddl = ddlStatement(sql);
    if (ddl) return { statementType: ddl.statementType, substatementType: ddl.substatementType, hasHeader: false };
    if (!SELECT.test(sql)) throw invalid("Queries of this type are not supported", "MALFORMED_QUERY");
    try {
      parseStatement(withParameters(sql, input.ExecutionParameters ?? []));
    } catch (error) {
      if (error instanceof MalformedQuery) throw invalid(error.message, "MALFORMED_QUERY");
      // An unknown function fails the execution, not the request.
      if (!(error instanceof QueryError)) throw error;
    }
    return { statementType: "DML", substatementType: "SELECT", hasHeader: true };
  }

  find(id: string): ExecutionRecord | undefined {
    return this.#options.records.find(id);
  }

  /** @throws {ServiceError} `InvalidRequestException`. */
  get(id: string): ExecutionRecord {
    const found = this.find(id);
    if (!found) throw invalid(`QueryExecution ${id} was not found`);
    return found;
  }

  /** Newest first. */
  idsIn(workGroup: string | undefined): string[] {
    return this.#options.records.idsIn(this.#options.workGroups.get(workGroup).name);
  }

  /** A query that has ended stays as it is. */
  stop(id: string, nowMs: number): void {
    const execution = this.get(id);
    if (execution.state !== "QUEUED" && execution.state !== "RUNNING") return;
    this.#end(execution, { state: "CANCELLED", reason: "Query cancelled by user", completionTime: nowMs });
    this.#jobs.get(id)?.connection?.interrupt();
  }

  #end(execution: ExecutionRecord, end: Partial<ExecutionRecord>): void {
    this.#options.records.put({ ...execution, ...end });
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
    const { records, now, engine } = this.#options;
    const queued = this.get(id);
    if (queued.state !== "QUEUED") return;
    const running: ExecutionRecord = { ...queued, state: "RUNNING", startTime: now() };
    records.put(running);
    try {
      job.connection = await engine.connect();
      if (this.#closed) return;
      const end = await this.#work(running, job.connection);
      // StopQueryExecution may have come in between; then the query stays CANCELLED.
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

  async #work(execution: ExecutionRecord, connection: DuckDBConnection): Promise<Partial<ExecutionRecord>> {
    const ddl = ddlStatement(execution.query);
    return ddl ? this.#catalogStatement(execution, ddl, connection) : this.#query(execution, connection);
  }

  async #query(execution: ExecutionRecord, connection: DuckDBConnection): Promise<Partial<ExecutionRecord>> {
    const { engine, records, workGroups } = this.#options;
    const sql = withParameters(execution.query, execution.executionParameters);
    const limit = workGroups.get(execution.workGroup).configuration.BytesScannedCutoffPerQuery;
    const result = await engine
      .select(connection, parseStatement(sql), databaseOf(execution), execution.submissionTime, (bytes) => {
        records.put({ ...execution, scannedBytes: bytes });
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
    execution: ExecutionRecord,
    ddl: DdlStatement,
    connection: DuckDBConnection,
  ): Promise<Partial<ExecutionRecord>> {
    const { engine, catalog, objects } = this.#options;
    const database = databaseOf(execution);
    const nowMs = execution.submissionTime;
    const columnsOf = async (select: string) => {
      const probe = await engine.select(
        connection,
        parseStatement(`SELECT * FROM (${select}) LIMIT 0`),
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

  async #writeResult(execution: ExecutionRecord, body: Uint8Array, columns: api.ColumnInfo[]): Promise<void> {
    const { bucket, key } = parseS3Location(execution.resultConfiguration.OutputLocation!)!;
    await this.#options.objects.put(bucket, key, body);
    await this.#options.objects.put(bucket, `${key}.metadata`, resultMetadata(execution.id, columns));
  }

  /** The text of a result file. */
  async resultFile({ resultConfiguration }: ExecutionRecord): Promise<string> {
    const { bucket, key } = parseS3Location(resultConfiguration.OutputLocation!)!;
    return readFile(this.#options.objects.localPath(bucket, key), "utf8");
  }

  /** Interrupts what runs and leaves it unfinished: the next start takes it up again. */
  async close(): Promise<void> {
    this.#closed = true;
    const interrupt = () => {
      for (const { connection } of this.#jobs.values()) connection?.interrupt();
    };
    interrupt();
    // A query that is between two statements does not notice; so the next one is interrupted, too.
    const again = setInterval(interrupt, INTERRUPT_EVERY_MS);
    await Promise.all([...this.#jobs.values()].map(({ done }) => done));
    clearInterval(again);
    await this.#options.engine.close();
  }
}

class BytesLimit extends Error {
  constructor(limit: number) {
    super(`Query cancelled! : Bytes scanned limit was exceeded: ${limit} bytes`);
  }
}

function databaseOf({ context }: ExecutionRecord): string {
  return (context.Database ?? "default").toLowerCase();
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
