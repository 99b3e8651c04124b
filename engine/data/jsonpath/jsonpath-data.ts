/** JSONPath states: InputPath, Parameters, ResultSelector, ResultPath, OutputPath, `...Path` fields and templates. */
import { isObject, type Json, type JsonObject, toText } from "../../values/json.ts";
import { RuntimeError, StatesError, stateProblem } from "../../values/states-error.ts";
import { fieldAt } from "../field-at.ts";
import type { Completion, DataScope, ScalarField, StateData } from "../state-data.ts";
import { compileRule, type Predicate } from "./choice-rule.ts";
import { parsePath } from "./parse-path.ts";
import { type Path, PathNotFound } from "./path.ts";
import { type Compiled, compilePath, compileSelector, compileTemplate, readFrom, selectWhole } from "./template.ts";
import { writePath } from "./write-path.ts";

const ROOT = parsePath("$");

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
      const value = fieldAt(this.#raw, name);
      if (value !== undefined) this.#templates.set(name, compileTemplate(value, `${location}/${name}`));
    }
    for (const name of NESTED_PATHS) {
      const value = fieldAt(this.#raw, name);
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
    // Every other path of the state is read now, so that a broken one is a definition error and not a failure later.
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
    return fieldAt(this.#raw, field) !== undefined || fieldAt(this.#raw, `${field}Path`) !== undefined;
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
    return fieldAt(this.#raw, name);
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
