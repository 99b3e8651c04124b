/**
 * The same file to the same partitioned Parquet through DuckDB. Prints a line of JSON.
 *
 *     npx node bench/columns/duckdb.ts cloudfront|alb|json FILE FOLDER [THREADS]
 */
import { rmSync } from "node:fs";
import { basename } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { measure } from "../measured.ts";
import { type BenchKind, benchColumns, duckdbType, PROCESSED_AT_MS } from "./subject.ts";

const [kind, path, folder, threads = "1"] = process.argv.slice(2) as [BenchKind, string, string, string];
rmSync(folder, { recursive: true, force: true });

const types = new Map(benchColumns(kind).map(({ name, type }) => [name, duckdbType(type)]));
for (const own of ["_source_file", "_processed_at"]) types.delete(own);

/** What is read, and what is selected of it: the same values that the lake has, and the date to partition by. */
function selection(): { reader: string; expressions: string } {
  const compression = `compression='${path.endsWith(".gz") ? "gzip" : "none"}'`;
  const csv = (columns: Iterable<[string, string]>, shape: string) =>
    `read_csv('${path}', ${shape}, header=false, nullstr='-', auto_detect=false, columns=${struct(columns)}, ${compression})`;
  switch (kind) {
    case "cloudfront": {
      // Date and time are two fields; the date is the partition.
      const columns: [string, string][] = [["date", "DATE"], ["time", "VARCHAR"], ...[...types].slice(1)];
      return {
        reader: csv(columns, "delim='\t', skip=2, quote='', escape=''"),
        expressions: "* REPLACE (date + CAST(time AS TIME) AS time)",
      };
    }
    case "alb": {
      // Durations of -1 stand for none; the lake has null there.
      const durations = ["request", "target", "response"]
        .map((of) => `nullif(${of}_processing_time, -1) AS ${of}_processing_time`)
        .join(", ");
      return {
        reader: csv(types, "delim=' ', skip=0, quote='\"', escape='\"'"),
        expressions: `* REPLACE (${durations}), CAST(time AS DATE) AS date`,
      };
    }
    case "json":
      // An object becomes its text only as JSON: as VARCHAR it is refused.
      return {
        reader: `read_json('${path}', format='newline_delimited', auto_detect=false, columns=${struct(types.set("properties", "JSON"))}, ${compression})`,
        expressions: "*, CAST(event_time AS DATE) AS date",
      };
  }
}

function struct(columns: Iterable<[string, string]>): string {
  return `{${[...columns].map(([name, type]) => `'${name}':'${type}'`).join(",")}}`;
}

await measure(async () => {
  const { reader, expressions } = selection();
  const processedAt = new Date(PROCESSED_AT_MS).toISOString().replace("Z", "");
  const connection = await (await DuckDBInstance.create(":memory:", { threads })).connect();
  await connection.run(
    `COPY (SELECT ${expressions}, TIMESTAMP '${processedAt}' AS _processed_at, '${basename(path)}' AS _source_file FROM ${reader})
   TO '${folder}' (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (date), OVERWRITE_OR_IGNORE)`,
  );
  return {};
});
