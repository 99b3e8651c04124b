/**
 * The same file to the same partitioned Parquet as most would write it first: `readline`, `split`, an array for each column,
 * and hyparquet-writer's `parquetWriteFile`. CloudFront only.
 *
 *     node bench/others/readline.ts cloudfront FILE FOLDER
 */
import { createReadStream, mkdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { type BasicType, parquetWriteFile } from "hyparquet-writer";
import { type BenchKind, benchColumns, PROCESSED_AT_MS } from "../columns/subject.ts";
import { measure } from "../measured.ts";

const [kind, path, folder] = process.argv.slice(2) as [BenchKind, string, string];
if (kind !== "cloudfront") throw new Error(`No ${kind} with readline`);
rmSync(folder, { recursive: true, force: true });

type Cell = string | number | bigint | Date | null;
const columns = benchColumns(kind);

function cellOf(text: string, type: string): Cell {
  if (text === "-") return null;
  switch (type) {
    case "int32":
    case "double":
      return Number(text);
    case "int64":
      return BigInt(text);
    default:
      return text;
  }
}

function basicType(type: string): BasicType {
  switch (type) {
    case "int32":
      return "INT32";
    case "int64":
      return "INT64";
    case "double":
      return "DOUBLE";
    case "string":
      return "STRING";
    default:
      return "TIMESTAMP";
  }
}

await measure(async () => {
  const tables = new Map<string, Cell[][]>();
  const file = basename(path);
  let rows = 0;
  for await (const line of createInterface({ input: createReadStream(path).pipe(createGunzip()) })) {
    if (line.startsWith("#")) continue;
    const [date, time, ...fields] = line.split("\t") as [string, string, ...string[]];
    const table = tables.get(date) ?? columns.map((): Cell[] => []);
    tables.set(date, table);
    table[0]!.push(new Date(`${date}T${time}Z`));
    for (let i = 0; i < fields.length; i++) table[i + 1]!.push(cellOf(fields[i]!, columns[i + 1]!.type));
    for (const [i, { name }] of columns.entries()) {
      if (name === "_source_file") table[i]!.push(file);
      if (name === "_processed_at") table[i]!.push(new Date(PROCESSED_AT_MS));
    }
    rows++;
  }
  for (const [date, table] of tables) {
    mkdirSync(join(folder, `date=${date}`), { recursive: true });
    await parquetWriteFile({
      filename: join(folder, `date=${date}/0.parquet`),
      columnData: columns.map(({ name, type }, i) => ({ name, type: basicType(type), data: table[i]! })),
    });
  }
  return { rows };
});
