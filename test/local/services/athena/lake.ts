/** A small lake in a folder of its own: a catalog, objects as plain files, and Athena over both. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type {
  GetQueryExecutionOutput,
  GetQueryResultsOutput,
  QueryExecution,
  StartQueryExecutionInput,
} from "@aws-sdk/client-athena";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDbEngine, type DuckDbEngineOptions } from "../../../../local/services/athena/duckdb-engine.ts";
import { NamedQueries } from "../../../../local/services/athena/named-queries.ts";
import { QueryExecutions } from "../../../../local/services/athena/query-executions.ts";
import { ExecutionRecords } from "../../../../local/services/athena/query-records.ts";
import { athenaService } from "../../../../local/services/athena/service.ts";
import { WorkGroups } from "../../../../local/services/athena/work-groups.ts";
import { Catalog } from "../../../../local/services/glue/catalog.ts";
import { Crawlers } from "../../../../local/services/glue/crawlers.ts";
import { glueService } from "../../../../local/services/glue/service.ts";
import type { TableObjects } from "../../../../local/services/glue/table-objects.ts";
import { Store } from "../../../../local/store.ts";
import type { Operations, RequestContext } from "../../../../local/wire/service.ts";

const NOW_MS = Date.UTC(2026, 0, 20, 12, 0, 0);
const context: RequestContext = { region: "eu-central-1", accountId: "000000000000", now: () => NOW_MS };

export interface Answer {
  execution: QueryExecution;
  /** Cells below the header, NULL as null. */
  rows: (string | null)[][];
  names: string[];
  types: string[];
  csv: string;
}

export class Lake {
  readonly folder = mkdtempSync(join(tmpdir(), "sluice-athena-"));
  readonly store = new Store(":memory:");
  readonly catalog = new Catalog(this.store);
  readonly objects: TableObjects;
  readonly crawlers: Crawlers;
  executions: QueryExecutions;
  readonly #workGroups = new WorkGroups(this.store);
  readonly #operations: Operations;
  #duckdb: DuckDBInstance | null = null;

