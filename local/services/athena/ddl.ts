/**
 * The statements that change or show the catalog, in the words of Hive and Athena that people type.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html
 */
import type { ColumnInfo } from "@aws-sdk/client-athena";
import type { Column } from "@aws-sdk/client-glue";
import { ServiceError } from "../../service-error.ts";
import { type Catalog, partitionKeys, type StoredTable } from "../glue/catalog.ts";
import { partitionFolder, partitionOfKey } from "../glue/hive-path.ts";
import { asFolder, type ObjectStore, parseS3Location } from "../glue/object-store.ts";
import { QueryError } from "./query-error.ts";
import { viewInput, viewSql } from "./sql/views.ts";

export interface DdlContext {
  catalog: Catalog;
  objects: ObjectStore;
  database: string;
  nowMs: number;
  /** Binds a view's SELECT, and so checks it. */
  columnsOf(select: string): Promise<ColumnInfo[]>;
}

export interface DdlResult {
  columns: ColumnInfo[];
  rows: (string | null)[][];
}

export interface DdlStatement {
  substatementType: string;
  statementType: "DDL" | "UTILITY";
  run(context: DdlContext): Promise<DdlResult> | DdlResult;
}

const NAME = String.raw`(?:[\x60"]?([\w-]+)[\x60"]?\.)?[\x60"]?([\w-]+)[\x60"]?`;
const PARTITION = String.raw`PARTITION\s*\(([^)]*)\)`;

interface Form {
  pattern: RegExp;
  substatementType: string;
  statementType?: "UTILITY";
  run(match: RegExpExecArray, context: DdlContext): Promise<DdlResult> | DdlResult;
}

const form = (source: string, flags = "is") => new RegExp(`^\\s*${source}\\s*;?\\s*$`.replaceAll(" ", "\\s+"), flags);

