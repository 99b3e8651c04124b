/** Findings about a definition, in the shapes and words of ValidateStateMachineDefinition. */
import type { Diagnostic } from "../values/definition-error.ts";
import type { JsonObject } from "../values/json.ts";

export function error(code: string, message: string, location?: string): Diagnostic {
  return { severity: "ERROR", code, message, ...(location === undefined ? {} : { location }) };
}

/** The finding for everything that has no code of its own. */
export function schemaError(message: string, location?: string): Diagnostic {
  return error("SCHEMA_VALIDATION_FAILED", message, location);
}

export function required(raw: JsonObject, names: readonly string[], location: string, found: Diagnostic[]): void {
  const missing = names.filter((name) => raw[name] === undefined);
  if (missing.length === 0) return;
  found.push(schemaError(`These fields are required: [${missing.join(", ")}]`, location));
}
