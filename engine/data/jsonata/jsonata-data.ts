/** JSONata states: every field may be, or hold, `{% expression %}`. */
import { isObject, type Json, type JsonObject, jsonTypeName, toText } from "../../values/json.ts";
import { QueryEvaluationError } from "../../values/states-error.ts";
import { fieldAt } from "../field-at.ts";
import type { Completion, DataScope, ScalarField, StateData } from "../state-data.ts";
import { type Compiled, expressionText, isExpression } from "./expression.ts";
import { compileTemplate } from "./template.ts";

/** Fields that hold states, rules or names, and therefore have no expressions of their own. */
const STRUCTURE = new Set([
  "Branches",
  "Catch",
  "Choices",
  "Comment",
  "ItemProcessor",
  "Iterator",
  "QueryLanguage",
  "Retry",
]);
/** Fields whose parts are evaluated one by one. */
const PARTS: Record<string, string[]> = {
  ItemReader: ["Arguments", "ReaderConfig/MaxItems"],
  ItemBatcher: ["MaxItemsPerBatch", "MaxInputBytesPerBatch", "BatchInput"],
  ResultWriter: ["Arguments"],
};

function expressionFields(raw: JsonObject): string[] {
  return Object.keys(raw)
    .filter((name) => !STRUCTURE.has(name))
    .flatMap((name) => PARTS[name]?.map((part) => `${name}/${part}`) ?? [name]);
}

/** Whether a value has the type that a field demands. */
function matchesType(value: Json, type: ScalarField["type"]): boolean {
  switch (type) {
    case "any":
      return true;
    case "integer":
      return typeof value === "number" && Number.isInteger(value);
    case "number":
      return typeof value === "number";
    case "string":
    case "timestamp":
      return typeof value === "string";
  }
}

interface ShapedOutcome {
  output: Compiled | undefined;
  assign: Compiled | undefined;
  assignNames: string[];
}

/** The data side of one JSONata state. */
export class JsonataData implements StateData {
  readonly language = "JSONata";
  readonly #raw: JsonObject;
  readonly #location: string;
  readonly #fields = new Map<string, Compiled>();
  readonly #own: ShapedOutcome;
  readonly #catchers: ShapedOutcome[];
  readonly #choices: { condition: Compiled; source: Json; outcome: ShapedOutcome }[];

