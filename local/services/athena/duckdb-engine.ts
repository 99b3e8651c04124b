/**
 * DuckDB as the engine of Athena: one instance in memory, fenced into the lake's folders, a connection for each query.
 *
 * DuckDB's threads do the work, so a long query leaves the event loop free; `interrupt` ends it.
 */

import { resolve } from "node:path";
import type { ColumnInfo } from "@aws-sdk/client-athena";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { Catalog } from "../glue/catalog.ts";
import type { TableObjects } from "../glue/table-objects.ts";
import { Relations } from "./relations.ts";
import { columnInfo } from "./results/column-info.ts";
import { resultColumnNames } from "./results/column-names.ts";
import { csvLine } from "./results/result-file.ts";
import { resultText } from "./results/value-text.ts";
import { MACROS } from "./sql/macros.ts";
import { quoted } from "./sql/sql-tree.ts";
import { scannedBytes } from "./sql/table-source.ts";
import type { Statement } from "./sql/translate.ts";

export interface DuckDbEngineOptions {
  catalog: Catalog;
  objects: TableObjects;
  /** Folders that queries may read; everything else on the machine is out of reach. */
  readableDirectories: readonly string[];
  /** Where DuckDB may spill what does not fit into memory. */
  spillDirectory?: string;
  threads?: number;
  memoryLimit?: string;
}

interface QueryResult {
  columns: ColumnInfo[];
  csv: Uint8Array;
  rowCount: number;
  scannedBytes: number;
}

export class DuckDbEngine {
  readonly #options: DuckDbEngineOptions;
  #instance: Promise<DuckDBInstance> | null = null;

  constructor(options: DuckDbEngineOptions) {
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

  /**
   * Runs one SELECT.
   *
   * @param database - The database of a table that is named without one.
   * @param onBytes - Told how many bytes will be read, before they are.
   */
  async select(
    connection: DuckDBConnection,
    statement: Statement,
    database: string,
    nowMs: number,
    onBytes: (bytes: number) => void,
  ): Promise<QueryResult> {
    const { catalog, objects } = this.#options;
    const relations = new Relations({ connection, catalog, objects, nowMs });
    const { sql, columns } = await relations.translate(statement, database);
    const bytes = await scannedBytes(connection, relations.files, columns);
    onBytes(bytes);
    const result = await connection.stream(sql);
    const names = resultColumnNames(result.columnNames(), statement);
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

  async close(): Promise<void> {
    if (this.#instance) (await this.#instance).closeSync();
    this.#instance = null;
  }
}
