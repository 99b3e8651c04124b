/** JSONPath states: InputPath, Parameters, ResultSelector, ResultPath, OutputPath, `...Path` fields and templates. */

import { isObject, type Json, type JsonObject, toText } from "../../values/json.ts";
import { DefinitionError, RuntimeError, StatesError, stateProblem } from "../../values/states-error.ts";
import type { Completion, DataScope, ScalarField, StateData } from "../state-data.ts";
import { compileRule, type Predicate } from "./choice-rule.ts";
import {
  applyIntrinsic,
  type IntrinsicCall,
  IntrinsicFailure,
  IntrinsicSyntaxError,
  parseIntrinsic,
} from "./intrinsics.ts";
import { type Path, PathNotFound, PathSyntaxError, parsePath, readPath, writePath } from "./path.ts";

/** Evaluates against `root`, which is what `$` names. */
type Compiled = (scope: DataScope, root: Json) => Json;

const ROOT = parsePath("$");

function readFrom(scope: DataScope, path: Path, root: Json): Json {
  if (path.source === "input") return readPath(path, root);
  if (path.source === "context") return readPath(path, scope.context);
  if (!(path.variable! in scope.variables)) throw new PathNotFound(`The variable '$${path.variable}' is not defined`);
  return readPath(path, scope.variables[path.variable!]!);
}

function schemaError(message: string, location: string): DefinitionError {
  return new DefinitionError([{ severity: "ERROR", code: "SCHEMA_VALIDATION_FAILED", message, location }]);
}

function compilePath(text: Json | undefined, location: string): Path {
  try {
    return parsePath(String(text));
  } catch (error) {
    if (error instanceof PathSyntaxError) throw schemaError("Value is not a valid JSONPath", location);
    throw error;
  }
}

