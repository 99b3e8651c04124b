/** A small lake in a folder of its own: a catalog, objects as plain files, and Athena over both. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import type {
  GetQueryExecutionOutput,
  GetQueryResultsOutput,
  QueryExecution,
  StartQueryExecutionInput,
} from "@aws-sdk/client-athena";
import { DuckDBInstance } from "@duckdb/node-api";
import { type Athena, type AthenaOptions, athenaService } from "../../../../local/services/athena/service.ts";
import type { ObjectStore } from "../../../../local/services/glue/object-store.ts";
import { type Glue, glueService } from "../../../../local/services/glue/service.ts";
import type { RequestContext } from "../../../../local/wire/service.ts";

export const NOW_MS = Date.UTC(2026, 0, 20, 12, 0, 0);
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
  readonly database = new DatabaseSync(":memory:");
  readonly objects: ObjectStore;
  glue: Glue;
  athena: Athena;
  #duckdb: DuckDBInstance | null = null;

  constructor(options: Partial<AthenaOptions> = {}) {
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
    this.glue = glueService({ database: this.database, objects: this.objects, crawlDurationMs: 1 });
    this.athena = this.openAthena(options);
  }

  openAthena(options: Partial<AthenaOptions> = {}): Athena {
    return athenaService({
      database: this.database,
      objects: this.objects,
      catalog: this.glue.catalog,
      readableDirectories: [join(this.folder, "s3")],
      now: () => NOW_MS,
      ...options,
    });
  }

  // biome-ignore lint/suspicious/noExplicitAny: each test knows the shape of the operation it calls
  async call(operation: string, input: object): Promise<any> {
    const service = operation in this.athena.service.operations ? this.athena.service : this.glue.service;
    return service.operations[operation]!(input, context);
  }

  async declare(
    name: string,
    columns: Record<string, string>,
    keys: Record<string, string> = { date: "string" },
  ): Promise<void> {
    const list = (types: Record<string, string>) => Object.entries(types).map(([Name, Type]) => ({ Name, Type }));
    if (!this.glue.catalog.findDatabase("db")) await this.call("CreateDatabase", { DatabaseInput: { Name: "db" } });
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
    await this.athena.close();
    await this.glue.close();
    this.#duckdb?.closeSync();
    rmSync(this.folder, { recursive: true });
  }
}
