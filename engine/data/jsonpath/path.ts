/**
 * JSONPath as Step Functions understands it: the Jayway dialect, with `$$` for the context object and `$name` for a
 * variable. A path is parsed once and evaluated many times.
 */
import { deepEqual, isObject, type Json } from "../../values/json.ts";

type Step =
  | { kind: "property"; names: string[] }
  | { kind: "index"; indexes: number[] }
  | { kind: "slice"; from: number | undefined; to: number | undefined; step: number }
  | { kind: "wildcard" }
  | { kind: "descend" }
  | { kind: "filter"; test: FilterNode }
  | { kind: "function"; name: string };

type FilterNode =
  | { kind: "or" | "and"; terms: FilterNode[] }
  | { kind: "not"; term: FilterNode }
  | { kind: "compare"; operator: string; left: Operand; right: Operand }
  | { kind: "exists"; operand: Operand };

type Operand = { literal: Json } | { path: Step[]; root: boolean } | { regex: RegExp };

export interface Path {
  /** As written. */
  text: string;
  source: "input" | "context" | "variable";
  /** Name of the variable, when the source is one. */
  variable?: string;
  steps: readonly Step[];
  /** Whether it can only name a single node. */
  definite: boolean;
}

/** A path that is not one. */
export class PathSyntaxError extends Error {
  override readonly name = "PathSyntaxError";
}

/** A definite path led nowhere. The message is Jayway's. */
export class PathNotFound extends Error {
  override readonly name = "PathNotFound";
}

const NAME_START = /[\p{L}_]/u;
const NAME_PART = /[\p{L}\p{N}_]/u;

/** @throws {PathSyntaxError} */
export function parsePath(text: string): Path {
  if (!text.startsWith("$")) throw new PathSyntaxError(`A path must begin with $: ${text}`);
  let at = 1;
  let source: Path["source"] = "input";
  let variable: string | undefined;
  if (text[at] === "$") {
    source = "context";
    at++;
  } else if (at < text.length && NAME_START.test(text[at]!)) {
    const start = at;
    while (at < text.length && NAME_PART.test(text[at]!)) at++;
    source = "variable";
    variable = text.slice(start, at);
  }
  const reader = new PathReader(text, at);
  const steps = reader.steps(true);
  const definite = steps.every(
    (step) =>
      (step.kind === "property" && step.names.length === 1) ||
      (step.kind === "index" && step.indexes.length === 1) ||
      step.kind === "function",
  );
  return { text, source, ...(variable === undefined ? {} : { variable }), steps, definite };
}

class PathReader {
  readonly text: string;
  at: number;

  constructor(text: string, at: number) {
    this.text = text;
    this.at = at;
  }

  fail(): never {
    throw new PathSyntaxError(`Cannot read the path "${this.text}" at character ${this.at}`);
  }

