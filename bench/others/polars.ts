/**
 * The same file to the same partitioned Parquet through polars, which reads the whole of it into memory. It is no
 * dependency of the project: `install.ts` gets it. CloudFront only.
 *
 *     POLARS_MAX_THREADS=1 node bench/others/polars.ts cloudfront FILE FOLDER PACKAGES
 */
import { mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { type BenchKind, benchColumns, PROCESSED_AT_MS } from "../columns/subject.ts";
import { measure } from "../measured.ts";

/** What is used of polars, whose own types are not here. */
interface Polars {
  readCSV(path: string, options: object): Frame;
  col(name: string): Expression;
  lit(value: unknown): Expression;
  Datetime(unit: "ms" | "us"): unknown;
  readonly Utf8: unknown;
  readonly Int32: unknown;
  readonly Int64: unknown;
  readonly Float64: unknown;
  readonly Bool: unknown;
  concatString(options: { exprs: readonly Expression[]; sep: string }): Expression;
}
interface Expression {
  readonly str: {
    strptime(type: unknown, format: string): Expression;
  };
  alias(name: string): Expression;
  cast(type: unknown): Expression;
  eq(value: unknown): Expression;
}
interface Frame {
  withColumns(...columns: Expression[]): Frame;
  select(...columns: string[]): Frame;
  filter(condition: Expression): Frame;
  getColumn(name: string): { unique(): { toArray(): string[] } };
  writeParquet(path: string, options: object): void;
  readonly height: number;
}

const [kind, path, folder, packages] = process.argv.slice(2) as [BenchKind, string, string, string];
if (kind !== "cloudfront") throw new Error(`No ${kind} with polars`);
rmSync(folder, { recursive: true, force: true });
const loaded = createRequire(join(packages, "package.json"))("nodejs-polars") as Polars & { default?: Polars };
const pl = loaded.default ?? loaded;

/** As it is read; times come as text. */
function typeOf(type: string): unknown {
  switch (type) {
    case "int32":
      return pl.Int32;
    case "int64":
      return pl.Int64;
    case "double":
      return pl.Float64;
    case "boolean":
      return pl.Bool;
    default:
      return pl.Utf8;
  }
}

const columns = benchColumns(kind);
const fields = columns.filter(({ name }) => !name.startsWith("_"));
const types = fields.map(({ name, type }): [string, unknown] => [name, typeOf(type)]);

function readFrame(): Frame {
  const schema = Object.fromEntries([["date", pl.Utf8], ["time", pl.Utf8], ...types.slice(1)]);
  const frame = pl.readCSV(path, {
    hasHeader: false,
    sep: "\t",
    skipRows: 2,
    nullValues: ["-"],
    quoteChar: "",
    schema,
  });
  const time = pl.concatString({ exprs: [pl.col("date"), pl.col("time")], sep: " " });
  // Its binding parses to milliseconds only.
  const parsed = time.str.strptime(pl.Datetime("ms"), "%Y-%m-%d %H:%M:%S");
  return frame.withColumns(parsed.cast(pl.Datetime("us")).alias("time"));
}

await measure(async () => {
  const frame = readFrame().withColumns(
    pl.lit(new Date(PROCESSED_AT_MS)).cast(pl.Datetime("ms")).alias("_processed_at"),
    pl.lit(basename(path)).alias("_source_file"),
  );
  for (const date of frame.getColumn("date").unique().toArray()) {
    mkdirSync(join(folder, `date=${date}`), { recursive: true });
    frame
      .filter(pl.col("date").eq(pl.lit(date)))
      .select(...columns.map(({ name }) => name))
      .writeParquet(join(folder, `date=${date}/0.parquet`), { compression: "snappy" });
  }
  return { rows: frame.height };
});
