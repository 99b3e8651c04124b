/** Statements that show the catalog: SHOW and DESCRIBE. */
import type { Column } from "@aws-sdk/client-glue";
import { type Catalog, partitionKeys, type StoredTable } from "../../glue/catalog.ts";
import { partitionFolder } from "../../glue/hive-path.ts";
import { QueryError } from "../query-error.ts";
import { viewSql } from "../sql/views.ts";
import { type DdlResult, type Form, form, NAME, shown, tableOf, textColumn } from "./form.ts";

export const SHOW_FORMS: Form[] = [
  {
    pattern: form(`SHOW (?:DATABASES|SCHEMAS)(?: LIKE '([^']*)')?`),
    substatementType: "SHOW_DATABASES",
    statementType: "UTILITY",
    run: ([, like], { catalog }) =>
      shown(
        "database_name",
        catalog
          .databases()
          .map(({ name }) => name)
          .filter(likeFilter(like)),
      ),
  },
  {
    pattern: form(String.raw`SHOW TABLES(?: IN [\x60"]?([\w-]+)[\x60"]?)?(?: (?:LIKE )?'([^']*)')?`),
    substatementType: "SHOW_TABLES",
    statementType: "UTILITY",
    run: ([, owner, like], { catalog, database }) =>
      shown(
        "tab_name",
        tablesOf(catalog, owner ?? database)
          .map(({ name }) => name)
          .filter(likeFilter(like)),
      ),
  },
  {
    pattern: form(String.raw`SHOW VIEWS(?: IN [\x60"]?([\w-]+)[\x60"]?)?(?: LIKE '([^']*)')?`),
    substatementType: "SHOW_VIEWS",
    statementType: "UTILITY",
    run: ([, owner, like], { catalog, database }) =>
      shown(
        "views",
        tablesOf(catalog, owner ?? database)
          .filter(viewSql)
          .map(({ name }) => name)
          .filter(likeFilter(like)),
      ),
  },
  {
    pattern: form(`SHOW PARTITIONS ${NAME}`),
    substatementType: "SHOW_PARTITIONS",
    statementType: "UTILITY",
    run: ([, owner, name], { catalog, database }) => {
      const table = tableOf(catalog, owner ?? database, name!);
      const keys = partitionKeys(table).map((key) => key.Name!);
      return shown(
        "partition",
        catalog.partitions(table.database, table.name).map(({ values }) => partitionFolder(keys, values)),
      );
    },
  },
  {
    pattern: form(`SHOW COLUMNS (?:IN|FROM) ${NAME}`),
    substatementType: "SHOW_COLUMNS",
    statementType: "UTILITY",
    run: ([, owner, name], { catalog, database }) => {
      const table = tableOf(catalog, owner ?? database, name!);
      return shown(
        "field",
        allColumns(table).map((column) => column.Name!),
      );
    },
  },
  {
    pattern: form(`SHOW CREATE (?:TABLE|VIEW) ${NAME}`),
    substatementType: "SHOW_CREATE_TABLE",
    statementType: "UTILITY",
    run: ([, owner, name], { catalog, database }) =>
      shown("createtab_stmt", createText(tableOf(catalog, owner ?? database, name!)).split("\n")),
  },
  {
    pattern: form(`DESC(?:RIBE)?(?: EXTENDED| FORMATTED)? ${NAME}`),
    substatementType: "DESCRIBE_TABLE",
    statementType: "UTILITY",
    run: ([, owner, name], { catalog, database }) => described(tableOf(catalog, owner ?? database, name!)),
  },
];

function tablesOf(catalog: Catalog, database: string): StoredTable[] {
  if (!catalog.findDatabase(database))
    throw new QueryError("SCHEMA_NOT_FOUND", `Schema '${database.toLowerCase()}' does not exist`);
  return catalog.tables(database);
}

function allColumns(table: StoredTable): Column[] {
  return [...(table.input.StorageDescriptor?.Columns ?? []), ...partitionKeys(table)];
}

function likeFilter(like: string | undefined): (name: string) => boolean {
  if (like === undefined) return () => true;
  // Hive's own pattern here: "*" for anything and "|" between alternatives, not "%".
  const pattern = new RegExp(`^(?:${like.replace(/[.+?^${}()[\]\\]/g, "\\$&").replaceAll("*", ".*")})$`, "i");
  return (name) => pattern.test(name);
}

function described(table: StoredTable): DdlResult {
  const line = (column: Column) => [
    [column.Name!.padEnd(20), column.Type!.padEnd(20), (column.Comment ?? "").padEnd(20)].join("\t"),
  ];
  const keys = partitionKeys(table);
  const rows = allColumns(table).map(line);
  if (keys.length > 0) {
    rows.push(
      ["\t \t "],
      ["# Partition Information\t \t "],
      ["# col_name            \tdata_type           \tcomment             "],
    );
    rows.push(["\t \t "], ...keys.map(line));
  }
  return { columns: [textColumn("col_name"), textColumn("data_type"), textColumn("comment")], rows };
}

function createText(table: StoredTable): string {
  const view = viewSql(table);
  if (view) return `CREATE VIEW ${table.database}.${table.name} AS\n${view.sql}`;
  const column = ({ Name, Type, Comment }: Column) =>
    `  \`${Name}\` ${Type}${Comment ? ` COMMENT '${Comment.replaceAll("'", "\\'")}'` : ""}`;
  const descriptor = table.input.StorageDescriptor;
  const keys = partitionKeys(table);
  return [
    `CREATE EXTERNAL TABLE \`${table.database}.${table.name}\`(`,
    `${(descriptor?.Columns ?? []).map(column).join(", \n")})`,
    ...(keys.length > 0 ? ["PARTITIONED BY ( ", `${keys.map(column).join(", \n")})`] : []),
    "ROW FORMAT SERDE ",
    `  '${descriptor?.SerdeInfo?.SerializationLibrary}' `,
    "STORED AS INPUTFORMAT ",
    `  '${descriptor?.InputFormat}' `,
    "OUTPUTFORMAT ",
    `  '${descriptor?.OutputFormat}'`,
    "LOCATION",
    `  '${descriptor?.Location}'`,
    "TBLPROPERTIES (",
    `${Object.entries(table.input.Parameters ?? {})
      .map(([key, value]) => `  '${key}'='${value}'`)
      .join(", \n")})`,
  ].join("\n");
}
