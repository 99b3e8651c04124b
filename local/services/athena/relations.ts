/** Temporary views on a query's connection: each stands for one table that the query mentions. */
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Catalog } from "../glue/catalog.ts";
import type { TableObjects } from "../glue/table-objects.ts";
import { QueryError } from "./query-error.ts";
import { informationSchemaSql } from "./sql/information-schema.ts";
import { partitionsSql, type SourceFile, tableSource } from "./sql/table-source.ts";
import { parseStatement, type Statement, type TableMention, type Translation, translate } from "./sql/translate.ts";
import { viewSql } from "./sql/views.ts";

interface RelationsOptions {
  connection: DuckDBConnection;
  catalog: Catalog;
  objects: TableObjects;
  /** The time that current_timestamp gives. */
  nowMs: number;
}

/** The columns that a statement reads from its files; null for all of them. */
type Columns = ReadonlySet<string> | null;

const CATALOGS = new Set(["awsdatacatalog", "awsglue", "hive"]);
const DEEPEST_VIEW = 10;

export class Relations {
  readonly #options: RelationsOptions;
  readonly #files = new Map<string, SourceFile>();

  constructor(options: RelationsOptions) {
    this.#options = options;
  }

  /** The files behind all tables so far, each once. */
  get files(): SourceFile[] {
    return [...this.#files.values()];
  }

  /**
   * Translates a statement, and makes a view for each table in it.
   *
   * @param database - The database of a table that is named without one.
   * @param depth - The number of views of the catalog around the statement.
   * @throws {QueryError}
   */
  async translate(statement: Statement, database: string, depth = 0): Promise<Translation> {
    if (depth > DEEPEST_VIEW) throw new QueryError("VIEW_IS_RECURSIVE", "Views lie more than ten deep");
    const nested: Columns[] = [];
    const translation = await translate(statement, {
      nowMs: this.#options.nowMs,
      relation: async (mention) => {
        const name = `trn_relation_${nextNumber(this.#options.connection)}`;
        const { sql, columns } = await this.#sqlOf(mention, database, depth);
        if (columns !== undefined) nested.push(columns);
        await this.#options.connection.run(`CREATE TEMP VIEW ${name} AS ${sql}`);
        return name;
      },
    });
    return { sql: translation.sql, columns: union([translation.columns, ...nested]) };
  }

  /** @returns The columns as well, where the table is a view of the catalog: they are read from other tables' files. */
  async #sqlOf(mention: TableMention, database: string, depth: number): Promise<{ sql: string; columns?: Columns }> {
    const { connection, catalog, objects } = this.#options;
    if (mention.catalog && !CATALOGS.has(mention.catalog)) {
      throw new QueryError("CATALOG_NOT_FOUND", `${mention.place}: Catalog '${mention.catalog}' does not exist`);
    }
    const owner = mention.database ?? database;
    if (owner === "information_schema") return { sql: informationSchemaSql(catalog, mention) };
    if (!catalog.findDatabase(owner)) {
      throw new QueryError("SCHEMA_NOT_FOUND", `${mention.place}: Schema '${owner}' does not exist`);
    }
    const partitionsOf = /^(.+)\$partitions$/.exec(mention.name)?.[1];
    const table = catalog.findTable(owner, partitionsOf ?? mention.name);
    if (!table) {
      throw new QueryError(
        "TABLE_NOT_FOUND",
        `${mention.place}: Table 'awsdatacatalog.${owner}.${mention.name}' does not exist`,
      );
    }
    if (partitionsOf) return { sql: partitionsSql(catalog, table) };
    const view = viewSql(table);
    if (view) return this.translate(parseStatement(view.sql), view.database ?? owner, depth + 1);
    const source = await tableSource({ connection, catalog, objects, table, mention });
    for (const file of source.files) this.#files.set(file.path, file);
    return { sql: source.sql };
  }
}

function union(parts: readonly Columns[]): Columns {
  const all = new Set<string>();
  for (const columns of parts) {
    if (columns === null) return null;
    for (const column of columns) all.add(column);
  }
  return all;
}

/** Views of one connection are numbered through, those of views in views included. */
const numbers = new WeakMap<DuckDBConnection, number>();

function nextNumber(connection: DuckDBConnection): number {
  const number = numbers.get(connection) ?? 0;
  numbers.set(connection, number + 1);
  return number;
}
