/** JSONata states: every field may be, or hold, `{% expression %}`. */
import jsonata from "jsonata";
import { isObject, type Json, type JsonObject, jsonTypeName, toText } from "../../values/json.ts";
import { DefinitionError, QueryEvaluationError } from "../../values/states-error.ts";
import { hash, isHashAlgorithm, javaRandom } from "../jsonpath/intrinsics.ts";
import type { Completion, DataScope, ScalarField, StateData } from "../state-data.ts";

/** How long one expression may run: nothing else in the process does meanwhile. */
const EXPRESSION_LIMIT_MS = 2_000;
/** Deepest nesting of calls; a runaway recursion ends here instead of eating the memory. */
const EXPRESSION_DEPTH = 10_000;
/** Most elements that `$range` and `$partition` make. */
const LONGEST_RANGE = 1_000_000;

type Bindings = Record<string, unknown>;
/** Gives the value, or undefined when the expression found nothing. */
type Compiled = (scope: DataScope, states: JsonObject) => Promise<Json>;

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

const formatMillis = jsonata("$fromMillis($ms, $picture, $timezone)");

/**
 * Compiles one expression.
 * @param location - JSON pointer for the definition error.
 * @throws {DefinitionError} The expression is not JSONata.
 */
function compileExpression(source: string, field: string, location: string): Compiled {
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
    const bindings: Bindings = { ...builtIns(scope), __guard: guard };
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

/** What AWS adds to JSONata, and what it takes away. */
function builtIns(scope: DataScope): Bindings {
  return {
    eval: undefined,
    millis: () => scope.nowMs,
    now: (picture?: string, timezone?: string) =>
      formatMillis.evaluate(undefined, { ms: scope.nowMs, picture, timezone }),
    uuid: () => scope.chance.uuid(),
    random: (seed?: number) => (typeof seed === "number" ? javaRandom(seed) : scope.chance.random()),
    parse: (text: unknown) => {
      if (text === undefined) return undefined;
      if (typeof text !== "string")
        throw { code: "T0410", message: 'Argument 1 of function "parse" does not match function signature' };
      return JSON.parse(text) as unknown;
    },
    hash: (data: unknown, algorithm: unknown = "SHA-1") => {
      if (data === undefined) return undefined;
      if (typeof algorithm !== "string" || !isHashAlgorithm(algorithm)) {
        throw { code: "T0410", message: 'Argument 2 of function "hash" does not match function signature' };
      }
      return hash(typeof data === "string" ? data : JSON.stringify(data), algorithm);
    },
    partition: (items: unknown, size: unknown) => {
      if (items === undefined) return undefined;
      const list = Array.isArray(items) ? items : [items];
      const length = typeof size === "number" ? Math.trunc(size) : Number.NaN;
      if (!(length >= 1))
        throw { code: "T0410", message: 'Argument 2 of function "partition" does not match function signature' };
      const parts: unknown[] = [];
      for (let i = 0; i < list.length; i += length) parts.push(list.slice(i, i + length));
      return parts;
    },
    range: (first: unknown, last: unknown, step: unknown) => {
      const numbers = [first, last, step];
      const wrong = numbers.findIndex((value) => typeof value !== "number");
      if (wrong >= 0 || step === 0) {
        throw {
          code: "T0410",
          message: `Argument ${wrong < 0 ? 3 : wrong + 1} of function "range" does not match function signature`,
        };
      }
      const [from, to, by] = numbers as [number, number, number];
      const range: number[] = [];
      for (let n = from; by > 0 ? n <= to : n >= to; n += by) {
        if (range.push(n) > LONGEST_RANGE)
          throw {
            code: "D2014",
            message: "The size of the sequence allocated by the range function must not exceed 1e6",
          };
      }
      return range;
    },
  };
}

/**
 * A copy as plain JSON: JSONata's sequences carry flags that would change the meaning of later expressions, and
 * functions are no data.
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

/** Compiles a field's whole value. What holds no expression is given back as it is. */
function compileTemplate(value: Json, field: string, location: string): Compiled {
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

/** Fields that hold states, rules or names, and so no expressions of their own. */
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

/** `JSONata` as AWS names the types of results. */
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
    // All at once, so that a broken expression is a definition error and no surprise at run time.
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
      const value = this.#value(field);
      if (value === undefined) return undefined;
      compiled = compileTemplate(value, field, `${this.#location}/${field}`);
      this.#fields.set(field, compiled);
    }
    return compiled;
  }

  #value(field: string): Json | undefined {
    let value: Json | undefined = this.#raw;
    for (const part of field.split("/")) value = isObject(value) ? value[part] : undefined;
    return value;
  }

  has(field: string): boolean {
    return this.#value(field) !== undefined;
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
    const source = this.#value(field.name);
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
    if (!Array.isArray(value)) throw unexpectedType(scope, String(this.#value("Items")), "Items", "array", value);
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

  /** Assignments and output see the same variables: neither sees what the other does. */
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