  constructor(options: Partial<DuckDbEngineOptions> = {}) {
    const pathOf = (bucket: string, key: string) => join(this.folder, "s3", bucket, key);
    mkdirSync(join(this.folder, "s3", "lake"), { recursive: true });
    this.objects = {
      async *list(bucket, prefix) {
        const root = pathOf(bucket, "");
        const keys = readdirSync(root, { recursive: true }).map(String).sort();
        for (const key of keys) {
          const { size, isDirectory } = {
            size: statSync(join(root, key)).size,
            isDirectory: statSync(join(root, key)).isDirectory(),
          };
          if (!isDirectory && key.startsWith(prefix)) yield { key, size };
        }
      },
      localPath: pathOf,
      async put(bucket, key, body) {
        mkdirSync(dirname(pathOf(bucket, key)), { recursive: true });
        writeFileSync(pathOf(bucket, key), body);
      },
    };
    const { catalog, objects, store } = this;
    this.crawlers = new Crawlers({ store, catalog, objects, crawlDurationMs: 1 });
    this.executions = this.#openAthena(options);
    this.#operations = {
      ...glueService({ catalog, crawlers: this.crawlers }).operations,
      ...this.#athenaOperations(),
    };
  }

  /** Athena as a process finds it that starts on what an earlier one left behind. */
  reopenAthena(options: Partial<DuckDbEngineOptions> = {}): void {
    this.executions = this.#openAthena(options);
    Object.assign(this.#operations, this.#athenaOperations());
  }

  #openAthena(options: Partial<DuckDbEngineOptions>): QueryExecutions {
    const { catalog, objects, store } = this;
    const readableDirectories = [join(this.folder, "s3")];
    return new QueryExecutions({
      records: new ExecutionRecords(store),
      engine: new DuckDbEngine({ catalog, objects, readableDirectories, ...options }),
      workGroups: this.#workGroups,
      catalog,
      objects,
      now: () => NOW_MS,
    });
  }

  #athenaOperations(): Operations {
    const namedQueries = new NamedQueries(this.store);
    return athenaService({ executions: this.executions, workGroups: this.#workGroups, namedQueries }).operations;
  }

  // biome-ignore lint/suspicious/noExplicitAny: each test knows the shape of the operation it calls
  async call(operation: string, input: object): Promise<any> {
    return this.#operations[operation]!(input, context);
  }

  async declare(
    name: string,
    columns: Record<string, string>,
    keys: Record<string, string> = { date: "string" },
  ): Promise<void> {
    const list = (types: Record<string, string>) => Object.entries(types).map(([Name, Type]) => ({ Name, Type }));
    if (!this.catalog.findDatabase("db")) await this.call("CreateDatabase", { DatabaseInput: { Name: "db" } });
    await this.call("CreateTable", {
      DatabaseName: "db",
      TableInput: {
        Name: name,
        TableType: "EXTERNAL_TABLE",
        PartitionKeys: list(keys),
        StorageDescriptor: {
          Columns: list(columns),
          Location: `s3://lake/${name}/`,
          InputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
          SerdeInfo: { SerializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe" },
        },
      },
    });
  }

  /** Writes a Parquet file with what DuckDB answers to `select`; registers its folder unless told otherwise. */
  async write(
    table: string,
    date: string,
    select: string,
    { register = true, file = "a-0.parquet" } = {},
  ): Promise<void> {
    const folder = date ? `${table}/date=${date}/` : `${table}/`;
    const path = this.objects.localPath("lake", `${folder}${file}`);
    mkdirSync(dirname(path), { recursive: true });
    this.#duckdb ??= await DuckDBInstance.create(":memory:", { threads: "1" });
    const connection = await this.#duckdb.connect();
    await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet, COMPRESSION snappy)`);
    connection.closeSync();
    if (!register || !date) return;
    await this.call("BatchCreatePartition", {
      DatabaseName: "db",
      TableName: table,
      PartitionInputList: [{ Values: [date], StorageDescriptor: { Location: `s3://lake/${folder}` } }],
    });
  }

  async start(sql: string, extra: Partial<StartQueryExecutionInput> = {}): Promise<string> {
    const { QueryExecutionId } = await this.call("StartQueryExecution", {
      QueryString: sql,
      QueryExecutionContext: { Database: "db" },
      ResultConfiguration: { OutputLocation: "s3://results/athena/" },
      ...extra,
    });
    return QueryExecutionId;
  }

  async ended(id: string): Promise<QueryExecution> {
    for (let attempt = 0; attempt < 2000; attempt++) {
      const { QueryExecution } = (await this.call("GetQueryExecution", {
        QueryExecutionId: id,
      })) as GetQueryExecutionOutput;
      if (!["QUEUED", "RUNNING"].includes(QueryExecution!.Status!.State!)) return QueryExecution!;
      await sleep(5);
    }
    throw new Error("The query did not come to an end.");
  }

  async ask(sql: string, extra: Partial<StartQueryExecutionInput> = {}): Promise<Answer> {
    const execution = await this.ended(await this.start(sql, extra));
    if (execution.Status!.State !== "SUCCEEDED") throw new Error(execution.Status!.StateChangeReason);
    const { ResultSet } = (await this.call("GetQueryResults", {
      QueryExecutionId: execution.QueryExecutionId,
    })) as GetQueryResultsOutput;
    const rows = ResultSet!.Rows!.map(({ Data }) => Data!.map((cell) => cell.VarCharValue ?? null));
    const output = new URL(execution.ResultConfiguration!.OutputLocation!);
    return {
      execution,
      rows: execution.StatementType === "DML" ? rows.slice(1) : rows,
      names: ResultSet!.ResultSetMetadata!.ColumnInfo!.map((column) => column.Name!),
      types: ResultSet!.ResultSetMetadata!.ColumnInfo!.map((column) => column.Type!),
      csv: readFileSync(this.objects.localPath(output.host, output.pathname.slice(1)), "utf8"),
    };
  }

  /** The one value of an expression. */
  async value(expression: string): Promise<string | null> {
    return (await this.ask(`SELECT ${expression}`)).rows[0]![0]!;
  }

  async reason(sql: string): Promise<string> {
    const execution = await this.ended(await this.start(sql));
    if (execution.Status!.State !== "FAILED") throw new Error(`The query ended ${execution.Status!.State}`);
    return execution.Status!.StateChangeReason!;
  }

  async close(): Promise<void> {
    await this.executions.close();
    await this.crawlers.close();
    this.#duckdb?.closeSync();
    rmSync(this.folder, { recursive: true });
  }
}
