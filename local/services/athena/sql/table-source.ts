/**
 * A Glue table as a DuckDB relation: the Parquet files of its registered partitions, its columns in its types, and its
 * partition keys as columns. A file below an unregistered folder is not read, as in Athena.
 */

import { resolve } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { type Catalog, partitionKeys, type StoredTable } from "../../glue/catalog.ts";
import { isHidden } from "../../glue/hive-path.ts";
import { asFolder, parseS3Location } from "../../glue/s3-location.ts";
import type { TableObjects } from "../../glue/table-objects.ts";
import { QueryError } from "../query-error.ts";
import { asDuckdb, type DuckdbColumn } from "./hive-types.ts";
import { literal, prunedPartitions } from "./partition-pruning.ts";
import { quoted, quotedName } from "./sql-tree.ts";
import type { TableMention } from "./translate.ts";

export interface SourceFile {
  path: string;
  /** Where it is in S3, for messages. */
  uri: string;
  bytes: number;
}

/** Files that share the values of the partition keys. */
interface FileGroup {
  values: (string | null)[];
  files: SourceFile[];
}

interface TableSource {
  /** A SELECT over the table's columns. */
  sql: string;
  files: SourceFile[];
}

interface TableSourceOptions {
  connection: DuckDBConnection;
  catalog: Catalog;
  objects: TableObjects;
  table: StoredTable;
  mention: TableMention;
}

/** Hive's name for a partition value that is NULL. */
const NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__";

export async function tableSource(options: TableSourceOptions): Promise<TableSource> {
  const { connection, table } = options;
  checkReadable(table);
  const columns = (table.input.StorageDescriptor?.Columns ?? []).map(asDuckdb);
  const keys = partitionKeys(table).map(asDuckdb);
  const groups = await fileGroups(options, keys);
  const files = groups.flatMap((group) => group.files);
  const finer = await checkTypes(connection, columns, files);

  // Athena's timestamps have three decimals: finer ones are rounded when they are read.
  const shown = columns.map(({ name, type }) =>
    finer.has(name) && type === "TIMESTAMP"
      ? `date_trunc('millisecond', ${quotedName(name)} + INTERVAL 500 MICROSECOND) AS ${quotedName(name)}`
      : quotedName(name),
  );
  const all = [...shown, ...keys.map(({ name }) => quotedName(name))].join(", ");
  const parts = groups
    .filter((group) => group.files.length > 0)
    .map(({ values, files: own }) => {
      const list = own.map(({ path }) => quoted(globEscaped(path))).join(", ");
      const schema = columns.map(
        ({ name, type }) => `${quoted(name)}: {name: ${quoted(name)}, type: ${quoted(type)}, default_value: NULL}`,
      );
      const constants = keys.map(
        ({ name, type }, index) => `CAST(${literal(values[index]!)} AS ${type}) AS ${quotedName(name)}`,
      );
      return `SELECT ${[`*`, ...constants].join(", ")} FROM read_parquet([${list}], schema = MAP {${schema.join(", ")}}, hive_partitioning = false)`;
    });
  if (parts.length === 0) {
    const empty = [...columns, ...keys].map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quotedName(name)}`);
    parts.push(`SELECT ${empty.join(", ")} WHERE false`);
  }
  return { sql: `SELECT ${all} FROM (${parts.join(" UNION ALL ")})`, files };
}

/** Athena's `"table$partitions"`: the registered values of the partition keys. */
export function partitionsSql(catalog: Catalog, table: StoredTable): string {
  const keys = partitionKeys(table).map(asDuckdb);
  if (keys.length === 0)
    throw new QueryError("NOT_SUPPORTED", `Table ${table.database}.${table.name} is not partitioned`);
  const columns = keys.map(({ name, type }, index) => `CAST(v${index} AS ${type}) AS ${quotedName(name)}`);
  const rows = catalog.partitions(table.database, table.name).map(({ values }) => {
    return `(${values.map((value) => literal(value === NULL_PARTITION ? null : value)).join(", ")}, true)`;
  });
  // A row that is not there keeps VALUES from being empty, which SQL does not know.
  rows.push(`(${keys.map(() => "NULL").join(", ")}, false)`);
  const names = [...keys.map((_, index) => `v${index}`), "registered"];
  return `SELECT ${columns.join(", ")} FROM (VALUES ${rows.join(", ")}) AS p(${names.join(", ")}) WHERE registered`;
}

function checkReadable(table: StoredTable): void {
  const where = `${table.database}.${table.name}`;
  const descriptor = table.input.StorageDescriptor;
  const format = descriptor?.SerdeInfo?.SerializationLibrary ?? descriptor?.InputFormat ?? "";
  if (!/parquet/i.test(format)) {
    throw new QueryError(
      "NOT_SUPPORTED",
      `The embedded Athena reads Parquet tables only; ${where} is declared as "${format}"`,
    );
  }
  if (table.input.Parameters?.["projection.enabled"] === "true") {
    throw new QueryError(
      "NOT_SUPPORTED",
      `The embedded Athena reads registered partitions; ${where} asks for partition projection`,
    );
  }
}

/** The files of the partitions that the statement's WHERE does not shut out. */
async function fileGroups(
  { connection, catalog, objects, table, mention }: TableSourceOptions,
  keys: DuckdbColumn[],
): Promise<FileGroup[]> {
  if (keys.length === 0) {
    const location = table.input.StorageDescriptor?.Location ?? "";
    return [{ values: [], files: await filesBelow(objects, location) }];
  }
  const partitions = catalog.partitions(table.database, table.name).map(({ values, input }) => ({
    values: values.map((value) => (value === NULL_PARTITION ? null : value)),
    location: input.StorageDescriptor?.Location ?? "",
  }));
  const wanted = await prunedPartitions(
    connection,
    partitions.map(({ values }) => values),
    keys,
    mention,
  );
  const groups: FileGroup[] = [];
  for (const index of wanted) {
    const { values, location } = partitions[index]!;
    groups.push({ values, files: await filesBelow(objects, location) });
  }
  return groups;
}

async function filesBelow(objects: TableObjects, uri: string): Promise<SourceFile[]> {
  const location = parseS3Location(uri);
  if (!location) throw new QueryError("HIVE_METASTORE_ERROR", `The location "${uri}" is no s3:// address`);
  const { bucket, key: prefix } = asFolder(location);
  const files: SourceFile[] = [];
  for await (const { key, size } of objects.list(bucket, prefix)) {
    const names = key.slice(prefix.length).split("/");
    if (size === 0 || names.some(isHidden)) continue;
    files.push({ path: resolve(objects.localPath(bucket, key)), uri: `s3://${bucket}/${key}`, bytes: size });
  }
  return files;
}

