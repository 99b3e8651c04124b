/**
 * The Data Catalog: databases, tables and partitions, kept in the shared SQLite database under `glue_`.
 *
 * Documents are stored as the API gives them. Names are lower case, as Glue folds them, so that Athena finds what a
 * person typed in capitals.
 *
 * @see https://docs.aws.amazon.com/glue/latest/webapi/API_Operations.html
 */
import type { Column, DatabaseInput, PartitionInput, TableInput } from "@aws-sdk/client-glue";
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";

/** Times are milliseconds since the epoch here, and Dates in the API. */
export interface StoredDatabase {
  name: string;
  input: DatabaseInput;
  createTime: number;
}

export interface StoredTable {
  database: string;
  name: string;
  input: TableInput;
  createTime: number;
  updateTime: number;
  version: number;
}

export interface StoredPartition {
  database: string;
  table: string;
  values: string[];
  input: PartitionInput;
  createTime: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS glue_databases (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS glue_tables (
    database TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (database, name)) STRICT;
  CREATE TABLE IF NOT EXISTS glue_partitions (
    database TEXT NOT NULL, table_name TEXT NOT NULL, partition_values TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (database, table_name, partition_values)) STRICT;
`;

export class Catalog {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    store.define(SCHEMA);
  }

  createDatabase(input: DatabaseInput, now: number): void {
    const name = catalogName(input.Name, "databaseInput.name");
    if (this.findDatabase(name)) throw new ServiceError("AlreadyExistsException", "Database already exists.");
    this.#putDatabase({ name, input: { ...input, Name: name }, createTime: now });
  }

  findDatabase(name: string): StoredDatabase | null {
    const row = this.#store.get<{ body: string }>("SELECT body FROM glue_databases WHERE name = ?", name.toLowerCase());
    return row ? (JSON.parse(row.body) as StoredDatabase) : null;
  }

  database(name: string): StoredDatabase {
    const found = this.findDatabase(name);
    if (!found) throw notFound(`Database ${name.toLowerCase()} not found.`);
    return found;
  }

  updateDatabase(name: string, input: DatabaseInput): void {
    const old = this.database(name);
    this.#putDatabase({ ...old, input: { ...input, Name: old.name } });
  }

  #putDatabase(stored: StoredDatabase): void {
    this.#store.run(
      "INSERT OR REPLACE INTO glue_databases (name, body) VALUES (?, ?)",
      stored.name,
      JSON.stringify(stored),
    );
  }

  databases(): StoredDatabase[] {
    const rows = this.#store.all<{ body: string }>("SELECT body FROM glue_databases ORDER BY name");
    return rows.map((row) => JSON.parse(row.body) as StoredDatabase);
  }

  deleteDatabase(name: string): void {
    const { name: stored } = this.database(name);
    this.#store.run("DELETE FROM glue_partitions WHERE database = ?", stored);
    this.#store.run("DELETE FROM glue_tables WHERE database = ?", stored);
    this.#store.run("DELETE FROM glue_databases WHERE name = ?", stored);
  }

  createTable(database: string, input: TableInput, now: number): void {
    const owner = this.database(database);
    const name = catalogName(input.Name, "tableInput.name");
    if (this.findTable(owner.name, name)) throw new ServiceError("AlreadyExistsException", "Table already exists.");
    this.#putTable({
      database: owner.name,
      name,
      input: foldedTable(input, name),
      createTime: now,
      updateTime: now,
      version: 0,
    });
  }

  findTable(database: string, name: string): StoredTable | null {
    const row = this.#store.get<{ body: string }>(
      "SELECT body FROM glue_tables WHERE database = ? AND name = ?",
      database.toLowerCase(),
      name.toLowerCase(),
    );
    return row ? (JSON.parse(row.body) as StoredTable) : null;
  }

  table(database: string, name: string): StoredTable {
    this.database(database);
    const found = this.findTable(database, name);
    if (!found) throw notFound(`Table ${name.toLowerCase()} not found.`);
    return found;
  }

  updateTable(database: string, input: TableInput, now: number): void {
    const old = this.table(database, catalogName(input.Name, "tableInput.name"));
    this.#putTable({ ...old, input: foldedTable(input, old.name), updateTime: now, version: old.version + 1 });
  }

  #putTable(stored: StoredTable): void {
    this.#store.run(
      "INSERT OR REPLACE INTO glue_tables (database, name, body) VALUES (?, ?, ?)",
      stored.database,
      stored.name,
      JSON.stringify(stored),
    );
  }

  tables(database: string): StoredTable[] {
    const owner = this.database(database);
    const rows = this.#store.all<{ body: string }>(
      "SELECT body FROM glue_tables WHERE database = ? ORDER BY name",
      owner.name,
    );
    return rows.map((row) => JSON.parse(row.body) as StoredTable);
  }

  deleteTable(database: string, name: string): void {
    const table = this.table(database, name);
    this.#store.run("DELETE FROM glue_partitions WHERE database = ? AND table_name = ?", table.database, table.name);
    this.#store.run("DELETE FROM glue_tables WHERE database = ? AND name = ?", table.database, table.name);
  }

  /** @throws {ServiceError} AlreadyExistsException when the values are registered, whatever their location. */
  createPartition(database: string, table: string, input: PartitionInput, now: number): void {
    const owner = this.table(database, table);
    const values = partitionValues(owner, input.Values);
    if (this.findPartition(owner, values))
      throw new ServiceError("AlreadyExistsException", "Partition already exists.");
    this.#putPartition({ database: owner.database, table: owner.name, values, input, createTime: now });
  }

  findPartition(table: StoredTable, values: readonly string[]): StoredPartition | null {
    const row = this.#store.get<{ body: string }>(
      "SELECT body FROM glue_partitions WHERE database = ? AND table_name = ? AND partition_values = ?",
      table.database,
      table.name,
      JSON.stringify(values),
    );
    return row ? (JSON.parse(row.body) as StoredPartition) : null;
  }

  partition(database: string, table: string, values: readonly string[] | undefined): StoredPartition {
    const owner = this.table(database, table);
    const found = this.findPartition(owner, partitionValues(owner, values));
    if (!found) throw notFound("Cannot find partition.");
    return found;
  }

  /** New values move the partition, as Glue does when `PartitionInput.Values` differs from the list that names it. */
  updatePartition(database: string, table: string, values: readonly string[] | undefined, input: PartitionInput): void {
    const owner = this.table(database, table);
    const old = this.partition(database, table, values);
    const newValues = partitionValues(owner, input.Values ?? old.values);
    const moved = JSON.stringify(newValues) !== JSON.stringify(old.values);
    if (moved && this.findPartition(owner, newValues)) {
      throw new ServiceError("AlreadyExistsException", "Partition already exists.");
    }
    this.deletePartition(database, table, old.values);
    this.#putPartition({ ...old, values: newValues, input });
  }

  #putPartition(stored: StoredPartition): void {
    this.#store.run(
      "INSERT INTO glue_partitions (database, table_name, partition_values, body) VALUES (?, ?, ?, ?)",
      stored.database,
      stored.table,
      JSON.stringify(stored.values),
      JSON.stringify(stored),
    );
  }

  /** All partitions of a table, by their values. */
  partitions(database: string, table: string): StoredPartition[] {
    const owner = this.table(database, table);
    const rows = this.#store.all<{ body: string }>(
      "SELECT body FROM glue_partitions WHERE database = ? AND table_name = ? ORDER BY partition_values",
      owner.database,
      owner.name,
    );
    return rows.map((row) => JSON.parse(row.body) as StoredPartition);
  }

  deletePartition(database: string, table: string, values: readonly string[] | undefined): void {
    const found = this.partition(database, table, values);
    this.#store.run(
      "DELETE FROM glue_partitions WHERE database = ? AND table_name = ? AND partition_values = ?",
      found.database,
      found.table,
      JSON.stringify(found.values),
    );
  }
}

/** The partition keys of a table, in the order of partition values. */
export function partitionKeys(table: StoredTable): Column[] {
  return table.input.PartitionKeys ?? [];
}

export function notFound(message: string): ServiceError {
  return new ServiceError("EntityNotFoundException", message);
}

function catalogName(name: string | undefined, member: string): string {
  if (!name) {
    throw new ServiceError(
      "InvalidInputException",
      `Value at '${member}' failed to satisfy constraint: must not be null`,
    );
  }
  return name.toLowerCase();
}

function foldedTable(input: TableInput, name: string): TableInput {
  const fold = (columns: Column[] | undefined) =>
    columns?.map((column) => ({ ...column, Name: column.Name?.toLowerCase() }));
  return {
    ...input,
    Name: name,
    ...(input.PartitionKeys ? { PartitionKeys: fold(input.PartitionKeys) } : {}),
    ...(input.StorageDescriptor
      ? { StorageDescriptor: { ...input.StorageDescriptor, Columns: fold(input.StorageDescriptor.Columns) } }
      : {}),
  } as TableInput;
}

function partitionValues(table: StoredTable, values: readonly string[] | undefined): string[] {
  const keys = partitionKeys(table);
  if (!values || values.length !== keys.length) {
    throw new ServiceError(
      "InvalidInputException",
      "The number of partition keys do not match the number of partition values",
    );
  }
  return [...values];
}
