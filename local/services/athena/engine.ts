/**
 * DuckDB as the engine of Athena: one instance in memory, fenced into the lake's folders, a connection for each query.
 *
 * DuckDB's threads do the work, so a long query leaves the event loop free; `interrupt` ends it.
 */

import { resolve } from "node:path";
import type { ColumnInfo } from "@aws-sdk/client-athena";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { Catalog } from "../glue/catalog.ts";
import type { ObjectStore } from "../glue/object-store.ts";
import { QueryError } from "./query-error.ts";
import { columnInfo, csvLine, resultText } from "./result-text.ts";
import { MACROS } from "./sql/macros.ts";
import { type Node, quoted, quotedName } from "./sql/sql-tree.ts";
import { partitionsSql, type SourceFile, scannedBytes, tableSource } from "./sql/table-source.ts";
import { parseStatement, type Statement, type TableMention, translate } from "./sql/translate.ts";
import { viewSql } from "./sql/views.ts";

export interface EngineOptions {
  catalog: Catalog;
  objects: ObjectStore;
  /** Folders that queries may read; everything else on the machine is out of reach. */
  readableDirectories: readonly string[];
  /** Where DuckDB may spill what does not fit into memory. */
  spillDirectory?: string;
  threads?: number;
  memoryLimit?: string;
}

export interface QueryResult {
  columns: ColumnInfo[];
  csv: Uint8Array;
  rowCount: number;
  scannedBytes: number;
}

const CATALOGS = new Set(["awsdatacatalog", "awsglue", "hive"]);

export class Engine {
  readonly #options: EngineOptions;
  #instance: Promise<DuckDBInstance> | null = null;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** A connection of a query's own; temporary views on it are seen by no other. */
  async connect(): Promise<DuckDBConnection> {
    this.#instance ??= this.#open();
    return (await this.#instance).connect();
  }

  async #open(): Promise<DuckDBInstance> {
    const { readableDirectories, spillDirectory, threads = 2, memoryLimit = "1GB" } = this.#options;
    const instance = await DuckDBInstance.create(":memory:", {
      threads: String(threads),
      memory_limit: memoryLimit,
      // Without one DuckDB would take a folder of its own making below the working directory.
      temp_directory: spillDirectory ? resolve(spillDirectory) : "",
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
      allow_community_extensions: "false",
    });
    const connection = await instance.connect();
    for (const macro of MACROS) await connection.run(macro);
    // Without it a timestamp in UTC would be shown in the time of the machine.
    await connection.run("SET GLOBAL TimeZone = 'UTC'");
    await connection.run("SET GLOBAL integer_division = false");
    const allowed = [...readableDirectories, ...(spillDirectory ? [spillDirectory] : [])].map((path) =>
      quoted(resolve(path)),
    );
    await connection.run(`SET GLOBAL allowed_directories = [${allowed.join(", ")}]`);
    await connection.run("SET GLOBAL enable_external_access = false");
    await connection.run("SET GLOBAL lock_configuration = true");
    connection.closeSync();
    return instance;
  }

  /** @throws {MalformedQuery | QueryError} */
  parse(sql: string): Statement {
    return parseStatement(sql);
  }

  /**
   * Runs one SELECT.
   *
   * @param database - What a table name without one belongs to.
   * @param onBytes - Told what will be read, before it is.
   */
  async select(
    connection: DuckDBConnection,
    statement: Statement,
    database: string,
    nowMs: number,
    onBytes: (bytes: number) => void,
  ): Promise<QueryResult> {
    const files: SourceFile[] = [];
    const { sql, columns } = await this.prepare(connection, statement, database, nowMs, files, 0);
    const bytes = await scannedBytes(connection, uniqueFiles(files), columns);
    onBytes(bytes);
    const result = await connection.stream(sql);
    const names = result.columnNames().map((name, index) => unnamed(name, index, result.columnCount, statement));
    const types = result.columnTypes();
    const infos = names.map((name, index) => columnInfo(name, types[index]!));
    const encoder = new TextEncoder();
    const parts: Uint8Array[] = [encoder.encode(csvLine(names))];
    let rowCount = 0;
    for (;;) {
      const chunk = await result.fetchChunk();
      if (!chunk || chunk.rowCount === 0) break;
      const lines = chunk.getRows().map((row) => csvLine(row.map((value, index) => resultText(value, types[index]!))));
      parts.push(encoder.encode(lines.join("")));
      rowCount += chunk.rowCount;
    }
    return { columns: infos, csv: Buffer.concat(parts), rowCount, scannedBytes: bytes };
  }