/** Reads a path or calls an intrinsic function: the value of a template's `name.$`. */
function compileSelector(source: Json, field: string, location: string): Compiled {
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
function compileTemplate(value: Json, location: string): Compiled {
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
function selectWhole(path: Path, scope: DataScope, root: Json): Json {
  try {
    return readFrom(scope, path, root);
  } catch (error) {
    if (!(error instanceof PathNotFound)) throw error;
    throw new RuntimeError(scope, `Invalid path '${path.text}' : ${error.message}`);
  }
}

interface Catcher {
  resultPath: Path | null;
  assign: Compiled | undefined;
  output: Compiled | undefined;
}

const TEMPLATES = [
  "Parameters",
  "ItemSelector",
  "ResultSelector",
  "Assign",
  "Credentials",
  "ItemReader/Parameters",
  "ItemBatcher/BatchInput",
  "ResultWriter/Parameters",
];
const NESTED_PATHS = [
  "ItemReader/ReaderConfig/MaxItemsPath",
  "ItemBatcher/MaxItemsPerBatchPath",
  "ItemBatcher/MaxInputBytesPerBatchPath",
];

/** The data side of one JSONPath state. */
export class JsonPathData implements StateData {
  readonly language = "JSONPath";
  readonly #raw: JsonObject;
  readonly #inputPath: Path | null;
  readonly #outputPath: Path | null;
  readonly #resultPath: Path | null;
  readonly #templates = new Map<string, Compiled>();
  readonly #paths = new Map<string, Path>();
  readonly #selectors = new Map<string, Compiled>();
  readonly #catchers: Catcher[];
  readonly #choices: { predicate: Predicate; assign: Compiled | undefined }[];

  /** @param location - JSON pointer to the state. */
  constructor(raw: JsonObject, location: string) {
    this.#raw = raw;
    const path = (name: string): Path | null =>
      raw[name] === null ? null : raw[name] === undefined ? ROOT : compilePath(raw[name], `${location}/${name}`);
    this.#inputPath = path("InputPath");
    this.#outputPath = path("OutputPath");
    this.#resultPath = path("ResultPath");
    for (const name of TEMPLATES) {
      const value = this.#value(name);
      if (value !== undefined) this.#templates.set(name, compileTemplate(value, `${location}/${name}`));
    }
    for (const name of NESTED_PATHS) {
      const value = this.#value(name);
      if (value !== undefined) this.#paths.set(name, compilePath(value, `${location}/${name}`));
    }
    const list = (value: Json | undefined) => (Array.isArray(value) ? value.filter(isObject) : []);
    this.#catchers = list(raw["Catch"]).map((catcher, i) => ({
      resultPath:
        catcher["ResultPath"] === null
          ? null
          : catcher["ResultPath"] === undefined
            ? ROOT
            : compilePath(catcher["ResultPath"], `${location}/Catch/${i}/ResultPath`),
      assign: optional(catcher["Assign"], `${location}/Catch/${i}/Assign`),
      output: optional(catcher["Output"], `${location}/Catch/${i}/Output`),
    }));
    this.#choices = list(raw["Choices"]).map((rule, i) => ({
      predicate: compileRule(rule, (scope, p) => readFrom(scope, p, this.selectInput(scope))),
      assign: optional(rule["Assign"], `${location}/Choices/${i}/Assign`),
    }));
    // Every other path of the state is read now, so that a broken one is a definition error and no surprise later.
    for (const [name, value] of Object.entries(raw)) {
      if (!name.endsWith("Path") || ["InputPath", "OutputPath", "ResultPath"].includes(name)) continue;
      if (typeof value === "string" && value.startsWith("States.")) {
        this.#selectors.set(name, compileSelector(value, name, `${location}/${name}`));
      } else {
        this.#paths.set(name, compilePath(value, `${location}/${name}`));
      }
    }
  }

  has(field: string): boolean {
    return this.#value(field) !== undefined || this.#value(`${field}Path`) !== undefined;
  }

  #value(field: string): Json | undefined {
    let value: Json | undefined = this.#raw;
    for (const part of field.split("/")) value = isObject(value) ? value[part] : undefined;
    return value;
  }

  selectInput(scope: DataScope): Json {
    const selected = this.#inputPath === null ? {} : selectWhole(this.#inputPath, scope, scope.input);
    scope.trace?.("afterInputPath", selected);
    return selected;
  }

  async arguments(scope: DataScope): Promise<Json> {
    const selected = this.selectInput(scope);
    const parameters = this.#templates.get("Parameters");
    const result = parameters ? parameters(scope, selected) : selected;
    scope.trace?.("afterParameters", result);
    return result;
  }

  async scalar(scope: DataScope, { name }: ScalarField): Promise<Json | undefined> {
    const pathName = `${name}Path`;
    const path = this.#paths.get(pathName);
    if (path) {
      const root = this.selectInput(scope);
      try {
        return readFrom(scope, path, root);
      } catch (error) {
        if (!(error instanceof PathNotFound)) throw error;
        throw new RuntimeError(scope, missingValue(pathName, path, error, root));
      }
    }
    const selector = this.#selectors.get(pathName);
    if (selector) return selector(scope, this.selectInput(scope));
    return this.#value(name);
  }

  async template(scope: DataScope, field: string): Promise<Json | undefined> {
    return this.#templates.get(field)?.(scope, this.selectInput(scope));
  }

  async items(scope: DataScope): Promise<Json[]> {
    const selected = this.selectInput(scope);
    const path = this.#paths.get("ItemsPath");
    const items = path ? selectWhole(path, scope, selected) : selected;
    if (!Array.isArray(items)) {
      throw new RuntimeError(scope, `Reference path "${path?.text ?? "$"}" must point to array.`);
    }
    if (path) scope.trace?.("afterItemsPath", items);
    return items;
  }

  async complete(scope: DataScope, result: Json): Promise<Completion> {
    const assign = this.#templates.get("Assign");
    const assigned = assign ? (assign(scope, result) as JsonObject) : undefined;
    const selector = this.#templates.get("ResultSelector");
    const selected = selector ? selector(scope, result) : result;
    scope.trace?.("afterResultSelector", selected);
    const merged = this.#place(scope, this.#resultPath, selected);
    scope.trace?.("afterResultPath", merged);
    return { output: this.#outputPath === null ? {} : selectWhole(this.#outputPath, scope, merged), assigned };
  }

  async caught(scope: DataScope, index: number, errorOutput: JsonObject): Promise<Completion> {
    const catcher = this.#catchers[index]!;
    return {
      output: catcher.output ? catcher.output(scope, errorOutput) : this.#place(scope, catcher.resultPath, errorOutput),
      assigned: catcher.assign ? (catcher.assign(scope, errorOutput) as JsonObject) : undefined,
    };
  }

  async choose(scope: DataScope): Promise<{ index: number; completion: Completion }> {
    const selected = this.selectInput(scope);
    const index = this.#choices.findIndex((choice) => choice.predicate(scope));
    const assign = index < 0 ? this.#templates.get("Assign") : this.#choices[index]!.assign;
    const output = this.#outputPath === null ? {} : selectWhole(this.#outputPath, scope, selected);
    return { index, completion: { output, assigned: assign ? (assign(scope, selected) as JsonObject) : undefined } };
  }

  /** Puts a result where `ResultPath` says, beside the state's own input. */
  #place(scope: DataScope, resultPath: Path | null, result: Json): Json {
    if (resultPath === null) return scope.input;
    try {
      return writePath(resultPath, scope.input, result);
    } catch (error) {
      if (!(error instanceof PathNotFound)) throw error;
      throw new StatesError(
        "States.ResultPathMatchFailure",
        stateProblem(scope, `Unable to apply step "${error.message}" to input ${toText(scope.input)}`),
      );
    }
  }
}

function optional(value: Json | undefined, location: string): Compiled | undefined {
  return value === undefined ? undefined : compileTemplate(value, location);
}

/** AWS has a sentence of its own for nearly every `...Path` field. */
function missingValue(field: string, path: Path, error: PathNotFound, root: Json): string {
  switch (field) {
    case "ErrorPath":
    case "CausePath":
      return `The JSONPath '${path.text}' specified for the field '${field}' could not be found in the input '${toText(root)}'`;
    case "SecondsPath":
    case "TimestampPath":
      return `The ${field} parameter does not reference an input value: ${path.text}`;
    default:
      return `Invalid path '${path.text}' : ${error.message}`;
  }
}
