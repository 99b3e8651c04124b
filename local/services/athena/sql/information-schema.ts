/** `information_schema`, as a SELECT over what the catalog holds at this moment. */
import type { Catalog, StoredTable } from "../../glue/catalog.ts";
import { QueryError } from "../query-error.ts";
import { quoted, quotedName } from "./sql-tree.ts";
import type { TableMention } from "./translate.ts";

const COLUMNS: Record<string, string[]> = {
  schemata: ["catalog_name", "schema_name"],
  tables: ["table_catalog", "table_schema", "table_name", "table_type"],
  columns: ["table_catalog", "table_schema", "table_name", "column_name", "data_type", "comment", "extra_info"],
};

/** @throws {QueryError} TABLE_NOT_FOUND for a table that it lacks here. */
export function informationSchemaSql(catalog: Catalog, { name, place }: TableMention): string {
  const names = COLUMNS[name];
  if (!names)
    throw new QueryError(
      "TABLE_NOT_FOUND",
      `${place}: Table 'awsdatacatalog.information_schema.${name}' does not exist`,
    );
  const rows = catalog.databases().flatMap(({ name: database }) => {
    if (name === "schemata") return [["awsdatacatalog", database]];
    return catalog.tables(database).flatMap((table) => (name === "tables" ? [tableRow(table)] : columnRows(table)));
  });
  const typed = names.map((column) => `CAST(${quotedName(column)} AS VARCHAR) AS ${quotedName(column)}`).join(", ");
  const values = [names.map(() => "NULL"), ...rows.map((row) => row.map(quoted))].map((row) => `(${row.join(", ")})`);
  return `SELECT ${typed} FROM (VALUES ${values.join(", ")}) AS v(${names.map(quotedName).join(", ")}) WHERE ${quotedName(names[0]!)} IS NOT NULL`;
}

function tableRow({ database, name, input }: StoredTable): string[] {
  return ["awsdatacatalog", database, name, input.TableType === "VIRTUAL_VIEW" ? "VIEW" : "BASE TABLE"];
}

function columnRows({ database, name, input }: StoredTable): string[][] {
  const head = ["awsdatacatalog", database, name];
  return [
    ...(input.StorageDescriptor?.Columns ?? []).map((column) => [
      ...head,
      column.Name!,
      athenaTypeName(column.Type!),
      column.Comment ?? "",
      "",
    ]),
    ...(input.PartitionKeys ?? []).map((key) => [
      ...head,
      key.Name!,
      athenaTypeName(key.Type!),
      key.Comment ?? "",
      "partition key",
    ]),
  ];
}

function athenaTypeName(hive: string): string {
  return (
    { string: "varchar", int: "integer", float: "real", binary: "varbinary", timestamp: "timestamp(3)" }[hive] ?? hive
  );
}
