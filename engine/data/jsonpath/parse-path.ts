/** Reads the text of a path. */
import type { Json } from "../../values/json.ts";
import { type FilterNode, type Operand, type Path, PathSyntaxError, type Step } from "./path.ts";

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