  /** @param whole - Whether the steps have to reach the end of the text. */
  steps(whole: boolean): Step[] {
    const steps: Step[] = [];
    while (this.at < this.text.length) {
      const char = this.text[this.at];
      if (char === ".") {
        this.at++;
        if (this.text[this.at] === ".") {
          this.at++;
          steps.push({ kind: "descend" });
          if (this.text[this.at] === "[") continue;
        }
        if (this.text[this.at] === "[") continue;
        steps.push(this.#dotted());
      } else if (char === "[") {
        steps.push(this.#bracketed());
      } else {
        if (whole) this.fail();
        break;
      }
    }
    if (steps.at(-1)?.kind === "descend") this.fail();
    return steps;
  }

  #dotted(): Step {
    if (this.text[this.at] === "*") {
      this.at++;
      return { kind: "wildcard" };
    }
    const start = this.at;
    while (this.at < this.text.length && !/[.[\]()\s,'"=<>!&|?*@]/.test(this.text[this.at]!)) this.at++;
    if (this.at === start) this.fail();
    const name = this.text.slice(start, this.at);
    if (this.text.startsWith("()", this.at)) {
      this.at += 2;
      return { kind: "function", name };
    }
    return { kind: "property", names: [name] };
  }

  #bracketed(): Step {
    this.at++;
    this.#space();
    const char = this.text[this.at];
    let step: Step;
    if (char === "*") {
      this.at++;
      step = { kind: "wildcard" };
    } else if (char === "?") {
      this.at++;
      this.#space();
      if (this.text[this.at] !== "(") this.fail();
      this.at++;
      const test = this.#or();
      this.#space();
      if (this.text[this.at] !== ")") this.fail();
      this.at++;
      step = { kind: "filter", test };
    } else if (char === "'" || char === '"') {
      const names = [this.#quoted()];
      this.#space();
      while (this.text[this.at] === ",") {
        this.at++;
        this.#space();
        names.push(this.#quoted());
        this.#space();
      }
      step = { kind: "property", names };
    } else {
      step = this.#indexes();
    }
    this.#space();
    if (this.text[this.at] !== "]") this.fail();
    this.at++;
    return step;
  }

  #indexes(): Step {
    const match = /^-?\d*(?:\s*[:,]\s*-?\d*)*/.exec(this.text.slice(this.at))![0];
    if (match === "" || match === "-") this.fail();
    this.at += match.length;
    if (match.includes(":")) {
      const parts = match.split(":").map((part) => part.trim());
      if (parts.length > 3 || match.includes(",")) this.fail();
      const number = (part: string | undefined) => (part === undefined || part === "" ? undefined : Number(part));
      return { kind: "slice", from: number(parts[0]), to: number(parts[1]), step: number(parts[2]) ?? 1 };
    }
    const indexes = match.split(",").map((part) => (part.trim() === "" ? this.fail() : Number(part)));
    return { kind: "index", indexes };
  }

  #quoted(): string {
    const quote = this.text[this.at];
    if (quote !== "'" && quote !== '"') this.fail();
    this.at++;
    let name = "";
    while (this.at < this.text.length && this.text[this.at] !== quote) {
      // A backslash only means something before the quote or another backslash; elsewhere it is part of the name.
      const escaped = this.text[this.at + 1];
      if (this.text[this.at] === "\\" && (escaped === quote || escaped === "\\")) this.at++;
      name += this.text[this.at++] ?? "";
    }
    if (this.text[this.at] !== quote) this.fail();
    this.at++;
    return name;
  }

  #space(): void {
    while (this.text[this.at] === " ") this.at++;
  }

  #or(): FilterNode {
    const terms = [this.#and()];
    for (this.#space(); this.text.startsWith("||", this.at); this.#space()) {
      this.at += 2;
      terms.push(this.#and());
    }
    return terms.length === 1 ? terms[0]! : { kind: "or", terms };
  }

  #and(): FilterNode {
    const terms = [this.#term()];
    for (this.#space(); this.text.startsWith("&&", this.at); this.#space()) {
      this.at += 2;
      terms.push(this.#term());
    }
    return terms.length === 1 ? terms[0]! : { kind: "and", terms };
  }

  #term(): FilterNode {
    this.#space();
    if (this.text[this.at] === "!" && this.text[this.at + 1] !== "=") {
      this.at++;
      return { kind: "not", term: this.#term() };
    }
    if (this.text[this.at] === "(") {
      this.at++;
      const node = this.#or();
      this.#space();
      if (this.text[this.at] !== ")") this.fail();
      this.at++;
      return node;
    }
    const left = this.#operand();
    this.#space();
    const operator = /^(==|!=|<=|>=|<|>|=~|in\b|nin\b|subsetof\b|contains\b|size\b|empty\b)/.exec(
      this.text.slice(this.at),
    )?.[0];
    if (!operator) return { kind: "exists", operand: left };
    this.at += operator.length;
    return { kind: "compare", operator, left, right: this.#operand() };
  }

  #operand(): Operand {
    this.#space();
    const char = this.text[this.at];
    if (char === "@" || char === "$") {
      this.at++;
      return { path: this.steps(false), root: char === "$" };
    }
    if (char === "'" || char === '"') return { literal: this.#quoted() };
    if (char === "/") {
      const match = /^\/((?:[^/\\]|\\.)*)\/([a-z]*)/.exec(this.text.slice(this.at));
      if (!match) this.fail();
      this.at += match[0].length;
      return { regex: new RegExp(`^(?:${match[1]})$`, match[2]!.includes("i") ? "i" : "") };
    }
    if (char === "[") {
      const end = this.text.indexOf("]", this.at);
      if (end < 0) this.fail();
      const literal = parseLiteral(this.text.slice(this.at, end + 1).replaceAll("'", '"'));
      if (literal === undefined) this.fail();
      this.at = end + 1;
      return { literal };
    }
    const word = /^[-+\w.]+/.exec(this.text.slice(this.at))?.[0];
    const literal = word === undefined ? undefined : parseLiteral(word);
    if (word === undefined || literal === undefined) this.fail();
    this.at += word.length;
    return { literal };
  }
}

function parseLiteral(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/**
 * The node that a definite path names, or the array of nodes that any other path finds.
 * @throws {PathNotFound} A definite path leads nowhere.
 */
export function readPath(path: Path, root: Json): Json {
  return path.definite ? walkDefinite(path.steps, root) : walkAll(path.steps, [root], root);
}

function walkDefinite(steps: readonly Step[], root: Json): Json {
  let node: Json = root;
  let walked = "$";
  steps.forEach((step, i) => {
    const last = i === steps.length - 1;
    if (step.kind === "property") {
      const name = step.names[0]!;
      const next = `${walked}['${name}']`;
      if (!isObject(node)) {
        throw new PathNotFound(
          `Expected to find an object with property ['${name}'] in path ${walked} but found '${javaType(node)}'. This is not a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonProvider'.`,
        );
      }
      if (!Object.hasOwn(node, name)) {
        throw new PathNotFound(last ? `No results for path: ${next}` : `Missing property in path ${next}`);
      }
      node = node[name]!;
      walked = next;
    } else if (step.kind === "index") {
      const index = step.indexes[0]!;
      const next = `${walked}[${index}]`;
      if (!Array.isArray(node)) {
        throw new PathNotFound(
          node === null
            ? `The path ${walked} is null`
            : `Filter: [${index}] can only be applied to arrays. Current context is: ${javaText(node)}`,
        );
      }
      const effective = index < 0 ? node.length + index : index;
      if (effective < 0 || effective >= node.length) {
        throw new PathNotFound(`No results for path: ${compiledText(steps)}`);
      }
      node = node[effective]!;
      walked = next;
    } else if (step.kind === "function") {
      node = applyFunction(step.name, node);
    }
  });
  return node;
}

function walkAll(steps: readonly Step[], start: Json[], root: Json): Json[] {
  let nodes = start;
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!;
    if (step.kind === "function") {
      nodes = [applyFunction(step.name, nodes)];
      continue;
    }
    const next: Json[] = [];
    for (const node of nodes) expand(step, node, root, next);
    nodes = next;
  }
  return nodes;
}

function expand(step: Step, node: Json, root: Json, found: Json[]): void {
  switch (step.kind) {
    case "property":
      if (!isObject(node)) return;
      if (step.names.length === 1) {
        if (Object.hasOwn(node, step.names[0]!)) found.push(node[step.names[0]!]!);
        return;
      }
      found.push(
        Object.fromEntries(step.names.filter((name) => Object.hasOwn(node, name)).map((name) => [name, node[name]!])),
      );
      return;
    case "index":
      if (!Array.isArray(node)) return;
      for (const index of step.indexes) {
        const effective = index < 0 ? node.length + index : index;
        if (effective >= 0 && effective < node.length) found.push(node[effective]!);
      }
      return;
    case "slice": {
      if (!Array.isArray(node)) return;
      const clamp = (n: number) => Math.min(node.length, Math.max(0, n < 0 ? node.length + n : n));
      const from = clamp(step.from ?? 0);
      const to = step.to === undefined ? node.length : clamp(step.to);
      for (let i = from; i < to; i += Math.max(1, step.step)) found.push(node[i]!);
      return;
    }
    case "wildcard":
      if (Array.isArray(node)) found.push(...node);
      else if (isObject(node)) found.push(...Object.values(node));
      return;
    case "descend":
      found.push(node);
      if (Array.isArray(node)) for (const child of node) expand(step, child, root, found);
      else if (isObject(node)) for (const child of Object.values(node)) expand(step, child, root, found);
      return;
    case "filter":
      if (Array.isArray(node)) {
        for (const child of node) if (holds(step.test, child, root)) found.push(child);
      } else if (isObject(node) && holds(step.test, node, root)) {
        found.push(node);
      }
      return;
    case "function":
      found.push(applyFunction(step.name, node));
  }
}

function holds(test: FilterNode, node: Json, root: Json): boolean {
  switch (test.kind) {
    case "or":
      return test.terms.some((term) => holds(term, node, root));
    case "and":
      return test.terms.every((term) => holds(term, node, root));
    case "not":
      return !holds(test.term, node, root);
    case "exists":
      return operandValue(test.operand, node, root) !== undefined;
    case "compare": {
      const left = operandValue(test.left, node, root);
      if (test.operator === "=~") {
        return "regex" in test.right && typeof left === "string" && test.right.regex.test(left);
      }
      const right = operandValue(test.right, node, root);
      switch (test.operator) {
        case "==":
          return left === undefined || right === undefined ? left === right : deepEqual(left, right);
        case "!=":
          return left === undefined || right === undefined ? left !== right : !deepEqual(left, right);
        case "in":
          return left !== undefined && Array.isArray(right) && right.some((item) => deepEqual(item, left));
        case "nin":
          return left !== undefined && Array.isArray(right) && !right.some((item) => deepEqual(item, left));
        case "contains":
          return typeof left === "string"
            ? typeof right === "string" && left.includes(right)
            : Array.isArray(left) && right !== undefined && left.some((item) => deepEqual(item, right));
        case "subsetof":
          return Array.isArray(left) && Array.isArray(right) && left.every((l) => right.some((r) => deepEqual(l, r)));
        case "size":
          return (Array.isArray(left) || typeof left === "string") && left.length === right;
        case "empty":
          return (Array.isArray(left) || typeof left === "string") && (left.length === 0) === right;
        default: {
          if (
            !(
              (typeof left === "number" && typeof right === "number") ||
              (typeof left === "string" && typeof right === "string")
            )
          ) {
            return false;
          }
          if (test.operator === "<") return left < right;
          if (test.operator === "<=") return left <= right;
          if (test.operator === ">") return left > right;
          return left >= right;
        }
      }
    }
  }
}

function operandValue(operand: Operand, node: Json, root: Json): Json | undefined {
  if ("literal" in operand) return operand.literal;
  if ("regex" in operand) return undefined;
  const found = walkAll(operand.path, [operand.root ? root : node], root);
  return found[0];
}

function applyFunction(name: string, node: Json): Json {
  const numbers = () => (Array.isArray(node) ? node.filter((item): item is number => typeof item === "number") : []);
  switch (name) {
    case "length":
    case "size":
      if (Array.isArray(node) || typeof node === "string") return node.length;
      return isObject(node) ? Object.keys(node).length : null;
    case "min":
      return Math.min(...numbers());
    case "max":
      return Math.max(...numbers());
    case "sum":
      return numbers().reduce((sum, n) => sum + n, 0);
    case "avg":
      return numbers().reduce((sum, n) => sum + n, 0) / numbers().length;
    case "keys":
      return isObject(node) ? Object.keys(node) : [];
    default:
      throw new PathNotFound(`Function with name: ${name} does not exist.`);
  }
}

function javaType(node: Json): string {
  if (node === null) return "null";
  if (typeof node === "string") return "java.lang.String";
  if (typeof node === "boolean") return "java.lang.Boolean";
  if (Array.isArray(node)) return "java.util.ArrayList";
  return Number.isInteger(node) ? "java.lang.Integer" : "java.lang.Double";
}

/** A definite path as Jayway writes it once it is compiled. */
function compiledText(steps: readonly Step[]): string {
  return steps.reduce((text, step) => {
    if (step.kind === "property") return `${text}['${step.names[0]!}']`;
    if (step.kind === "index") return `${text}[${step.indexes[0]!}]`;
    return step.kind === "function" ? `${text}.${step.name}()` : text;
  }, "$");
}

/** A value as Java prints a map or a list, which is what AWS's `States.Format` does. */
export function javaText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(javaText).join(", ")}]`;
  if (isObject(value)) {
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}=${javaText(item)}`)
      .join(", ")}}`;
  }
  return String(value);
}

/**
 * A copy of `root` with `value` at a reference path; missing objects on the way are made.
 * @throws {PathNotFound} The path runs through something that is not an object.
 */
export function writePath(path: Path, root: Json, value: Json): Json {
  return writeSteps(path, 0, root, value);
}

function writeSteps(path: Path, at: number, node: Json | undefined, value: Json): Json {
  const step = path.steps[at];
  if (!step) return value;
  if (step.kind === "property" && step.names.length === 1) {
    if (node !== undefined && node !== null && !isObject(node)) throw new PathNotFound(path.text);
    const name = step.names[0]!;
    const object = node ?? {};
    return {
      ...object,
      [name]: writeSteps(path, at + 1, Object.hasOwn(object, name) ? object[name] : undefined, value),
    };
  }
  if (step.kind === "index" && step.indexes.length === 1) {
    const index = step.indexes[0]!;
    if (!Array.isArray(node) || index < 0 || index >= node.length) throw new PathNotFound(path.text);
    return node.map((item, i) => (i === index ? writeSteps(path, at + 1, item, value) : item));
  }
  throw new PathNotFound(path.text);
}