  /** @param location - JSON pointer to the state. */
  constructor(raw: JsonObject, location: string) {
    this.#raw = raw;
    this.#location = location;
    this.#own = this.#outcome(raw, "", "");
    const list = (value: Json | undefined) => (Array.isArray(value) ? value.filter(isObject) : []);
    this.#catchers = list(raw["Catch"]).map((catcher, i) => this.#outcome(catcher, `Catch[${i}]/`, `Catch/${i}/`));
    this.#choices = list(raw["Choices"]).map((rule, i) => ({
      condition: compileTemplate(
        rule["Condition"] ?? null,
        `Choices[${i}]/Condition`,
        `${location}/Choices/${i}/Condition`,
      ),
      source: rule["Condition"] ?? null,
      outcome: this.#outcome(rule, `Choices[${i}]/`, `Choices/${i}/`),
    }));
    // All expressions are read now, so that a broken one is a definition error and not a failure later.
    for (const field of expressionFields(raw)) this.#compiled(field);
  }

  #outcome(raw: JsonObject, fieldPrefix: string, pointerPrefix: string): ShapedOutcome {
    const compile = (name: string) =>
      raw[name] === undefined
        ? undefined
        : compileTemplate(raw[name], `${fieldPrefix}${name}`, `${this.#location}/${pointerPrefix}${name}`);
    return {
      output: compile("Output"),
      assign: compile("Assign"),
      assignNames: isObject(raw["Assign"]) ? Object.keys(raw["Assign"]) : [],
    };
  }

  /** The compiled field at a path such as `ItemReader/Arguments`; undefined when the state has no such field. */
  #compiled(field: string): Compiled | undefined {
    let compiled = this.#fields.get(field);
    if (!compiled) {
      const value = fieldAt(this.#raw, field);
      if (value === undefined) return undefined;
      compiled = compileTemplate(value, field, `${this.#location}/${field}`);
      this.#fields.set(field, compiled);
    }
    return compiled;
  }

  has(field: string): boolean {
    return fieldAt(this.#raw, field) !== undefined;
  }

  #states(scope: DataScope, more?: JsonObject): JsonObject {
    return { input: scope.input, context: scope.context, ...more };
  }

  selectInput(scope: DataScope): Json {
    return scope.input;
  }

  async arguments(scope: DataScope): Promise<Json> {
    const compiled = this.#compiled("Arguments");
    if (!compiled) return scope.input;
    const value = await compiled(scope, this.#states(scope));
    scope.trace?.("afterArguments", value);
    return value;
  }

  async scalar(scope: DataScope, field: ScalarField): Promise<Json | undefined> {
    const compiled = this.#compiled(field.name);
    if (!compiled) return undefined;
    const value = await compiled(scope, this.#states(scope));
    const source = fieldAt(this.#raw, field.name);
    if (typeof source === "string" && isExpression(source) && !matchesType(value, field.type)) {
      const expected = field.type === "timestamp" ? "string" : field.type;
      throw unexpectedType(scope, source, field.name, expected, value);
    }
    return value;
  }

  async template(scope: DataScope, field: string): Promise<Json | undefined> {
    return this.#compiled(field)?.(scope, this.#states(scope));
  }

  async items(scope: DataScope): Promise<Json[]> {
    const compiled = this.#compiled("Items");
    if (!compiled) {
      if (!Array.isArray(scope.input)) {
        throw new QueryEvaluationError(scope, `Map state input must be an array but was: ${toText(scope.input)}`);
      }
      return scope.input;
    }
    const value = await compiled(scope, this.#states(scope));
    if (!Array.isArray(value))
      throw unexpectedType(scope, String(fieldAt(this.#raw, "Items")), "Items", "array", value);
    return value;
  }

  async complete(scope: DataScope, result: Json): Promise<Completion> {
    return this.#shape(scope, this.#own, this.#states(scope, { result }), result);
  }

  async caught(scope: DataScope, index: number, errorOutput: JsonObject): Promise<Completion> {
    return this.#shape(scope, this.#catchers[index]!, this.#states(scope, { errorOutput }), errorOutput);
  }

  async choose(scope: DataScope): Promise<{ index: number; completion: Completion }> {
    const states = this.#states(scope);
    for (let i = 0; i < this.#choices.length; i++) {
      const { condition, source, outcome } = this.#choices[i]!;
      const value = await condition(scope, states);
      if (typeof value !== "boolean") {
        throw unexpectedType(scope, String(source), `Choices[${i}]/Condition`, "boolean", value);
      }
      if (value) return { index: i, completion: await this.#shape(scope, outcome, states, scope.input) };
    }
    return { index: -1, completion: await this.#shape(scope, this.#own, states, scope.input) };
  }

  /** Assignments and output see the same variables: neither sees the results of the other. */
  async #shape(scope: DataScope, shape: ShapedOutcome, states: JsonObject, otherwise: Json): Promise<Completion> {
    const assigned = shape.assign ? ((await shape.assign(scope, states)) as JsonObject) : undefined;
    const output = shape.output ? await shape.output(scope, states) : otherwise;
    return { output, assigned };
  }
}

function unexpectedType(
  scope: DataScope,
  source: string,
  field: string,
  expected: string,
  value: Json,
): QueryEvaluationError {
  const what = isExpression(source) ? `The JSONata expression '${expressionText(source)}'` : `The value`;
  return new QueryEvaluationError(
    scope,
    `${what} specified for the field '${field}' returned an unexpected result type. Expected '${expected}', but was '${jsonTypeName(value)}' for value: ${toText(value)}`,
    field,
  );
}
