/** One JSONata expression: compiles it, and evaluates it within limits of time and depth. */
import jsonata from "jsonata";
import { DefinitionError } from "../../values/definition-error.ts";
import type { Json, JsonObject } from "../../values/json.ts";
import { QueryEvaluationError } from "../../values/states-error.ts";
import type { DataScope } from "../state-data.ts";
import { awsFunctions } from "./functions.ts";

/** Longest time for one expression. Nothing else in the process runs meanwhile. */
const EXPRESSION_LIMIT_MS = 2_000;
/** Deepest nesting of calls; a runaway recursion ends here instead of eating the memory. */
const EXPRESSION_DEPTH = 10_000;

type Bindings = Record<string, unknown>;
/**
 * Evaluates an expression, or a template of them.
 * @param states - What `$states` names.
 * @throws {QueryEvaluationError} It failed, or it found nothing.
 */
export type Compiled = (scope: DataScope, states: JsonObject) => Promise<Json>;

const ENTRY = Symbol.for("jsonata.__evaluate_entry");
const EXIT = Symbol.for("jsonata.__evaluate_exit");

interface EvaluationGuard {
  deadline: number;
  depth: number;
  calls: number;
}

/** Whether the text is an expression: `{%` at the very start and `%}` at the very end. */
export function isExpression(text: string): boolean {
  return text.startsWith("{%") && text.endsWith("%}") && text.length >= 4;
}

/** The expression between the marks, as AWS quotes it in its errors. */
export function expressionText(text: string): string {
  return text.slice(2, -2).trim();
}

/**
 * Compiles one expression.
 * @param location - JSON pointer for the definition error.
 * @throws {DefinitionError} The expression is not JSONata.
 */
export function compileExpression(source: string, field: string, location: string): Compiled {
  const text = expressionText(source);
  let expression: jsonata.Expression;
  try {
    expression = jsonata(text);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    throw new DefinitionError([
      {
        severity: "ERROR",
        code: "SCHEMA_VALIDATION_FAILED",
        message: `Failed to parse the JSONata expression '${text}'. ${code ?? ""}: ${message}`,
        location,
      },
    ]);
  }
  const assign = expression.assign as unknown as (name: symbol, value: unknown) => void;
  const guardOf = (environment: jsonata.Environment) => environment.lookup("__guard") as EvaluationGuard;
  assign(ENTRY, (_ast: unknown, _input: unknown, environment: jsonata.Environment) => {
    const guard = guardOf(environment);
    if (++guard.depth > EXPRESSION_DEPTH)
      throw {
        code: "U1001",
        message:
          "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive.",
      };
    if ((++guard.calls & 0xff) === 0 && performance.now() > guard.deadline) {
      throw { code: "U1001", message: "Expression evaluation timeout: Check for infinite loop" };
    }
  });
  assign(EXIT, (_ast: unknown, _input: unknown, environment: jsonata.Environment) => {
    guardOf(environment).depth--;
  });

  return async (scope, states) => {
    const guard: EvaluationGuard = { deadline: performance.now() + EXPRESSION_LIMIT_MS, depth: 0, calls: 0 };
    const bindings: Bindings = { ...awsFunctions(scope), __guard: guard };
    for (const name in scope.variables) bindings[name] = scope.variables[name];
    bindings["states"] = states;
    let value: unknown;
    try {
      value = await expression.evaluate(undefined, bindings);
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      throw new QueryEvaluationError(
        scope,
        `The JSONata expression '${text}' specified for the field '${field}' threw an error during evaluation. ${code === undefined ? "" : `${code}: `}${message}`,
        field,
      );
    }
    const json = plain(value);
    if (json === undefined) {
      throw new QueryEvaluationError(
        scope,
        `The JSONata expression '${text}' specified for the field '${field}' returned nothing (undefined).`,
        field,
      );
    }
    return json;
  };
}

/**
 * A copy as plain JSON: JSONata's sequences carry flags that would change the meaning of later expressions, and
 * functions are not data.
 */
function plain(value: unknown): Json | undefined {
  if (value === undefined || typeof value === "function") return undefined;
  if (value === null || typeof value === "string" || typeof value === "boolean") return value as Json;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map((item) => plain(item) ?? null);
  const object = value as Record<string, unknown>;
  if (object["_jsonata_lambda"] === true || object["_jsonata_function"] === true) return undefined;
  const copy: JsonObject = {};
  for (const key of Object.keys(object)) {
    const item = plain(object[key]);
    if (item !== undefined) copy[key] = item;
  }
  return copy;
}
