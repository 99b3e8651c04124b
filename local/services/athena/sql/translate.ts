/**
 * Trino SQL in, DuckDB SQL out.
 *
 * The parser knows the syntax of both; what functions mean is ours. Before parsing, each scalar function is renamed by
 * its token, so that it stays one plain call in the tree, whatever the parser has in mind for that name. A name that
 * `functions.ts` does not hold fails here, with its place in the text.
 */
import { Dialect, parse, tokenize } from "@polyglot-sql/sdk";
import { MalformedQuery, placeOf, QueryError } from "../query-error.ts";
import { AGGREGATES, type CallContext, NOT_FUNCTIONS, SCALARS } from "./functions.ts";
import { withHiddenAliases } from "./hidden-aliases.ts";
import { call, duckdbText, type Node, template, text, textOf } from "./sql-tree.ts";

/** One mention of a table that is not a CTE. */
export interface TableMention {
  catalog: string | null;
  database: string | null;
  name: string;
  /** The statement's own name for it. */
  alias: string;
  /** `line 1:15`. */
  place: string;
  /** Conditions of the WHERE around it that a row of it must pass, as DuckDB nodes over bare or `alias.` columns. */
  conditions: Node[];
}

export interface Statement {
  /** The parsed tree, ready for `translate`. */
  tree: Node;
  source: string;
  zones: boolean;
}

export interface Translation {
  sql: string;
  /** Every column name that the statement mentions, lower case; null when it says "*". */
  columns: ReadonlySet<string> | null;
}

