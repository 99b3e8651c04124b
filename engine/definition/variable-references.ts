/** The variables that each state reads, as DescribeStateMachine lists them. */
import jsonata from "jsonata";
import { expressionText, isExpression } from "../data/jsonata/expression.ts";
import { isObject, type Json, type JsonObject } from "../values/json.ts";
import { nestedGroups } from "./nested-groups.ts";

/** Names that AWS gives to JSONata itself. They are not variables. */
const RESERVED = new Set(["states"]);

/**
 * @returns State name to sorted, distinct names, without the `$`; undefined when no state reads a variable. Nested states are listed
 *   by their own names.
 */
export function variableReferences(definition: JsonObject): Record<string, string[]> | undefined {
  const found: Record<string, string[]> = {};
  walkGroup(definition, definition["QueryLanguage"] === "JSONata", found);
  return Object.keys(found).length === 0 ? undefined : found;
}

const NESTED = new Set(["ItemProcessor", "Iterator", "Branches"]);

function walkGroup(group: JsonObject, jsonataDefault: boolean, found: Record<string, string[]>): void {
  for (const [name, state] of Object.entries(isObject(group["States"]) ? group["States"] : {})) {
    if (!isObject(state)) continue;
    const usesJsonata = state["QueryLanguage"] === undefined ? jsonataDefault : state["QueryLanguage"] === "JSONata";
    const names = new Set<string>();
    for (const [field, value] of Object.entries(state)) {
      if (NESTED.has(field) || field === "Comment" || field === "Result") continue;
      if (usesJsonata) collectJsonata(value, names);
      else collectJsonPath(value, field, names);
    }
    if (names.size > 0) found[name] = [...names].sort();
    for (const [nested] of nestedGroups(state, "")) walkGroup(nested, usesJsonata, found);
  }
}

/** Paths stand under names that end in `.$` or `Path`, and in a Choice's `Variable`. */
function collectJsonPath(value: Json, field: string, names: Set<string>): void {
  if (typeof value === "string") {
    if (!field.endsWith(".$") && !field.endsWith("Path") && field !== "Variable") return;
    const bare = value.replace(/'(?:[^'\\]|\\.)*'/g, "''");
    for (const match of bare.matchAll(/(?<![\w$])\$([\p{L}_][\p{L}\p{N}_]*)/gu)) names.add(match[1]!);
  } else if (Array.isArray(value)) {
    for (const item of value) collectJsonPath(item, field, names);
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) collectJsonPath(item, key, names);
  }
}

function collectJsonata(value: Json, names: Set<string>): void {
  if (typeof value === "string") {
    if (!isExpression(value)) return;
    for (const name of freeVariables(expressionText(value))) names.add(name);
  } else if (Array.isArray(value)) {
    for (const item of value) collectJsonata(item, names);
  } else if (isObject(value)) {
    for (const item of Object.values(value)) collectJsonata(item, names);
  }
}

interface Node {
  type?: string;
  value?: unknown;
  [key: string]: unknown;
}

/** Variables that an expression reads but does not define. Function names are not variables. */
function freeVariables(text: string): Set<string> {
  const free = new Set<string>();
  visit(jsonata(text).ast() as unknown as Node, new Set(), free);
  return free;
}

function visit(node: unknown, bound: Set<string>, free: Set<string>): void {
  if (Array.isArray(node)) {
    for (const item of node) visit(item, bound, free);
    return;
  }
  if (typeof node !== "object" || node === null) return;
  const { type, value } = node as Node;
  if (type === "variable" && typeof value === "string" && value !== "" && value !== "$") {
    if (!bound.has(value) && !RESERVED.has(value)) free.add(value);
    for (const [key, child] of Object.entries(node)) if (key !== "value") visit(child, bound, free);
    return;
  }
  if (type === "block") {
    // A variable that a block binds is known to the expressions that follow in it.
    const inner = new Set(bound);
    for (const expression of (node as Node)["expressions"] as unknown[]) visit(expression, inner, free);
    return;
  }
  if (type === "bind") {
    const { lhs, rhs } = node as { lhs: Node; rhs: unknown };
    visit(rhs, bound, free);
    if (typeof lhs.value === "string") bound.add(lhs.value);
    return;
  }
  if (type === "lambda") {
    const { arguments: parameters, body } = node as { arguments: Node[]; body: unknown };
    visit(body, new Set([...bound, ...parameters.map((parameter) => String(parameter.value))]), free);
    return;
  }
  if (type === "function" || type === "partial") {
    const { procedure, arguments: args } = node as { procedure: Node; arguments: unknown[] };
    const builtIn = procedure.type === "variable" && typeof procedure.value === "string" && !bound.has(procedure.value);
    if (!builtIn) visit(procedure, bound, free);
    visit(args, bound, free);
    return;
  }
  for (const [key, child] of Object.entries(node)) if (key !== "position") visit(child, bound, free);
}