const FORMS: Form[] = [
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
  {
    pattern: form(`MSCK REPAIR TABLE ${NAME}`),
    substatementType: "MSCK_REPAIR_TABLE",
    run: ([, owner, name], context) => repair(tableOf(context.catalog, owner ?? context.database, name!), context),
  },
  {
    pattern: form(
      String.raw`ALTER TABLE ${NAME} ADD( IF NOT EXISTS)? (${PARTITION}(?: LOCATION '[^']*')?(?:\s*${PARTITION}(?: LOCATION '[^']*')?)*)`,
    ),
    substatementType: "ALTER_TABLE_ADD_PARTITION",
    run: ([, owner, name, unlessThere, list], context) => {
      const table = tableOf(context.catalog, owner ?? context.database, name!);
      for (const [, spec, location] of list!.matchAll(/PARTITION\s*\(([^)]*)\)(?:\s+LOCATION\s+'([^']*)')?/gis)) {
        addPartition(table, partitionValues(table, spec!), location, Boolean(unlessThere), context);
      }
      return nothing();
    },
  },
  {
    pattern: form(String.raw`ALTER TABLE ${NAME} DROP( IF EXISTS)? (${PARTITION}(?:\s*,?\s*${PARTITION})*)`),
    substatementType: "ALTER_TABLE_DROP_PARTITION",
    run: ([, owner, name, ifThere, list], { catalog, database }) => {
      const table = tableOf(catalog, owner ?? database, name!);
      for (const [, spec] of list!.matchAll(/PARTITION\s*\(([^)]*)\)/gis)) {
        const values = partitionValues(table, spec!);
        if (ifThere && !catalog.findPartition(table, values)) continue;
        execution(() => catalog.deletePartition(table.database, table.name, values));
      }
      return nothing();
    },
  },
  {
    pattern: form(`CREATE( OR REPLACE)? VIEW ${NAME} AS (.*?)`),
    substatementType: "CREATE_VIEW",
    async run([, replace, owner, name, select], { catalog, database, nowMs, columnsOf }) {
      const schema = (owner ?? database).toLowerCase();
      const columns = await columnsOf(select!);
      const types: Record<string, string> = { varchar: "string", integer: "int", varbinary: "binary" };
      const input = viewInput(
        name!.toLowerCase(),
        schema,
        select!,
        columns.map((column) => ({ name: column.Name!, type: types[column.Type!] ?? column.Type! })),
      );
      const old = catalog.findTable(schema, name!);
      if (old && !viewSql(old))
        throw new QueryError("ALREADY_EXISTS", `line 1:1: Table already exists: '${schema}.${name}'`);
      if (old && !replace) throw new QueryError("ALREADY_EXISTS", `line 1:1: View already exists: '${schema}.${name}'`);
      execution(() => (old ? catalog.updateTable(schema, input, nowMs) : catalog.createTable(schema, input, nowMs)));
      return nothing();
    },
  },
  {
    pattern: form(`DROP (TABLE|VIEW)( IF EXISTS)? ${NAME}`),
    substatementType: "DROP_TABLE",
    run: ([, kind, ifThere, owner, name], { catalog, database }) => {
      const schema = owner ?? database;
      const table = catalog.findTable(schema, name!);
      if (!table && ifThere) return nothing();
      const found = tableOf(catalog, schema, name!);
      if ((kind!.toUpperCase() === "VIEW") !== Boolean(viewSql(found))) {
        throw new QueryError(
          "GENERIC_USER_ERROR",
          `'${schema}.${name}' is ${kind!.toUpperCase() === "VIEW" ? "no view" : "a view"}`,
        );
      }
      catalog.deleteTable(schema, name!);
      return nothing();
    },
  },
  {
    pattern: form(
      String.raw`CREATE (?:DATABASE|SCHEMA)( IF NOT EXISTS)? [\x60"]?([\w-]+)[\x60"]?(?: COMMENT '([^']*)')?(?: LOCATION '([^']*)')?`,
    ),
    substatementType: "CREATE_DATABASE",
    run: ([, unlessThere, name, comment, location], { catalog, nowMs }) => {
      if (unlessThere && catalog.findDatabase(name!)) return nothing();
      execution(() =>
        catalog.createDatabase(
          { Name: name!, ...(comment ? { Description: comment } : {}), ...(location ? { LocationUri: location } : {}) },
          nowMs,
        ),
      );
      return nothing();
    },
  },
  {
    pattern: form(
      String.raw`CREATE EXTERNAL TABLE( IF NOT EXISTS)? ${NAME}\s*\((.*?)\)(?: COMMENT '[^']*')?(?: PARTITIONED BY\s*\((.*?)\))?(?: STORED AS (\w+))? LOCATION '([^']*)'(?:\s*TBLPROPERTIES\s*\((.*)\))?`,
    ),
    substatementType: "CREATE_TABLE",
    run: ([, unlessThere, owner, name, columns, keys, format, location, properties], { catalog, database, nowMs }) => {
      const schema = owner ?? database;
      if (unlessThere && catalog.findTable(schema, name!)) return nothing();
      if (format?.toUpperCase() !== "PARQUET") {
        throw new QueryError("NOT_SUPPORTED", "The embedded Athena creates tables STORED AS PARQUET only");
      }
      execution(() =>
        catalog.createTable(
          schema,
          {
            Name: name!,
            TableType: "EXTERNAL_TABLE",
            Parameters: { EXTERNAL: "TRUE", ...tableProperties(properties) },
            PartitionKeys: keys ? columnList(keys) : [],
            StorageDescriptor: { ...PARQUET, Columns: columnList(columns!), Location: location! },
          },
          nowMs,
        ),
      );
      return nothing();
    },
  },
];

