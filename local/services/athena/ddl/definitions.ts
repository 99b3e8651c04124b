/** Statements that make and remove databases, tables and views. */
import type { Column } from "@aws-sdk/client-glue";
import { QueryError } from "../query-error.ts";
import { viewInput, viewSql } from "../sql/views.ts";
import { asHive, type Form, form, NAME, nothing, tableOf } from "./form.ts";

export const DEFINITION_FORMS: Form[] = [
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
      asHive(() => (old ? catalog.updateTable(schema, input, nowMs) : catalog.createTable(schema, input, nowMs)));
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
      asHive(() =>
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
      asHive(() =>
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
