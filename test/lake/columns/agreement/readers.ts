/** A Parquet file as different readers read it: for each column a hash of all its values, in a form that all can make. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { zstdDecompressSync } from "node:zlib";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { type ParquetParsers, parquetReadObjects } from "hyparquet";
import { environmentWithPython, has } from "../../../tiers/inputs.ts";
import { asyncBuffer } from "../parse-text.ts";

export interface ReadFile {
  readonly rows: number;
  readonly columns: Readonly<Record<string, string>>;
}

/** No reader's own notion of time or text: instants and days as whole numbers, texts as their bytes. */
export const plainParsers: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (millis) => millis,
  timestampFromMicroseconds: (micros) => micros,
  dateFromDays: (days) => days,
  stringFromBytes: (bytes) => bytes && Buffer.from(bytes),
};

const compressors = { ZSTD: (input: Uint8Array) => new Uint8Array(zstdDecompressSync(input)) };

/** All values of a file: instants as bigint, texts as bytes. */
export function readPlainly(bytes: Uint8Array): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: asyncBuffer(bytes), parsers: plainParsers, compressors });
}

export function hashRows(rows: readonly Record<string, unknown>[], doubles: ReadonlySet<string>): ReadFile {
  const names = Object.keys(rows[0] ?? {});
  const columns = names.map((name) => {
    const hash = createHash("sha256");
    for (const row of rows) {
      hash.update(canonical(row[name], doubles.has(name)));
      hash.update("\n");
    }
    return [name, hash.digest("hex")] as const;
  });
  return { rows: rows.length, columns: Object.fromEntries(columns) };
}

const scratch = Buffer.alloc(8);

function canonical(value: unknown, isDouble: boolean): string | Buffer {
  if (value === null || value === undefined) return "N";
  if (typeof value === "boolean") return value ? "B1" : "B0";
  if (isDouble) {
    scratch.writeDoubleBE(value as number);
    return `D${scratch.toString("hex")}`;
  }
  if (typeof value === "number" || typeof value === "bigint") return `I${value}`;
  const bytes = typeof value === "string" ? Buffer.from(value) : (value as Buffer);
  return Buffer.concat([Buffer.from(`S${bytes.length}:`), bytes]);
}

let connection: DuckDBConnection | undefined;

export async function duckdb(): Promise<DuckDBConnection> {
  connection ??= await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  return connection;
}

export function closeDuckdb(): void {
  connection?.closeSync();
  connection = undefined;
}

/** Rows as DuckDB reads them, in the form of `readPlainly`. */
export async function readWithDuckdb(path: string): Promise<Record<string, unknown>[]> {
  const db = await duckdb();
  const described = await db.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet('${path}')`);
  const columns = described.getRowObjectsJS().map(({ column_name, column_type }) => {
    const name = `"${String(column_name).replaceAll('"', '""')}"`;
    if (column_type === "TIMESTAMP") return `epoch_us(${name}) AS ${name}`;
    // As bytes: its client for JavaScript drops a byte order mark at the start of a text.
    if (column_type === "VARCHAR") return `encode(${name}) AS ${name}`;
    if (column_type === "DATE") return `(${name} - DATE '1970-01-01')::INTEGER AS ${name}`;
    return name;
  });
  const reader = await db.runAndReadAll(`SELECT ${columns.join(", ")} FROM read_parquet('${path}')`);
  return reader.getRowObjectsJS() as Record<string, unknown>[];
}

const script = fileURLToPath(new URL("./read-with-pyarrow.py", import.meta.url));
/** Whether there is a Python that has pyarrow. */
export const hasPyarrow = has("pyarrow");

export function readWithPyarrow(paths: readonly string[]): ReadFile[] {
  const output = execFileSync("python3", [script, ...paths], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: environmentWithPython,
  });
  return output
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as ReadFile);
}
