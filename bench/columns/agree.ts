/**
 * Whether two folders of partitioned Parquet hold the same rows: counts and sums of hashes by column, and of whole rows.
 * `contest.ts` asks it about every output; alone:
 *
 *     npx node bench/columns/agree.ts FOLDER FOLDER
 */
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";

/** @returns What differs: names of columns, `rows` for their number, `row` for their contents taken together. */
export async function differences(left: string, right: string): Promise<string[]> {
  const connection = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  const table = (folder: string) => `read_parquet('${folder}/*/*.parquet', hive_partitioning=true)`;
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${table(left)}`);
  const names = described.getRowsJS().map(([name]) => `"${name}"`);
  const sums = names.map((name) => `count(${name}) || ':' || coalesce(sum(hash(${name})::HUGEINT), 0)`);
  const query = (folder: string) =>
    `SELECT count(*)::VARCHAR, sum(hash(row(${names.join(",")}))::HUGEINT)::VARCHAR, ${sums.join(",")} FROM ${table(folder)}`;
  const [ours, theirs] = [
    (await connection.runAndReadAll(query(left))).getRowsJS()[0]!,
    (await connection.runAndReadAll(query(right))).getRowsJS()[0]!,
  ];
  connection.closeSync();
  return ["rows", "row", ...names].filter((_, i) => ours[i] !== theirs[i]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [left, right] = process.argv.slice(2);
  if (!left || !right) throw new Error("Usage: agree.ts FOLDER FOLDER");
  const found = await differences(left, right);
  console.log(found.length === 0 ? "They agree." : `They differ in ${found.join(", ")}.`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
