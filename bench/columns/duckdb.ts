/**
 * The same file to the same partitioned Parquet through DuckDB. Prints a line of JSON.
 *
 *     npx node bench/columns/duckdb.ts cloudfront|alb FILE FOLDER [THREADS]
 */
import { rmSync } from "node:fs";
import { basename } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { type BenchKind, benchColumns, duckdbType, PROCESSED_AT_MS } from "./subject.ts";

const [kind, path, folder, threads = "1"] = process.argv.slice(2) as [BenchKind, string, string, string];
rmSync(folder, { recursive: true, force: true });
const startMs = performance.now();
const startCpu = process.cpuUsage();

const fields = benchColumns(kind).filter(({ name }) => !name.startsWith("_"));
const typed = fields.map(({ name, type }): [string, string] => [name, duckdbType(type)]);
// DuckDB reads date and time of CloudFront as two fields and writes both, the date as the partition.
const columns = kind === "cloudfront" ? [["date", "DATE"], ["time", "VARCHAR"], ...typed.slice(1)] : typed;
const declared = `{${columns.map(([name, type]) => `'${name}':'${type}'`).join(",")}}`;
const shape =
  kind === "cloudfront" ? "delim='\\t', skip=2, quote='', escape=''" : "delim=' ', skip=0, quote='\"', escape='\"'";
const date = kind === "cloudfront" ? "" : "CAST(time AS DATE) AS date,";
const own = `TIMESTAMP '${new Date(PROCESSED_AT_MS).toISOString().replace("Z", "")}' AS _processed_at, '${basename(path)}' AS _source_file`;
// Durations of -1 stand for none; the lake has null there.
const durations = ["request", "target", "response"]
  .map((of) => `nullif(${of}_processing_time, -1) AS ${of}_processing_time`)
  .join(", ");
const time = kind === "cloudfront" ? "* REPLACE (date + CAST(time AS TIME) AS time)" : `* REPLACE (${durations})`;

const connection = await (await DuckDBInstance.create(":memory:", { threads })).connect();
await connection.run(
  `COPY (SELECT ${time}, ${date} ${own} FROM read_csv('${path}', ${shape.replace("\\t", "\t")}, header=false,
   nullstr='-', auto_detect=false, columns=${declared}, compression='${path.endsWith(".gz") ? "gzip" : "none"}'))
   TO '${folder}' (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (date), OVERWRITE_OR_IGNORE)`,
);

const ms = performance.now() - startMs;
const { user, system } = process.cpuUsage(startCpu);
console.log(
  JSON.stringify({
    name: `duckdb ${threads}`,
    ms: Math.round(ms),
    cpuMs: Math.round((user + system) / 1000),
    rssMib: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
