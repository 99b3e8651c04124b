/** AWS's intrinsic functions of JSONPath states: the functions themselves, and the reader of their call syntax. */
import { createHash } from "node:crypto";
import type { Chance } from "../../ports/chance.ts";
import { deepEqual, isObject, type Json, jsonTypeName, toText } from "../../values/json.ts";
import { javaText, type Path, parsePath } from "./path.ts";

export type IntrinsicArgument = { literal: Json } | { path: Path } | { call: IntrinsicCall };
export interface IntrinsicCall {
  name: string;
  arguments: IntrinsicArgument[];
}

/** The text is not a call of a function that exists. */
export class IntrinsicSyntaxError extends Error {
  override readonly name = "IntrinsicSyntaxError";
}

/** The function cannot work with these arguments. */
export class IntrinsicFailure extends Error {
  override readonly name = "IntrinsicFailure";
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
    if (!name || !Object.hasOwn(functions, name[1]!)) this.fail();
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
    const { least, most } = functions[name[1]!]!;
    if (args.length < least || args.length > most) this.fail();
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

  /** Between single quotes; a backslash may stand before a quote, a brace or a backslash, and before nothing else. */
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

interface IntrinsicFunction {
  least: number;
  most: number;
  apply(args: Json[], chance: Chance): Json;
}

/** Longest text that the encoding and hashing functions take. */
const LONGEST_TEXT = 10_000;

function text(value: Json | undefined, name: string): string {
  if (typeof value !== "string") throw new IntrinsicFailure(`Invalid arguments in States.${name}`);
  return value;
}

function array(value: Json | undefined, name: string): Json[] {
  if (!Array.isArray(value)) throw new IntrinsicFailure(`Invalid arguments in States.${name}`);
  return value;
}

/** Numbers are rounded half up before they are used, so 1.5 is 2 and -1.5 is -1. */
function integer(value: Json | undefined, name: string): number {
  if (typeof value !== "number") throw new IntrinsicFailure(`Invalid arguments in States.${name}`);
  // Adding zero turns -0 into 0.
  return Math.round(value) + 0;
}

const functions: Record<string, IntrinsicFunction> = {
  Array: { least: 0, most: Infinity, apply: (args) => args },
  ArrayPartition: {
    least: 2,
    most: 2,
    apply([items, size]) {
      const list = array(items, "ArrayPartition");
      const length = integer(size, "ArrayPartition");
      if (length < 1) throw new IntrinsicFailure("Invalid arguments in States.ArrayPartition");
      const parts: Json[] = [];
      for (let i = 0; i < list.length; i += length) parts.push(list.slice(i, i + length));
      return parts;
    },
  },
  ArrayContains: {
    least: 2,
    most: 2,
    apply: ([items, wanted]) => array(items, "ArrayContains").some((item) => deepEqual(item, wanted!)),
  },
  ArrayRange: {
    least: 3,
    most: 3,
    apply(args) {
      const [first, last, step] = args.map((arg) => integer(arg, "ArrayRange")) as [number, number, number];
      if (step === 0) throw new IntrinsicFailure("Invalid arguments in States.ArrayRange");
      const range: number[] = [];
      for (let n = first; step > 0 ? n <= last : n >= last; n += step) {
        if (range.push(n) > 1000) throw new IntrinsicFailure("Invalid arguments in States.ArrayRange");
      }
      return range;
    },
  },
  ArrayGetItem: {
    least: 2,
    most: 2,
    apply([items, index]) {
      const item = array(items, "ArrayGetItem")[integer(index, "ArrayGetItem")];
      if (item === undefined) throw new IntrinsicFailure("Invalid arguments in States.ArrayGetItem");
      return item;
    },
  },
  ArrayLength: { least: 1, most: 1, apply: ([items]) => array(items, "ArrayLength").length },
  ArrayUnique: {
    least: 1,
    most: 1,
    apply([items]) {
      const seen = new Set<string>();
      return array(items, "ArrayUnique").filter((item) => {
        const key = canonicalText(item);
        return !seen.has(key) && seen.add(key);
      });
    },
  },
  Base64Encode: {
    least: 1,
    most: 1,
    apply([value]) {
      const plain = text(value, "Base64Encode");
      if (plain.length > LONGEST_TEXT) throw new IntrinsicFailure("Invalid arguments in States.Base64Encode");
      return Buffer.from(plain, "utf8").toString("base64");
    },
  },
  Base64Decode: {
    least: 1,
    most: 1,
    apply([value]) {
      const encoded = text(value, "Base64Decode");
      if (encoded.length > LONGEST_TEXT || !/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) {
        throw new IntrinsicFailure("Invalid arguments in States.Base64Decode");
      }
      return Buffer.from(encoded, "base64").toString("utf8");
    },
  },
  Hash: {
    least: 2,
    most: 2,
    apply([value, algorithm]) {
      const name = text(algorithm, "Hash");
      const plain = typeof value === "string" ? value : toText(value!);
      if (!HASHES.has(name) || plain.length > LONGEST_TEXT)
        throw new IntrinsicFailure("Invalid arguments in States.Hash");
      return hash(plain, name);
    },
  },
  JsonMerge: {
    least: 3,
    most: 3,
    apply([left, right, deep]) {
      if (!isObject(left) || !isObject(right) || deep !== false) {
        throw new IntrinsicFailure("Invalid arguments in States.JsonMerge");
      }
      return { ...left, ...right };
    },
  },
  StringToJson: {
    least: 1,
    most: 1,
    apply([value]) {
      const json = text(value, "StringToJson");
      if (json.trim() === "") return null;
      try {
        const parsed = JSON.parse(json) as Json;
        return Object.is(parsed, -0) ? 0 : parsed;
      } catch {
        throw new IntrinsicFailure("Invalid arguments in States.StringToJson");
      }
    },
  },
  JsonToString: { least: 1, most: 1, apply: ([value]) => toText(value!) },
  MathRandom: {
    least: 2,
    most: 3,
    apply([from, to, seed], chance) {
      const start = integer(from, "MathRandom");
      const end = integer(to, "MathRandom");
      if (start >= end) throw new IntrinsicFailure("Invalid arguments in States.MathRandom");
      const draw = seed === undefined ? chance.random() : javaRandom(integer(seed, "MathRandom"));
      return start + Math.floor(draw * (end - start));
    },
  },
  MathAdd: { least: 2, most: 2, apply: ([a, b]) => integer(a, "MathAdd") + integer(b, "MathAdd") + 0 },
  StringSplit: {
    least: 2,
    most: 2,
    apply([value, separators]) {
      const marks = new Set(text(separators, "StringSplit"));
      const parts: string[] = [];
      let part = "";
      for (const char of text(value, "StringSplit")) {
        if (!marks.has(char)) part += char;
        else {
          if (part !== "") parts.push(part);
          part = "";
        }
      }
      if (part !== "") parts.push(part);
      return parts;
    },
  },
  UUID: { least: 0, most: 0, apply: (_args, chance) => chance.uuid() },
  Format: {
    least: 1,
    most: Infinity,
    apply([template, ...values]) {
      const format = text(template, "Format");
      let used = 0;
      const out = format.replace(/\\([{}\\'])|\{\}/g, (_mark, escaped: string | undefined) => {
        if (escaped !== undefined) return escaped;
        if (used >= values.length) throw new IntrinsicFailure("Invalid arguments in States.Format");
        return javaText(values[used++]!);
      });
      if (used !== values.length) throw new IntrinsicFailure("Invalid arguments in States.Format");
      return out;
    },
  },
};

const HASHES = new Set(["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"]);

export function hash(plain: string, algorithm: string): string {
  return createHash(algorithm.replace("SHA-", "sha").toLowerCase()).update(plain, "utf8").digest("hex");
}

export function isHashAlgorithm(name: string): boolean {
  return HASHES.has(name);
}

/** The first `nextDouble()` of `java.util.Random` with this seed, so that a seed gives the same number as on AWS. */
export function javaRandom(seed: number): number {
  const mask = (1n << 48n) - 1n;
  let state = (BigInt(Math.trunc(seed)) ^ 0x5deece66dn) & mask;
  const next = (bits: bigint) => {
    state = (state * 0x5deece66dn + 0xbn) & mask;
    return state >> (48n - bits);
  };
  return Number((next(26n) << 27n) + next(27n)) / 2 ** 53;
}

function canonicalText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (jsonTypeName(value) === "object") {
    return `{${Object.entries(value as object)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${JSON.stringify(key)}:${canonicalText(item as Json)}`)
      .join(",")}}`;
  }
  return toText(value);
}

/**
 * Calls the function with arguments that are values by now.
 * @throws {IntrinsicFailure}
 */
export function applyIntrinsic(name: string, args: Json[], chance: Chance): Json {
  return functions[name]!.apply(args, chance);
}
