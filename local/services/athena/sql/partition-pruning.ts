/** Which registered partitions a statement has to read: those that its WHERE does not rule out. */
import type { DuckDBConnection } from "@duckdb/node-api";
import type { DuckdbColumn } from "./hive-types.ts";
import { duckdbText, type Node, quoted, quotedName, template } from "./sql-tree.ts";
import type { TableMention } from "./translate.ts";

/**
 * Lets DuckDB itself evaluate the conditions that name partition keys only.
 *
 * @param partitions - The values of each partition, in the order of the keys.
 * @returns Indices of the partitions to read, in ascending order.
 */
export async function prunedPartitions(
  connection: DuckDBConnection,
  partitions: (string | null)[][],
  keys: DuckdbColumn[],
  { conditions, alias }: TableMention,
): Promise<number[]> {
  const names = new Set(keys.map(({ name }) => name));
  const usable = conditions.filter((condition) => namesKeysOnly(condition, names, alias)).map(withoutQualifiers);
  if (usable.length === 0 || partitions.length === 0) return [...partitions.keys()];
  const rows = partitions.map((values, index) => `(${[index, ...values.map(literal)].join(", ")})`);
  const typed = keys.map(({ name, type }, index) => `CAST(v${index} AS ${type}) AS ${quotedName(name)}`);
  const columns = ["i", ...keys.map((_, index) => `v${index}`)];
  const where = usable.map((condition) => `(${expressionText(condition)})`).join(" AND ");
  const sql = `SELECT i FROM (SELECT i, ${typed.join(", ")} FROM (VALUES ${rows.join(", ")}) AS p(${columns.join(", ")})) WHERE ${where} ORDER BY i`;
  const result = await connection.runAndReadAll(sql);
  return result.getRows().map(([index]) => Number(index));
}

function expressionText(expression: Node): string {
  const select = template("(SELECT 1)").subquery.this.select;
  return duckdbText({ select: { ...select, expressions: [expression] } }).replace(/^SELECT /, "");
}

/** No subquery, no column of another table, and at least one key. */
function namesKeysOnly(condition: Node, names: ReadonlySet<string>, alias: string): boolean {
  let mentioned = 0;
  const visit = (node: Node): boolean => {
    if (Array.isArray(node)) return node.every(visit);
    if (node === null || typeof node !== "object") return true;
    if (node.select || node.lambda || node.placeholder) return false;
    if (node.column) {
      mentioned++;
      const table: string | undefined = node.column.table?.name;
      return names.has(node.column.name.name.toLowerCase()) && (!table || table.toLowerCase() === alias);
    }
    return Object.values(node).every(visit);
  };
  return visit(condition) && mentioned > 0;
}

function withoutQualifiers(node: Node): Node {
  if (Array.isArray(node)) return node.map(withoutQualifiers);
  if (node === null || typeof node !== "object") return node;
  if (node.column) return { column: { ...node.column, table: null } };
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withoutQualifiers(value)]));
}

/** A partition value as SQL. */
export function literal(value: string | null): string {
  return value === null ? "NULL" : quoted(value);
}
