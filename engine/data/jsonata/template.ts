/** Compiles the value of a field: an expression, or a template with expressions in it. */
import { isObject, type Json, type JsonObject } from "../../values/json.ts";
import { type Compiled, compileExpression, isExpression } from "./expression.ts";

/** A value without expressions is given back as it is. */
export function compileTemplate(value: Json, field: string, location: string): Compiled {
  if (typeof value === "string" && isExpression(value)) return compileExpression(value, field, location);
  if (Array.isArray(value)) {
    const items = value.map((item, i) => compileTemplate(item, `${field}[${i}]`, `${location}/${i}`));
    return async (scope, states) => {
      const result: Json[] = [];
      for (const item of items) result.push(await item(scope, states));
      return result;
    };
  }
  if (isObject(value)) {
    const entries = Object.entries(value).map(
      ([key, item]) => [key, compileTemplate(item, `${field}/${key}`, `${location}/${key}`)] as const,
    );
    return async (scope, states) => {
      const result: JsonObject = {};
      for (const [key, item] of entries) result[key] = await item(scope, states);
      return result;
    };
  }
  return async () => value;
}
