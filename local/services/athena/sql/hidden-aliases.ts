/**
 * In Trino the names that a SELECT gives its columns are seen by ORDER BY and by nothing else inside it. DuckDB lets
 * WHERE, GROUP BY, HAVING and the columns beside them see these names too, so a query that AWS refuses would run here.
 *
 * Where such a name is mentioned, the column is called something else inside and gets its name back around it.
 */
import { type Node, template } from "./sql-tree.ts";

const PREFIX = "trn_hidden_";

/** @param select - What stands below a `select` key. @returns The node that takes its place, or null to leave it. */
export function withHiddenAliases(select: Node): Node | null {
  const aliases = new Map<string, Node>();
  for (const item of select.expressions ?? []) {
    const name: string | undefined = item.alias?.alias?.name;
    // A column under its own name is not a new name.
    if (name && item.alias.this?.column?.name?.name?.toLowerCase() !== name.toLowerCase())
      aliases.set(name.toLowerCase(), item.alias.alias);
  }
  if (aliases.size === 0) return null;
  const inside = [select.expressions, select.where_clause, select.group_by, select.having, select.windows];
  const mentioned = new Set([...aliases.keys()].filter((name) => mentions(inside, name)));
  if (mentioned.size === 0) return null;

  const renamed: [Node, Node][] = [];
  const expressions = select.expressions.map((item: Node) => {
    const alias = item.alias?.alias;
    if (!alias || !mentioned.has(alias.name.toLowerCase())) return item;
    const hidden = { ...alias, name: `${PREFIX}${renamed.length}`, quoted: false };
    renamed.push([hidden, { ...alias, quoted: true }]);
    return { alias: { ...item.alias, alias: hidden } };
  });
  const order =
    select.order_by &&
    renameIn(select.order_by, new Map(renamed.map(([hidden, alias]) => [alias.name.toLowerCase(), hidden.name])));
  const { subquery } = template("(SELECT 1)");
  const outer = subquery.this.select;
  const { with: ctes, ...body } = select;
  return {
    select: {
      ...outer,
      with: ctes ?? null,
      expressions: [{ star: { table: null, except: null, replace: null, rename: renamed } }],
      from: {
        expressions: [
          {
            subquery: {
              ...subquery,
              this: { select: { ...body, with: null, expressions, order_by: order ?? null } },
              alias: { name: "trn_named", quoted: false, trailing_comments: [] },
            },
          },
        ],
      },
    },
  };
}

/** A bare column of that name, outside queries of their own. */
function mentions(node: Node, name: string): boolean {
  if (Array.isArray(node)) return node.some((item) => mentions(item, name));
  if (node === null || typeof node !== "object") return false;
  if (node.select) return false;
  if (node.column) return !node.column.table && node.column.name.name.toLowerCase() === name;
  return Object.values(node).some((value) => mentions(value, name));
}

function renameIn(node: Node, names: ReadonlyMap<string, string>): Node {
  if (Array.isArray(node)) return node.map((item) => renameIn(item, names));
  if (node === null || typeof node !== "object") return node;
  const hidden = node.column && !node.column.table ? names.get(node.column.name.name.toLowerCase()) : undefined;
  if (hidden) return { column: { ...node.column, name: { ...node.column.name, name: hidden, quoted: false } } };
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, renameIn(value, names)]));
}