const PARQUET = {
  InputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
  OutputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
  SerdeInfo: { SerializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe" },
};

/** @returns Null when the statement is none of these; it is a query then, or nothing that we know. */
export function ddlStatement(sql: string): DdlStatement | null {
  const source = sql.replace(/^(?:\s*(?:--[^\n]*\n|\/\*[\s\S]*?\*\/))*/, "");
  for (const { pattern, substatementType, statementType = "DDL", run } of FORMS) {
    const match = pattern.exec(source);
    if (match) return { substatementType, statementType, run: (context) => run(match, context) };
  }
  return null;
}

function tablesOf(catalog: Catalog, database: string): StoredTable[] {
  if (!catalog.findDatabase(database))
    throw new QueryError("SCHEMA_NOT_FOUND", `Schema '${database.toLowerCase()}' does not exist`);
  return catalog.tables(database);
}

function tableOf(catalog: Catalog, database: string, name: string): StoredTable {
  const found = catalog.findTable(database, name);
  if (!found) {
    throw new QueryError(
      "TABLE_NOT_FOUND",
      `Table 'awsdatacatalog.${database.toLowerCase()}.${name.toLowerCase()}' does not exist`,
    );
  }
  return found;
}

/** Hive's failures reach the user as the catalog words them. */
function execution(act: () => void): void {
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

function allColumns(table: StoredTable): Column[] {
  return [...(table.input.StorageDescriptor?.Columns ?? []), ...partitionKeys(table)];
}

function likeFilter(like: string | undefined): (name: string) => boolean {
  if (like === undefined) return () => true;
  // Hive's own pattern here: "*" for anything and "|" between alternatives, not "%".
  const pattern = new RegExp(`^(?:${like.replace(/[.+?^${}()[\]\\]/g, "\\$&").replaceAll("*", ".*")})$`, "i");
  return (name) => pattern.test(name);
}

function textColumn(name: string): ColumnInfo {
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

function shown(column: string, values: string[]): DdlResult {
  return { columns: [textColumn(column)], rows: values.map((value) => [value]) };
}

function nothing(): DdlResult {
  return { columns: [], rows: [] };
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

function partitionValues(table: StoredTable, spec: string): string[] {
  const given = new Map<string, string>();
  for (const [, name, text, bare] of spec.matchAll(/[`"]?(\w+)[`"]?\s*=\s*(?:'([^']*)'|([^,\s]+))/g)) {
    given.set(name!.toLowerCase(), text ?? bare!);
  }
  return partitionKeys(table).map(({ Name }) => {
    const value = given.get(Name!);
    if (value === undefined)
      throw new QueryError("GENERIC_USER_ERROR", `The partition (${spec.trim()}) says nothing of ${Name}`);
    return value;
  });
}

function addPartition(
  table: StoredTable,
  values: string[],
  location: string | undefined,
  unlessThere: boolean,
  { catalog, nowMs }: DdlContext,
): void {
  if (unlessThere && catalog.findPartition(table, values)) return;
  const keys = partitionKeys(table).map((key) => key.Name!);
  const folder = `${(table.input.StorageDescriptor?.Location ?? "").replace(/\/?$/, "/")}${partitionFolder(keys, values)}`;
  const StorageDescriptor = { ...table.input.StorageDescriptor, Location: location ?? folder };
  execution(() => catalog.createPartition(table.database, table.name, { Values: values, StorageDescriptor }, nowMs));
}

async function repair(table: StoredTable, context: DdlContext): Promise<DdlResult> {
  const location = parseS3Location(table.input.StorageDescriptor?.Location ?? "");
  if (!location) throw new QueryError("HIVE_METASTORE_ERROR", `Table ${table.name} has no s3:// location`);
  const { bucket, key } = asFolder(location);
  const keys = partitionKeys(table).map((column) => column.Name!);
  const found = new Map<string, { values: string[]; folderKey: string }>();
  for await (const object of context.objects.list(bucket, key)) {
    const partition = partitionOfKey(object.key, key, keys);
    if (partition) found.set(partition.folderKey, partition);
  }
  const missing = [...found.values()].filter(({ values }) => !context.catalog.findPartition(table, values));
  const names = missing.map(({ values }) => `${table.name}:${partitionFolder(keys, values)}`);
  for (const { values, folderKey } of missing)
    addPartition(table, values, `s3://${bucket}/${folderKey}`, true, context);
  if (missing.length === 0) return nothing();
  return shown("output", [
    `Partitions not in metastore:\t${names.join("\t")}`,
    ...names.map((name) => `Repair: Added partition to metastore ${name}`),
  ]);
}

function columnList(text: string): Column[] {
  const list: Column[] = [];
  const pattern =
    /\s*[`"]?(\w+)[`"]?\s+((?:[\w]+(?:\s*\([^)]*\))?|\w+\s*<(?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*>))(?:\s+COMMENT\s+'([^']*)')?\s*(?:,|$)/giy;
  while (pattern.lastIndex < text.trimEnd().length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match)
      throw new QueryError("GENERIC_USER_ERROR", `Cannot read a column at "${text.slice(at, at + 40).trim()}"`);
    list.push({
      Name: match[1]!.toLowerCase(),
      Type: match[2]!.toLowerCase(),
      ...(match[3] ? { Comment: match[3] } : {}),
    });
  }
  return list;
}

function tableProperties(text: string | undefined): Record<string, string> {
  return Object.fromEntries(
    [...(text ?? "").matchAll(/'([^']*)'\s*=\s*'([^']*)'/g)].map(([, key, value]) => [key!, value!]),
  );
}
