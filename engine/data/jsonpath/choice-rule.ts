/** The comparison rules of JSONPath Choice states, compiled to predicates. */
import { isObject, type Json, type JsonObject } from "../../values/json.ts";
import { RuntimeError } from "../../values/states-error.ts";
import type { DataScope } from "../state-data.ts";
import { parseTimestamp } from "../timestamp.ts";
import { parsePath } from "./parse-path.ts";
import { type Path, PathNotFound } from "./path.ts";

/** Reads a path of the state's data; throws `PathNotFound`. */
type PathReader = (scope: DataScope, path: Path) => Json;
export type Predicate = (scope: DataScope) => boolean;

/** Comparisons of two values of one kind. A value of another kind does not match. */
const comparisons: Record<string, (value: Json, operand: Json) => boolean> = {};
const orders: Record<string, (order: number) => boolean> = {
  Equals: (order) => order === 0,
  LessThan: (order) => order < 0,
  LessThanEquals: (order) => order <= 0,
  GreaterThan: (order) => order > 0,
  GreaterThanEquals: (order) => order >= 0,
};
const kinds: Record<string, (value: Json, operand: Json) => number> = {
  String: (a, b) => (typeof a === "string" && typeof b === "string" ? (a < b ? -1 : a > b ? 1 : 0) : Number.NaN),
  Numeric: (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : Number.NaN),
  Timestamp: (a, b) => {
    const left = typeof a === "string" ? parseTimestamp(a) : undefined;
    const right = typeof b === "string" ? parseTimestamp(b) : undefined;
    return left === undefined || right === undefined ? Number.NaN : left - right;
  },
};
for (const [kind, compare] of Object.entries(kinds)) {
  for (const [order, test] of Object.entries(orders)) {
    comparisons[`${kind}${order}`] = (value, operand) => test(compare(value, operand));
  }
}
comparisons["BooleanEquals"] = (value, operand) => typeof value === "boolean" && value === operand;
comparisons["StringMatches"] = (value, operand) =>
  typeof value === "string" && typeof operand === "string" && wildcard(operand).test(value);

/** Tests of a value's type. `IsPresent` is not among them, because its path may lead nowhere. */
const typeTests: Record<string, (value: Json) => boolean> = {
  IsNull: (value) => value === null,
  IsNumeric: (value) => typeof value === "number",
  IsString: (value) => typeof value === "string",
  IsBoolean: (value) => typeof value === "boolean",
  IsTimestamp: (value) => typeof value === "string" && parseTimestamp(value) !== undefined,
};

/** `*` stands for any text; the character behind a backslash stands for itself. */
function wildcard(pattern: string): RegExp {
  let source = "";
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    if (char === "*") source += "[\\s\\S]*";
    else
      source += (char === "\\" && i + 1 < pattern.length ? pattern[++i]! : char).replace(
        /[\\^$.*+?()[\]{}|/]/g,
        "\\$&",
      );
  }
  return new RegExp(`^${source}$`);
}

/** @throws {PathSyntaxError} */
export function compileRule(rule: JsonObject, read: PathReader): Predicate {
  for (const [name, combine] of [
    ["And", (terms: Predicate[], scope: DataScope) => terms.every((term) => term(scope))],
    ["Or", (terms: Predicate[], scope: DataScope) => terms.some((term) => term(scope))],
  ] as const) {
    const parts = rule[name];
    if (Array.isArray(parts)) {
      const terms = parts.filter(isObject).map((part) => compileRule(part, read));
      return (scope) => combine(terms, scope);
    }
  }
  if (isObject(rule["Not"])) {
    const term = compileRule(rule["Not"], read);
    return (scope) => !term(scope);
  }

  const path = parsePath(String(rule["Variable"]));
  const value = (scope: DataScope): Json => valueAt(scope, path, read);
  for (const [name, operand] of Object.entries(rule)) {
    if (name === "IsPresent") return (scope) => isPresent(scope, path, read) === operand;
    if (Object.hasOwn(typeTests, name)) return (scope) => typeTests[name]!(value(scope)) === operand;
    if (Object.hasOwn(comparisons, name)) return (scope) => comparisons[name]!(value(scope), operand);
    if (name.endsWith("Path") && Object.hasOwn(comparisons, name.slice(0, -4))) {
      const operandPath = parsePath(String(operand));
      const compare = comparisons[name.slice(0, -4)]!;
      return (scope) => compare(value(scope), valueAt(scope, operandPath, read));
    }
  }
  return () => false;
}

function isPresent(scope: DataScope, path: Path, read: PathReader): boolean {
  try {
    const found = read(scope, path);
    return path.definite || (found as Json[]).length > 0;
  } catch (error) {
    if (error instanceof PathNotFound) return false;
    throw error;
  }
}

function valueAt(scope: DataScope, path: Path, read: PathReader): Json {
  try {
    return read(scope, path);
  } catch (error) {
    if (!(error instanceof PathNotFound)) throw error;
    throw new RuntimeError(
      scope,
      `Invalid path '${path.text}': The choice state's condition path references an invalid value.`,
    );
  }
}
