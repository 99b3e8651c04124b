/** The form of a statement, and what all forms share: names, results, and tables that are not there. */
import type { ColumnInfo } from "@aws-sdk/client-athena";
import { ServiceError } from "../../../service-error.ts";
import type { Catalog, StoredTable } from "../../glue/catalog.ts";
import type { TableObjects } from "../../glue/table-objects.ts";
import { QueryError } from "../query-error.ts";

export interface DdlContext {
  catalog: Catalog;
  objects: TableObjects;
  database: string;
  nowMs: number;
  /** The columns of a view's SELECT, which this checks as well. */
  columnsOf(select: string): Promise<ColumnInfo[]>;
}

export interface DdlResult {
  columns: ColumnInfo[];
  rows: (string | null)[][];
}

/** A name with or without its database, as two groups. */
export const NAME = String.raw`(?:[\x60"]?([\w-]+)[\x60"]?\.)?[\x60"]?([\w-]+)[\x60"]?`;

/** One statement that is understood here: how it is written, and what it does. */
export interface Form {
  pattern: RegExp;
  substatementType: string;
  statementType?: "UTILITY";
  run(match: RegExpExecArray, context: DdlContext): Promise<DdlResult> | DdlResult;
}

/** A pattern for a whole statement; each space in it stands for any white space. */
export const form = (source: string) => new RegExp(`^\\s*${source}\\s*;?\\s*$`.replaceAll(" ", "\\s+"), "is");

/** @throws {QueryError} TABLE_NOT_FOUND. */
export function tableOf(catalog: Catalog, database: string, name: string): StoredTable {
  const found = catalog.findTable(database, name);
  if (!found) {
    throw new QueryError(
      "TABLE_NOT_FOUND",
      `Table 'awsdatacatalog.${database.toLowerCase()}.${name.toLowerCase()}' does not exist`,
    );
  }
  return found;
}

/** Changes the catalog. Its refusal reaches the user as a failure of Hive, in the catalog's words. */
export function asHive(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw new QueryError(
      "FAILED",
      `Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. ${error.code}: ${error.message}`,
    );
  }
}

export function textColumn(name: string): ColumnInfo {
  return {
    CatalogName: "hive",
    SchemaName: "",
    TableName: "",
    Name: name,
    Label: name,
    Type: "string",
    Precision: 0,
    Scale: 0,
    Nullable: "UNKNOWN",
    CaseSensitive: false,
  };
}

export function shown(column: string, values: string[]): DdlResult {
  return { columns: [textColumn(column)], rows: values.map((value) => [value]) };
}

export function nothing(): DdlResult {
  return { columns: [], rows: [] };
}
