/**
 * Whether an event matches a rule's pattern.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
import { ServiceError } from "../../service-error.ts";

// biome-ignore lint/suspicious/noExplicitAny: events and patterns are JSON of any shape
type Json = any;
export type Matcher = (event: Json) => boolean;

/**
 * Makes a matcher of a pattern.
 *
 * @throws {ServiceError} `InvalidEventPatternException` for a pattern that is not valid, or uses an operator that is not supported here.
 */
export function eventMatcher(pattern: string): Matcher {
  let parsed: Json;
  try {
    parsed = JSON.parse(pattern);
  } catch (error) {
    throw invalid((error as Error).message);
  }
  return objectMatcher(parsed, "");
}

function objectMatcher(pattern: Json, path: string): Matcher {
  if (pattern === null || typeof pattern !== "object" || Array.isArray(pattern))
    throw invalid(`${path || "the pattern"} must be an object or an array`);
  const parts = Object.entries(pattern).map(([key, inner]): Matcher => {
    const at = path ? `${path}.${key}` : key;
    if (key === "$or") {
      const branches = (inner as Json[]).map((branch) => objectMatcher(branch, at));
      return (event) => branches.some((matches) => matches(event));
    }
    if (!Array.isArray(inner)) {
      const matches = objectMatcher(inner, at);
      return (event) =>
        [event?.[key]].flat().some((item) => item !== null && typeof item === "object" && matches(item));
    }
    const values = inner.map((wanted) => valueMatcher(wanted, at));
    // An array in the event matches when any of its elements does.
    return (event) => {
      const found = event?.[key];
      const candidates = Array.isArray(found) && found.length ? found : [found];
      return values.some((matches) => candidates.some(matches));
    };
  });
  return (event) => parts.every((matches) => matches(event));
}

function valueMatcher(wanted: Json, path: string): Matcher {
  if (wanted === null || typeof wanted !== "object") return (value) => value === wanted;
  const [[operator, operand]] = Object.entries(wanted) as [[string, Json]];
  const text =
    (test: (value: string) => boolean): Matcher =>
    (value) =>
      typeof value === "string" && test(value);
  switch (operator) {
    case "prefix":
      return typeof operand === "object"
        ? text((value) => lower(value).startsWith(lower(operand["equals-ignore-case"])))
        : text((value) => value.startsWith(operand));
    case "suffix":
      return typeof operand === "object"
        ? text((value) => lower(value).endsWith(lower(operand["equals-ignore-case"])))
        : text((value) => value.endsWith(operand));
    case "equals-ignore-case":
      return text((value) => lower(value) === lower(operand));
    case "wildcard": {
      const expression = new RegExp(`^${operand.split("*").map(escapeRegExp).join(".*")}$`, "s");
      return text((value) => expression.test(value));
    }
    case "exists":
      return (value) => (value !== undefined) === operand;
    case "anything-but": {
      const refused = [operand].flat().map((inner) => valueMatcher(inner, path));
      return (value) => value !== undefined && !refused.some((matches) => matches(value));
    }
    case "numeric": {
      const bounds: ((value: number) => boolean)[] = [];
      for (let at = 0; at < operand.length; at += 2) bounds.push(comparison(operand[at], operand[at + 1], path));
      return (value) => typeof value === "number" && bounds.every((holds) => holds(value));
    }
    default:
      throw invalid(`Unrecognized match type ${operator} at ${path}`);
  }
}

function comparison(operator: string, bound: number, path: string): (value: number) => boolean {
  switch (operator) {
    case "=":
      return (value) => value === bound;
    case "<":
      return (value) => value < bound;
    case "<=":
      return (value) => value <= bound;
    case ">":
      return (value) => value > bound;
    case ">=":
      return (value) => value >= bound;
    default:
      throw invalid(`Unrecognized numeric range operator ${operator} at ${path}`);
  }
}

const lower = (text: string) => text.toLowerCase();
const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const invalid = (why: string) =>
  new ServiceError("InvalidEventPatternException", `Event pattern is not valid. Reason: ${why}`);
