/** The functions that AWS adds to JSONata or replaces, and the one that it takes away. */
import jsonata from "jsonata";
import { hash, isHashAlgorithm } from "../hash.ts";
import { javaRandom } from "../java-random.ts";
import type { DataScope } from "../state-data.ts";

/** Most elements that `$range` makes. */
const LONGEST_RANGE = 1_000_000;

const formatMillis = jsonata("$fromMillis($ms, $picture, $timezone)");

export function awsFunctions(scope: DataScope): Record<string, unknown> {
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
