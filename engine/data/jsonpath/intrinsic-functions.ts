/** AWS's intrinsic functions of JSONPath states. */
import type { Chance } from "../../ports/chance.ts";
import { deepEqual, isObject, type Json, jsonTypeName, toText } from "../../values/json.ts";
import { hash, isHashAlgorithm } from "../hash.ts";
import { javaRandom } from "../java-random.ts";
import { javaText } from "./java-text.ts";

/** The function cannot work with these arguments. */
export class IntrinsicFailure extends Error {
  override readonly name = "IntrinsicFailure";
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
      if (!isHashAlgorithm(name) || plain.length > LONGEST_TEXT)
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

/** The number of arguments that a function takes; undefined for one that does not exist. */
export function argumentCount(name: string): { least: number; most: number } | undefined {
  return Object.hasOwn(functions, name) ? functions[name] : undefined;
}

/**
 * Calls a function.
 * @param args - Values; paths and nested calls have been evaluated.
 * @throws {IntrinsicFailure}
 */
export function applyIntrinsic(name: string, args: Json[], chance: Chance): Json {
  return functions[name]!.apply(args, chance);
}