  /** Translates a statement and brings up the views that stand for its tables. */
  async prepare(
    connection: DuckDBConnection,
    statement: Statement,
    database: string,
    nowMs: number,
    files: SourceFile[],
    depth: number,
  ): Promise<{ sql: string; columns: ReadonlySet<string> | null }> {
    if (depth > 10) throw new QueryError("VIEW_IS_RECURSIVE", "Views lie more than ten deep");
    let wholeFiles = false;
    const relation = async (mention: TableMention): Promise<string> => {
      if (mention.catalog && !CATALOGS.has(mention.catalog)) {
        throw new QueryError("CATALOG_NOT_FOUND", `${mention.place}: Catalog '${mention.catalog}' does not exist`);
      }
      const owner = mention.database ?? database;
      const name = `trn_relation_${views.count++}`;
      if (owner === "information_schema") {
        await connection.run(`CREATE TEMP VIEW ${name} AS ${informationSchema(this.#options.catalog, mention)}`);
        return name;
      }
      if (!this.#options.catalog.findDatabase(owner)) {
        throw new QueryError("SCHEMA_NOT_FOUND", `${mention.place}: Schema '${owner}' does not exist`);
      }
      const partitionsOf = /^(.+)\$partitions$/.exec(mention.name)?.[1];
      const table = this.#options.catalog.findTable(owner, partitionsOf ?? mention.name);
      if (!table) {
        throw new QueryError(
          "TABLE_NOT_FOUND",
          `${mention.place}: Table 'awsdatacatalog.${owner}.${mention.name}' does not exist`,
        );
      }
      if (partitionsOf) {
        await connection.run(`CREATE TEMP VIEW ${name} AS ${partitionsSql(this.#options.catalog, table)}`);
        return name;
      }
      const view = viewSql(table);
      if (view) {
        const inner = await this.prepare(
          connection,
          this.parse(view.sql),
          view.database ?? owner,
          nowMs,
          files,
          depth + 1,
        );
        if (inner.columns === null) wholeFiles = true;
        else for (const column of inner.columns) viewColumns.add(column);
        await connection.run(`CREATE TEMP VIEW ${name} AS ${inner.sql}`);
        return name;
      }
      const source = await tableSource({
        connection,
        catalog: this.#options.catalog,
        objects: this.#options.objects,
        table,
        mention,
      });
      files.push(...source.files);
      await connection.run(`CREATE TEMP VIEW ${name} AS ${source.sql}`);
      return name;
    };
    const views = viewCounter(connection);
    const viewColumns = new Set<string>();
    const translation = await translate(statement, { nowMs, relation });
    const columns =
      translation.columns === null || wholeFiles ? null : new Set([...translation.columns, ...viewColumns]);
    return { sql: translation.sql, columns };
  }

  async close(): Promise<void> {
    if (this.#instance) (await this.#instance).closeSync();
    this.#instance = null;
  }
}

const counters = new WeakMap<DuckDBConnection, { count: number }>();

/** Views of one connection are numbered through, nested ones included. */
function viewCounter(connection: DuckDBConnection): { count: number } {
  const counter = counters.get(connection) ?? { count: 0 };
  counters.set(connection, counter);
  return counter;
}

function uniqueFiles(files: readonly SourceFile[]): SourceFile[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

/** Athena calls a column without a name `_col0`, by its place. DuckDB shows its expression instead. */
function unnamed(name: string, index: number, columnCount: number, { tree }: Statement): string {
  let select = tree;
  for (;;) {
    const next = select.union?.left ?? select.except?.left ?? select.intersect?.left ?? select.subquery?.this;
    if (!next) break;
    select = next;
  }
  const expressions: Node[] = select.select?.expressions ?? [];
  // A star stands for as many columns as the others leave over; with two of them the places are lost.
  const star = expressions.findIndex((item) => item.star);
  const starWidth = star < 0 ? 0 : columnCount - (expressions.length - 1);
  if (star >= 0 && (index >= star || expressions.slice(star + 1).some((item) => item.star))) {
    if (index < star + starWidth || expressions.slice(star + 1).some((item) => item.star)) return name.toLowerCase();
  }
  const item = expressions[star >= 0 && index > star ? index - starWidth + 1 : index];
  return !item || item.alias || item.column || item.dot ? name.toLowerCase() : `_col${index}`;
}

function informationSchema(catalog: Catalog, { name, place }: TableMention): string {
  const rows: string[][] = [];
  const columns: Record<string, string[]> = {
    schemata: ["catalog_name", "schema_name"],
    tables: ["table_catalog", "table_schema", "table_name", "table_type"],
    columns: ["table_catalog", "table_schema", "table_name", "column_name", "data_type", "comment", "extra_info"],
  };
  const names = columns[name];
  if (!names)
    throw new QueryError(
      "TABLE_NOT_FOUND",
      `${place}: Table 'awsdatacatalog.information_schema.${name}' does not exist`,
    );
  for (const { name: database } of catalog.databases()) {
    if (name === "schemata") rows.push(["awsdatacatalog", database]);
    else {
      for (const table of catalog.tables(database)) {
        const head = ["awsdatacatalog", database, table.name];
        if (name === "tables") rows.push([...head, table.input.TableType === "VIRTUAL_VIEW" ? "VIEW" : "BASE TABLE"]);
        else {
          for (const column of table.input.StorageDescriptor?.Columns ?? []) {
            rows.push([...head, column.Name!, athenaTypeName(column.Type!), column.Comment ?? "", ""]);
          }
          for (const key of table.input.PartitionKeys ?? []) {
            rows.push([...head, key.Name!, athenaTypeName(key.Type!), key.Comment ?? "", "partition key"]);
          }
        }
      }
    }
  }
  const typed = names.map((column) => `CAST(${quotedName(column)} AS VARCHAR) AS ${quotedName(column)}`).join(", ");
  const values = [names.map(() => "NULL"), ...rows.map((row) => row.map(quoted))].map((row) => `(${row.join(", ")})`);
  return `SELECT ${typed} FROM (VALUES ${values.join(", ")}) AS v(${names.map(quotedName).join(", ")}) WHERE ${quotedName(names[0]!)} IS NOT NULL`;
}

function athenaTypeName(hive: string): string {
  return (
    { string: "varchar", int: "integer", float: "real", binary: "varbinary", timestamp: "timestamp(3)" }[hive] ?? hive
  );
}
