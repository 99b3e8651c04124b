/** The parsed statement as plain nodes, and how to build new ones. The parser is `@polyglot-sql/sdk`. */
import { Dialect, generate, parse } from "@polyglot-sql/sdk";

/** An object with one key, the node's kind, such as `{ function: { name, args } }`. */
// biome-ignore lint/suspicious/noExplicitAny: the parser's own declaration of a node is a union of several hundred kinds
export type Node = any;

/** Parses the text of one expression in DuckDB's dialect and puts `args` where it says `_0`, `_1`, …. */
export function template(sql: string, ...args: Node[]): Node {
  const parsed = parse(`SELECT ${sql}`, Dialect.DuckDB);
  if (!parsed.success) throw new Error(`The template "${sql}" does not parse: ${parsed.error}`);
  return fill((parsed.ast as Node)[0].select.expressions[0], args);
}

function fill(node: Node, args: readonly Node[]): Node {
  if (Array.isArray(node)) return node.map((item) => fill(item, args));
  if (node === null || typeof node !== "object") return node;
  const name: string | undefined = node.column?.name?.name;
  const slot = name === undefined ? null : /^_(\d)$/.exec(name);
  if (slot) return args[Number(slot[1])];
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, fill(value, args)]));
}

export function call(name: string, ...args: Node[]): Node {
  return {
    function: {
      name,
      args,
      distinct: false,
      trailing_comments: [],
      use_bracket_syntax: false,
      no_parens: false,
      quoted: false,
    },
  };
}

export function text(value: string): Node {
  return { literal: { literal_type: "string", value } };
}

/** The value of a text literal; null when the node is anything else. */
export function textOf(node: Node): string | null {
  return node?.literal?.literal_type === "string" ? node.literal.value : null;
}

export function parenthesised(node: Node): Node {
  return { paren: { this: node, trailing_comments: [] } };
}

/** The statement as DuckDB text. */
export function duckdbText(statement: Node): string {
  const generated = generate([statement], Dialect.DuckDB);
  const sql = generated.sql?.[0];
  if (!generated.success || sql === undefined)
    throw new Error(`Cannot write the statement for DuckDB: ${generated.error}`);
  return sql;
}

/** Quotes a text for SQL. */
export function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** Quotes a name for SQL. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
