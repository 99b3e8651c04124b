/** Reads the call of an intrinsic function, such as `States.Format('{}', $.name)`. */
import type { Json } from "../../values/json.ts";
import { argumentCount } from "./intrinsic-functions.ts";
import { parsePath } from "./parse-path.ts";
import type { Path } from "./path.ts";

type IntrinsicArgument = { literal: Json } | { path: Path } | { call: IntrinsicCall };
export interface IntrinsicCall {
  name: string;
  arguments: IntrinsicArgument[];
}

/** The text is not a call of a function that exists. */
export class IntrinsicSyntaxError extends Error {
  override readonly name = "IntrinsicSyntaxError";
}

/** @throws {IntrinsicSyntaxError} */
export function parseIntrinsic(text: string): IntrinsicCall {
  const reader = new CallReader(text);
  const call = reader.call();
  reader.space();
  if (reader.at !== text.length) reader.fail();
  return call;
}

class CallReader {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  fail(): never {
    throw new IntrinsicSyntaxError(`Cannot read the intrinsic function "${this.text}" at character ${this.at}`);
  }

  space(): void {
    while (/\s/.test(this.text[this.at] ?? "")) this.at++;
  }

  call(): IntrinsicCall {
    this.space();
    const name = /^States\.(\w+)\s*\(/.exec(this.text.slice(this.at));
    const count = name && argumentCount(name[1]!);
    if (!name || !count) this.fail();
    this.at += name[0].length;
    const args: IntrinsicArgument[] = [];
    this.space();
    if (this.text[this.at] === ")") {
      this.at++;
    } else {
      for (;;) {
        args.push(this.#argument());
        this.space();
        const next = this.text[this.at++];
        if (next === ")") break;
        if (next !== ",") this.fail();
      }
    }
    if (args.length < count.least || args.length > count.most) this.fail();
    return { name: name[1]!, arguments: args };
  }

  #argument(): IntrinsicArgument {
    this.space();
    const rest = this.text.slice(this.at);
    if (rest.startsWith("'")) return { literal: this.#string() };
    if (rest.startsWith("States.")) return { call: this.call() };
    if (rest.startsWith("$")) return { path: this.#path() };
    const word = /^(true|false|null|-?\d+(\.\d+)?([eE][-+]?\d+)?)/.exec(rest)?.[0];
    if (!word) this.fail();
    this.at += word.length;
    return { literal: JSON.parse(word) as Json };
  }

  /** A path runs up to the comma or bracket that ends the argument. */
  #path(): Path {
    const start = this.at;
    let depth = 0;
    let quote = "";
    for (; this.at < this.text.length; this.at++) {
      const char = this.text[this.at]!;
      if (quote) {
        if (char === "\\") this.at++;
        else if (char === quote) quote = "";
      } else if (char === "'" || char === '"') quote = char;
      else if (char === "[" || char === "(") depth++;
      else if (char === "]") depth--;
      else if (char === ")") {
        if (depth === 0) break;
        depth--;
      } else if (char === "," && depth === 0) break;
    }
    return parsePath(this.text.slice(start, this.at).trim());
  }

  /** Between single quotes; a backslash may stand before a quote, a brace or a backslash, and nowhere else. */
  #string(): string {
    this.at++;
    let value = "";
    for (;;) {
      const char = this.text[this.at];
      if (char === undefined) this.fail();
      this.at++;
      if (char === "'") return value;
      if (char === "\\") {
        const escaped = this.text[this.at];
        if (escaped === undefined) this.fail();
        // Braces keep their backslash: Format has to tell them from its placeholders.
        if (escaped === "{" || escaped === "}") value += `\\${escaped}`;
        else if (escaped === "'" || escaped === "\\") value += escaped;
        else if (escaped === "n") value += "\n";
        else if (escaped === "r") value += "\r";
        else if (escaped === "t") value += "\t";
        else this.fail();
        this.at++;
      } else {
        value += char;
      }
    }
  }
}