const PREFIX = "trn__";
/** Functions and words after which values may carry a time zone of their own. */
const ZONE_MAKERS = /\b(at_timezone|with_timezone|time\s+zone)\b|from_unixtime\s*\([^()]*,/i;

/**
 * Parses one SELECT.
 *
 * @throws {MalformedQuery} When it is not SQL, in the words of an `InvalidRequestException`.
 * @throws {QueryError} FUNCTION_NOT_FOUND for a function that Trino or we lack.
 */
export function parseStatement(source: string): Statement {
  const { renamed, offsets } = renameFunctions(source);
  const parsed = parse(renamed, Dialect.Trino);
  if (!parsed.success) {
    const failed = parsed as { error?: string; errorStart?: number };
    const offset = originalOffset(offsets, failed.errorStart ?? renamed.length);
    const word = /^\S+/.exec(source.slice(offset))?.[0] ?? "<EOF>";
    throw new MalformedQuery(`${placeOf(source, offset)}: mismatched input '${word}'`);
  }
  const statements = parsed.ast as Node[];
  if (statements.length !== 1) throw new MalformedQuery("Only one sql statement is allowed. Got: " + source);
  markPlaces(statements[0], (offset) => placeOf(source, originalOffset(offsets, offset)));
  return { tree: statements[0], source, zones: ZONE_MAKERS.test(source) };
}

/** Where the renamed text grew, so that places can be given in the user's own. */
type Offsets = { at: number; shift: number }[];

function originalOffset(offsets: Offsets, offset: number): number {
  let shift = 0;
  for (const change of offsets) if (change.at < offset) shift = change.shift;
  return Math.max(0, offset - shift);
}

function renameFunctions(source: string): { renamed: string; offsets: Offsets } {
  const { success, tokens, error } = tokenize(source, Dialect.Trino);
  if (!success || !tokens) throw new MalformedQuery(`line 1:1: ${error ?? "cannot be read"}`);
  // The SDK declares `tokenType`; what arrives is `token_type`.
  const list = tokens as unknown as Token[];
  const offsets: Offsets = [];
  let renamed = "";
  let copied = 0;
  for (const [index, token] of list.entries()) {
    if (!isCall(list, index)) continue;
    const name = token.text.toLowerCase();
    const replacement = Object.hasOwn(SCALARS, name)
      ? PREFIX + name
      : Object.hasOwn(AGGREGATES, name)
        ? AGGREGATES[name]
        : undefined;
    if (replacement === undefined) {
      throw new QueryError(
        "FUNCTION_NOT_FOUND",
        `${placeOf(source, token.span.start)}: Function '${name}' not registered`,
      );
    }
    if (replacement === name) continue;
    renamed += source.slice(copied, token.span.start) + replacement;
    copied = token.span.end;
    offsets.push({ at: renamed.length - 1, shift: renamed.length - copied });
  }
  return { renamed: renamed + source.slice(copied), offsets };
}

type Token = { token_type: string; text: string; span: { start: number; end: number } };

/** A name, then a parenthesis, where a value may stand: not the columns of an alias or of a CTE. */
function isCall(tokens: readonly Token[], index: number): boolean {
  const token = tokens[index]!;
  if (tokens[index + 1]?.token_type !== "L_PAREN" || !/^[A-Za-z_]\w*$/.test(token.text)) return false;
  if (token.token_type === "QUOTED_IDENTIFIER" || token.token_type === "STRING") return false;
  if (NOT_FUNCTIONS.has(token.text.toLowerCase())) return false;
  const before = tokens[index - 1];
  if (before?.token_type === "AS" || before?.token_type === "R_PAREN" || before?.token_type === "VAR") return false;
  if (before?.token_type === "DOT" || before?.token_type === "QUOTED_IDENTIFIER") return false;
  let depth = 0;
  for (let at = index + 1; at < tokens.length; at++) {
    if (tokens[at]!.token_type === "L_PAREN") depth++;
    if (tokens[at]!.token_type === "R_PAREN" && --depth === 0) {
      return !(tokens[at + 1]?.token_type === "AS" && tokens[at + 2]?.token_type === "L_PAREN");
    }
  }
  return true;
}

function markPlaces(node: Node, placeAt: (offset: number) => string): void {
  if (Array.isArray(node)) for (const item of node) markPlaces(item, placeAt);
  else if (node !== null && typeof node === "object") {
    if (node.span && typeof node.name === "string") node.place = placeAt(node.span.start);
    for (const value of Object.values(node)) markPlaces(value, placeAt);
  }
}

interface TranslateOptions {
  /** Milliseconds since the epoch: what current_timestamp says. */
  nowMs: number;
  /** Gives the name of the DuckDB relation that stands for a table. */
  relation(mention: TableMention): Promise<string>;
}

/** @throws {QueryError} For what Trino has and we lack. */
export async function translate(statement: Statement, options: TranslateOptions): Promise<Translation> {
  const columns = new Set<string>();
  const star = collectColumns(statement.tree, columns);
  const rewritten = rewrite(statement.tree, { zones: statement.zones, nowMs: options.nowMs, quiet: false });
  const resolved = await resolveTables(rewritten, new Set(), [], options);
  return { sql: duckdbText(resolved), columns: star ? null : columns };
}

function collectColumns(node: Node, names: Set<string>): boolean {
  if (Array.isArray(node)) return node.map((item) => collectColumns(item, names)).some(Boolean);
  if (node === null || typeof node !== "object") return false;
  if (node.column?.name?.name) names.add(node.column.name.name.toLowerCase());
  for (const used of node.using ?? []) if (used?.name) names.add(used.name.toLowerCase());
  let star = "star" in node && typeof node.star === "object" && node.star !== null;
  for (const value of Object.values(node)) if (collectColumns(value, names)) star = true;
  return star;
}

interface RewriteContext extends CallContext {
  nowMs: number;
  /** Inside TRY(…), where what would be an error is NULL. */
  quiet: boolean;
}

const isNode = (node: Node) =>
  node !== null && typeof node === "object" && !Array.isArray(node) && Object.keys(node).length === 1;

function rewrite(node: Node, context: RewriteContext): Node {
  if (Array.isArray(node)) return node.map((item) => rewrite(item, context));
  if (node === null || typeof node !== "object") return node;
  const kind = isNode(node) ? Object.keys(node)[0]! : null;
  const inner =
    kind === "function" && node.function.name.toLowerCase() === "try" ? { ...context, quiet: true } : context;
  const done = Object.fromEntries(
    Object.entries(node)
      // The places are known here, and a span has a field "column" that is not a column.
      .filter(([key]) => key !== "span")
      .map(([key, value]) => [key, key === "place" ? value : rewrite(value, inner)]),
  );
  const handler = kind && Object.hasOwn(HANDLERS, kind) ? HANDLERS[kind] : undefined;
  return handler ? handler(done[kind!], context, node[kind!]) : done;
}

type Handler = (node: Node, context: RewriteContext, before: Node) => Node;

const HANDLERS: Record<string, Handler> = {
  select: (node) => withHiddenAliases(node) ?? { select: node },
  function(node, context) {
    const name = node.name.toLowerCase();
    if (node.no_parens) return nowFunction(name, context) ?? { function: node };
    // Fields without names would fall together in DuckDB.
    if (name === "row") return namedFields(node.args);
    if (name === "try") return call("TRY", ...node.args);
    if (!name.startsWith(PREFIX)) return { function: node };
    const scalar = SCALARS[name.slice(PREFIX.length)]!;
    if (name === `${PREFIX}mod`) return HANDLERS.mod!({ left: node.args[0], right: node.args[1] }, context, null);
    return typeof scalar === "string" ? call(scalar, ...node.args) : scalar(node.args, context);
  },
  div: (node, { quiet }) => call(quiet ? "trn_divide_or_null" : "trn_divide", node.left, node.right),
  mod: (node, { quiet }) => call(quiet ? "trn_modulus_or_null" : "trn_modulus", node.left, node.right),
  subscript: (node, { quiet }) => call(quiet ? "trn_element_at" : "trn_subscript", node.this, node.index),
  // A day added to a date is a date in Trino and a timestamp in DuckDB.
  add: (node) => withInterval(node, "+") ?? { add: node },
  sub: (node) => withInterval(node, "-") ?? { sub: node },
  sum: (node) => summed({ sum: node }, node.this, null),
  // DuckDB counts nothing but nulls as NULL, Trino as 0.
  count_if: (node) => template("coalesce(CAST(_0 AS BIGINT), 0)", { count_if: node }),
  approx_distinct: (node) => ({
    count: { this: node.this, star: false, distinct: true, filter: node.filter ?? null, original_name: "count" },
  }),
  window_function(node, _, before) {
    if (before.this.sum)
      return summed({ window_function: { ...node, this: { sum: before.this.sum } } }, before.this.sum.this, node.over);
    if (before.this.count_if)
      return template("coalesce(CAST(_0 AS BIGINT), 0)", {
        window_function: { ...node, this: { count_if: before.this.count_if } },
      });
    return { window_function: node };
  },
  if_func: (node) => ({
    case: { operand: null, whens: [[node.condition, node.true_value]], else_: node.false_value ?? null, comments: [] },
  }),
  within_group: (node) => {
    const { this: value, separator, distinct } = node.this.list_agg ?? {};
    if (!value) throw new QueryError("NOT_SUPPORTED", "The embedded Athena knows WITHIN GROUP for listagg only");
    const { string_agg } = template("string_agg(_0, _1)", value, separator ?? text(""));
    return { string_agg: { ...string_agg, distinct: Boolean(distinct), order_by: node.order_by } };
  },
  at_time_zone: (node) => call("trn_at_timezone", node.this, node.zone),
  extract(node, context) {
    const scalar =
      SCALARS[
        String(node.field)
          .replace(/([a-z])([A-Z])/g, "$1_$2")
          .toLowerCase()
      ];
    if (typeof scalar !== "function")
      throw new QueryError("NOT_SUPPORTED", `The embedded Athena cannot extract ${node.field}`);
    return scalar([node.this], context);
  },
  literal(node) {
    if (node.literal_type !== "timestamp") return { literal: node };
    const zoned = /^(.*\d)\s*([A-Za-z][\w/+-]*|[+-]\d\d:?\d\d)$/.exec(node.value);
    if (!zoned) return { literal: node };
    if (/^(utc|z|gmt)$/i.test(zoned[2]!)) return template("CAST(_0 AS TIMESTAMPTZ)", text(`${zoned[1]}+00`));
    if (/^[+-]/.test(zoned[2]!)) return template("CAST(_0 AS TIMESTAMPTZ)", text(`${zoned[1]}${zoned[2]}`));
    return template("trn_with_timezone(CAST(_0 AS TIMESTAMP), _1)", text(zoned[1]!), text(zoned[2]!));
  },
  cast: (node, context) => cast(node, context, context.quiet),
  try_cast: (node, context) => cast(node, context, true),
  unnest: (node) => ({ unnest: node }),
};

const WHOLE_TYPES = new Set(["tiny_int", "small_int", "int", "big_int"]);
const TEXT_TYPES = new Set(["var_char", "char", "text"]);

function namedFields(values: Node[]): Node {
  if (values.length > 10) throw new QueryError("NOT_SUPPORTED", "The embedded Athena takes at most ten fields in ROW");
  return template(`{${values.map((_, index) => `'field${index}': _${index}`).join(", ")}}`, ...values);
}

/** DECIMAL '1.50' has the digits that are written; without them DuckDB takes three decimals. */
function literalDecimal(node: Node): Node | null {
  const digits =
    node.to.data_type === "decimal" && !node.to.precision
      ? /^[+-]?(\d*)(?:\.(\d*))?$/.exec(textOf(node.this) ?? "")
      : null;
  if (!digits) return null;
  const scale = digits[2]?.length ?? 0;
  return template(`CAST(_0 AS DECIMAL(${Math.max(1, digits[1]!.length + scale)}, ${scale}))`, node.this);
}

function cast(node: Node, { zones }: RewriteContext, quiet: boolean): Node {
  const decimal = literalDecimal(node);
  if (decimal) return decimal;
  const type = trinoType(node.to);
  const kind = quiet ? "try_cast" : "cast";
  const make = (value: Node) => ({ [kind]: { ...node, this: value, to: type } });
  if (WHOLE_TYPES.has(type.data_type) && !/^\d+$/.test(node.this.literal?.value ?? "")) {
    return make(call(quiet ? "trn_whole_or_null" : "trn_whole", node.this));
  }
  if (TEXT_TYPES.has(type.data_type)) {
    const shown = call("trn_text", node.this);
    return type.length ? template(`substr(_0, 1, ${Number(type.length)})`, shown) : shown;
  }
  if (zones && type.data_type === "date") return make(localUnlessText(node.this));
  if (zones && type.data_type === "timestamp" && !type.timezone) return make(localUnlessText(node.this));
  return make(node.this);
}

/** A text literal cannot be zoned, and casting it directly keeps the error for one that is not a date. */
function localUnlessText(node: Node): Node {
  if (textOf(node) !== null) return node;
  // Only for zoned values is the wall clock taken; others are cast from their own text, errors included.
  return template(
    `CASE WHEN typeof(_0) LIKE 'STRUCT(instant TIMESTAMP%' THEN CAST(trn_local(_0) AS VARCHAR) ELSE CAST(_0 AS VARCHAR) END`,
    node,
  );
}

/** DuckDB takes TIMESTAMP(3) for another type than TIMESTAMP, with fewer functions. */
function trinoType(type: Node): Node {
  if (Array.isArray(type)) return type.map(trinoType);
  if (type === null || typeof type !== "object") return type;
  const inner = Object.fromEntries(Object.entries(type).map(([key, value]) => [key, trinoType(value)]));
  return inner.data_type === "timestamp" ? { ...inner, precision: null } : inner;
}

/** Trino sums integers to bigint, DuckDB to a wider type of its own. */
function summed(sum: Node, value: Node, over: Node): Node {
  const any = call("any_value", value);
  const sample = over ? { window_function: { this: any, over } } : any;
  return template("cast_to_type(_0, CASE WHEN FALSE THEN _1 + CAST(0 AS BIGINT) END)", sum, sample);
}

function withInterval(node: Node, sign: "+" | "-"): Node | null {
  if (!node.right?.interval || node.left?.interval) return null;
  return template(`cast_to_type(_0 ${sign} _1, _0)`, node.left, node.right);
}

function nowFunction(name: string, { nowMs }: RewriteContext): Node | null {
  const now = new Date(nowMs).toISOString().replace("T", " ").replace("Z", "");
  switch (name) {
    case "current_timestamp":
      return template("CAST(_0 AS TIMESTAMPTZ)", text(`${now}+00`));
    case "localtimestamp":
      return template("CAST(_0 AS TIMESTAMP)", text(now));
    case "current_date":
      return template("CAST(_0 AS DATE)", text(now.slice(0, 10)));
    case "current_user":
      return text("sluice");
    case "current_time":
    case "localtime":
      throw new QueryError("NOT_SUPPORTED", `The embedded Athena lacks ${name}`);
    default:
      return null;
  }
}

/** Replaces each table by the relation that stands for it; CTEs hide tables of the same name. */
async function resolveTables(
  node: Node,
  ctes: ReadonlySet<string>,
  where: Where[],
  options: TranslateOptions,
): Promise<Node> {
  if (Array.isArray(node)) {
    const items: Node[] = [];
    for (const item of node) items.push(await resolveTables(item, ctes, where, options));
    return items;
  }
  if (node === null || typeof node !== "object") return node;
  if (isNode(node) && node.table && typeof node.table.name?.name === "string")
    return resolveTable(node.table, ctes, where, options);
  if (isNode(node) && node.unnest) return { unnest: await resolveTables(node.unnest, ctes, [], options) };
  if (isNode(node) && node.alias?.this?.unnest) {
    const lateral = multipleUnnest(node.alias);
    if (lateral) return resolveTables(lateral, ctes, [], options);
  }

  let scope = ctes;
  const done: Node = {};
  if (node.with?.ctes) {
    const list: Node[] = [];
    for (const cte of node.with.ctes) {
      const name = cte.alias.name.toLowerCase();
      const inside = node.with.recursive ? new Set([...scope, name]) : scope;
      list.push({ ...cte, this: await resolveTables(cte.this, inside, [], options) });
      scope = new Set([...scope, name]);
    }
    done.with = { ...node.with, ctes: list };
  }
  const isSelect = "from" in node && "expressions" in node;
  const conditions = isSelect ? conditionsOf(node) : [];
  for (const [key, value] of Object.entries(node)) {
    if (key === "with" && done.with) continue;
    if (key === "place" || key === "span") continue;
    const passed = isSelect ? (key === "from" || key === "joins" ? conditions : []) : isWrapper(node) ? where : [];
    done[key] = await resolveTables(value, scope, passed, options);
  }
  return done;
}

type Where = Node;

/** Levels between a FROM and its tables that hold no query of their own. */
function isWrapper(node: Node): boolean {
  return !("select" in node) && !("subquery" in node) && !("union" in node);
}

/** The ANDed parts of a WHERE, where an outer join cannot bring rows back that they shut out. */
function conditionsOf(select: Node): Node[] {
  const outer = (select.joins ?? []).some((join: Node) => !["Inner", "Cross", "Implicit"].includes(join.kind));
  if (outer || !select.where_clause) return [];
  const parts: Node[] = [];
  const take = (node: Node): void => {
    if (node.and) {
      take(node.and.left);
      take(node.and.right);
    } else if (node.paren) take(node.paren.this);
    else parts.push(node);
  };
  take(select.where_clause.this);
  return parts;
}

async function resolveTable(
  table: Node,
  ctes: ReadonlySet<string>,
  where: Where[],
  options: TranslateOptions,
): Promise<Node> {
  const name: string = table.name.name.toLowerCase();
  if (!table.schema && ctes.has(name)) return { table };
  const alias: string = table.alias?.name ?? name;
  const relation = await options.relation({
    catalog: table.catalog?.name.toLowerCase() ?? null,
    database: table.schema?.name.toLowerCase() ?? null,
    name,
    alias: alias.toLowerCase(),
    place: (table.catalog ?? table.schema ?? table.name).place ?? "line 1:1",
    conditions: where,
  });
  return {
    table: {
      ...table,
      catalog: null,
      schema: null,
      name: { ...table.name, name: relation, quoted: true },
      alias: table.alias ?? { name: alias, quoted: true, trailing_comments: [], span: null },
    },
  };
}

/**
 * DuckDB's UNNEST takes one list; Trino's takes several side by side, and maps as two columns. A lateral SELECT with as
 * many unnests does both.
 */
function multipleUnnest(alias: Node): Node | null {
  const { this: unnest, column_aliases: names } = alias;
  const values: Node[] = [unnest.unnest.this, ...(unnest.unnest.expressions ?? [])];
  const ordinality: boolean = unnest.unnest.with_ordinality;
  const wanted = names.length - (ordinality ? 1 : 0);
  if (values.length === 1 && wanted <= 1) return null;
  const isMap = values.length === 1 && wanted === 2;
  if (!isMap && wanted !== values.length) {
    throw new QueryError("NOT_SUPPORTED", "The embedded Athena needs a column name for each array in UNNEST");
  }
  const lists = isMap ? [call("map_keys", values[0]), call("map_values", values[0])] : values;
  const columns = lists.map((list) => call("unnest", list));
  if (ordinality) {
    const longest = lists.map((_, index) => `len(_${index})`).join(", ");
    columns.push(call("unnest", template(`generate_series(1, greatest(${longest}))`, ...lists)));
  }
  const select = template("(SELECT 1)").subquery.this.select;
  const expressions = columns.map((column, index) => ({
    alias: { this: column, alias: names[index], column_aliases: [], pre_alias_comments: [], trailing_comments: [] },
  }));
  return {
    subquery: {
      ...template("(SELECT 1)").subquery,
      this: { select: { ...select, expressions } },
      alias: alias.alias,
      lateral: true,
    },
  };
}