/** DuckDB reads "*", "?" and "[" in a path as a pattern. */
function globEscaped(path: string): string {
  return path.replace(/[*?[]/g, "[$&]");
}

/** The physical types of Parquet that Athena takes for a declared type. */
const READABLE: Record<string, (type: string, logical: string) => boolean> = {
  string: (type) => type === "BYTE_ARRAY",
  int: (type) => type === "INT32",
  integer: (type) => type === "INT32",
  bigint: (type, logical) => type === "INT32" || (type === "INT64" && !/timestamp/i.test(logical)),
  double: (type) => type === "DOUBLE" || type === "FLOAT",
  float: (type) => type === "FLOAT",
  boolean: (type) => type === "BOOLEAN",
  timestamp: (type, logical) => type === "INT96" || (type === "INT64" && /timestamp/i.test(logical)),
};

/**
 * Refuses what Athena would refuse: a file whose type for a column is another than the table's.
 *
 * @returns The timestamp columns that some file holds with more than three decimals.
 */
async function checkTypes(
  connection: DuckDBConnection,
  columns: DuckdbColumn[],
  files: SourceFile[],
): Promise<Set<string>> {
  const finer = new Set<string>();
  if (files.length === 0) return finer;
  const declared = new Map(columns.map((column) => [column.name, column]));
  const list = files.map(({ path }) => quoted(globEscaped(path))).join(", ");
  const result = await connection.runAndReadAll(
    `SELECT lower(name), type, concat_ws(' ', converted_type, logical_type) AS logical, min(file_name) FROM parquet_schema([${list}])
     WHERE num_children IS NULL AND type IS NOT NULL GROUP BY ALL`,
  );
  for (const [name, type, logical, path] of result.getRows() as string[][]) {
    const column = declared.get(name!);
    if (!column) continue;
    const reads = READABLE[column.hiveType.toLowerCase()];
    if (reads && !reads(type!, logical!)) {
      const uri = files.find((file) => file.path === path)?.uri ?? path;
      throw new QueryError(
        "HIVE_BAD_DATA",
        `Field ${name}'s type ${type} in parquet file ${uri} is incompatible with type ${column.hiveType} defined in table schema`,
      );
    }
    if (!/millis/i.test(logical!) || /MicroSeconds\(\)|NanoSeconds\(\)/.test(logical!)) finer.add(name!);
  }
  return finer;
}

/** Bytes of the column chunks that a statement touches; whole files where it says "*". */
export async function scannedBytes(
  connection: DuckDBConnection,
  files: readonly SourceFile[],
  columns: ReadonlySet<string> | null,
): Promise<number> {
  if (files.length === 0) return 0;
  if (columns === null) return files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (columns.size === 0) return 0;
  const list = files.map(({ path }) => quoted(globEscaped(path))).join(", ");
  const names = [...columns].map(quoted).join(", ");
  const result = await connection.runAndReadAll(
    `SELECT coalesce(sum(total_compressed_size), 0)::BIGINT FROM parquet_metadata([${list}])
     WHERE lower(split_part(path_in_schema, ',', 1)) IN (${names})`,
  );
  return Number(result.getRows()[0]![0]);
}
