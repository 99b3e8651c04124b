/** Compiles the fields of JSONPath states: paths, templates with `.$` names, and calls of intrinsic functions. */

import { DefinitionError } from "../../values/definition-error.ts";
import { isObject, type Json, type JsonObject, toText } from "../../values/json.ts";
import { RuntimeError, StatesError, stateProblem } from "../../values/states-error.ts";
import type { DataScope } from "../state-data.ts";
import { type IntrinsicCall, IntrinsicSyntaxError, parseIntrinsic } from "./intrinsic-call.ts";
import { applyIntrinsic, IntrinsicFailure } from "./intrinsic-functions.ts";
import { parsePath } from "./parse-path.ts";
import { type Path, PathNotFound, PathSyntaxError } from "./path.ts";
import { readPath } from "./read-path.ts";

/** Evaluates against `root`, which is what `$` names. */
export type Compiled = (scope: DataScope, root: Json) => Json;

export function readFrom(scope: DataScope, path: Path, root: Json): Json {
  if (path.source === "input") return readPath(path, root);
  if (path.source === "context") return readPath(path, scope.context);
  if (!(path.variable! in scope.variables)) throw new PathNotFound(`The variable '$${path.variable}' is not defined`);
  return readPath(path, scope.variables[path.variable!]!);
}

function schemaError(message: string, location: string): DefinitionError {
  return new DefinitionError([{ severity: "ERROR", code: "SCHEMA_VALIDATION_FAILED", message, location }]);
}

export function compilePath(text: Json | undefined, location: string): Path {
  try {
    return parsePath(String(text));
  } catch (error) {
    if (error instanceof PathSyntaxError) throw schemaError("Value is not a valid JSONPath", location);
    throw error;
  }
}

/** Reads a path or calls an intrinsic function: the value of a template's `name.$`. */
export function compileSelector(source: Json, field: string, location: string): Compiled {
  const invalid = () =>
    schemaError(
      `The value for the field '${field}' must be a valid JSONPath or a valid intrinsic function call`,
      location,
    );
  if (typeof source !== "string") throw schemaError(`The value for the field '${field}' must be a STRING`, location);
  try {
    if (source.startsWith("$")) return selectPath(parsePath(source), field);
    const call = parseIntrinsic(source.trim());
    return (scope, root) => callIntrinsic(call, scope, root, source, field);
  } catch (error) {
    if (error instanceof PathSyntaxError || error instanceof IntrinsicSyntaxError) throw invalid();
    throw error;
  }
}

function selectPath(path: Path, field: string): Compiled {
  return (scope, root) => {
    try {
      return readFrom(scope, path, root);
    } catch (error) {
      if (!(error instanceof PathNotFound)) throw error;
      // AWS prints the state's input here even where the path reads the context object.
      const input = path.source === "context" ? scope.context : root;
      throw new RuntimeError(
        scope,
        `The JSONPath '${path.text}' specified for the field '${field}' could not be found in the input '${toText(input)}'`,
      );
    }
  };
}

function callIntrinsic(call: IntrinsicCall, scope: DataScope, root: Json, source: string, field: string): Json {
  const args = call.arguments.map((argument) => {
    if ("literal" in argument) return argument.literal;
    if ("call" in argument) return callIntrinsic(argument.call, scope, root, source, field);
    return selectPath(argument.path, field)(scope, root);
  });
  try {
    return applyIntrinsic(call.name, args, scope.chance);
  } catch (error) {
    if (!(error instanceof IntrinsicFailure)) throw error;
    throw new StatesError(
      "States.IntrinsicFailure",
      stateProblem(scope, `The function '${source}' had the following error: ${error.message}`),
    );
  }
}

/** Templates give their literal fields first and the computed ones after them, as AWS does. */
export function compileTemplate(value: Json, location: string): Compiled {
  if (Array.isArray(value)) {
    const items = value.map((item, i) => compileTemplate(item, `${location}/${i}`));
    return (scope, root) => items.map((item) => item(scope, root));
  }
  if (!isObject(value)) return () => value;
  const literal: [string, Compiled][] = [];
  const computed: [string, Compiled][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (key.endsWith(".$")) computed.push([key.slice(0, -2), compileSelector(item, key, location)]);
    else literal.push([key, compileTemplate(item, `${location}/${key}`)]);
  }
  const entries = [...literal, ...computed];
  return (scope, root) => {
    const result: JsonObject = {};
    for (const [key, item] of entries) result[key] = item(scope, root);
    return result;
  };
}

/** A path that a state applies to its data as a whole; failures quote Jayway. */
export function selectWhole(path: Path, scope: DataScope, root: Json): Json {
  try {
    return readFrom(scope, path, root);
  } catch (error) {
    if (!(error instanceof PathNotFound)) throw error;
    throw new RuntimeError(scope, `Invalid path '${path.text}' : ${error.message}`);
  }
}
