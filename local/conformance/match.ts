/** Compares what was recorded with what came, by the rules of the conformance README. */
import type { Json, JsonObject } from "../../engine/index.ts";
import { isObject } from "../../engine/values/json.ts";
import type { Placeholders } from "./case.ts";

const TOKEN = /<[A-Za-z_][A-Za-z0-9_\-. ]*(?::\d+)?>/g;

/** @returns Where the two differ first, or undefined when they match. */
export function difference(
  expected: Json,
  actual: Json | undefined,
  placeholders: Placeholders,
  path = "",
): string | undefined {
  const literals = placeholders.literals ?? {};
  if (typeof expected === "string" && Object.hasOwn(literals, expected)) return undefined;
  const differs = () => `${path || "/"}: expected ${short(expected)}, got ${short(actual)}`;
  if (actual === undefined) return differs();
  if (typeof expected === "string" && typeof actual === "string") {
    if (expected === actual || tokensMatch(expected, actual)) return undefined;
    const [left, right] = [parsedNonObject(expected), parsedNonObject(actual)];
    if (left === undefined || right === undefined) return differs();
    return difference(left.json, right.json, placeholders, path);
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length)
      return `${path || "/"}: expected ${expected.length} items, got ${actual.length}`;
    for (let i = 0; i < expected.length; i++) {
      const found = difference(expected[i]!, actual[i]!, placeholders, `${path}/${i}`);
      if (found) return found;
    }
    return undefined;
  }
  if (isObject(expected) && isObject(actual)) {
    for (const key of Object.keys(expected)) {
      if (!Object.hasOwn(actual, key)) return `${path}/${key}: expected ${short(expected[key]!)}, got nothing`;
    }
    for (const key of Object.keys(actual)) {
      if (!Object.hasOwn(expected, key)) return `${path}/${key}: expected nothing, got ${short(actual[key]!)}`;
    }
    for (const key of Object.keys(expected)) {
      const found = difference(expected[key]!, actual[key]!, placeholders, `${path}/${key}`);
      if (found) return found;
    }
    return undefined;
  }
  return expected === actual ? undefined : differs();
}

export function matches(expected: Json, actual: Json | undefined, placeholders: Placeholders): boolean {
  return difference(expected, actual, placeholders) === undefined;
}

const patterns = new Map<string, RegExp | undefined>();

function tokensMatch(expected: string, actual: string): boolean {
  let pattern = patterns.get(expected);
  if (!patterns.has(expected)) {
    const parts = expected.split(TOKEN);
    pattern =
      parts.length === 1
        ? undefined
        : new RegExp(`^${parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("[\\s\\S]+?")}$`);
    patterns.set(expected, pattern);
  }
  return pattern?.test(actual) ?? false;
}

function parsedNonObject(text: string): { json: Json } | undefined {
  try {
    const json = JSON.parse(text) as Json;
    return isObject(json) ? undefined : { json };
  } catch {
    return undefined;
  }
}

function short(value: Json | undefined): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

/** `total`: event by event. */
export function differenceOfLists(
  expected: JsonObject[],
  actual: JsonObject[],
  placeholders: Placeholders,
): string | undefined {
  for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
    if (!expected[i]) return `event ${i + 1}: expected the end, got ${short(actual[i])}`;
    const found = difference(expected[i]!, actual[i], placeholders);
    if (found) return `event ${i + 1} (${String(expected[i]!["type"])})${found}`;
  }
  return undefined;
}

function withoutIds(event: JsonObject): JsonObject {
  const { id: _id, previousEventId: _previousEventId, ...rest } = event;
  return rest;
}

/** As multisets, ids aside. */
export function differenceOfBags(
  expected: JsonObject[],
  actual: JsonObject[],
  placeholders: Placeholders,
): string | undefined {
  const left = actual.map(withoutIds);
  for (const event of expected.map(withoutIds)) {
    const at = left.findIndex((candidate) => matches(event, candidate, placeholders));
    if (at < 0) return `no event matches ${short(event)}`;
    left.splice(at, 1);
  }
  return left.length === 0 ? undefined : `unexpected event ${short(left[0])}`;
}

interface Tree {
  event: JsonObject;
  children: Tree[];
}

function treesOf(events: JsonObject[]): Tree[] {
  const nodes = new Map<Json, Tree>();
  const roots: Tree[] = [];
  for (const event of events) nodes.set(event["id"]!, { event: withoutIds(event), children: [] });
  for (const event of events) {
    const parent = event["previousEventId"] === 0 ? undefined : nodes.get(event["previousEventId"]!);
    (parent?.children ?? roots).push(nodes.get(event["id"]!)!);
  }
  return roots;
}

/** `causal`: the trees by `previousEventId` have to pair up. */
export function differenceOfTrees(
  expected: JsonObject[],
  actual: JsonObject[],
  placeholders: Placeholders,
): string | undefined {
  if (expected.length !== actual.length) {
    return (
      differenceOfBags(expected, actual, placeholders) ?? `expected ${expected.length} events, got ${actual.length}`
    );
  }
  return pairUp(treesOf(expected), treesOf(actual), placeholders, "the start");
}

function pairUp(expected: Tree[], actual: Tree[], placeholders: Placeholders, after: string): string | undefined {
  if (expected.length !== actual.length) {
    return `after ${after}: expected ${expected.map(({ event }) => event["type"]).join(", ") || "nothing"}, got ${actual.map(({ event }) => event["type"]).join(", ") || "nothing"}`;
  }
  const left = [...actual];
  for (const tree of expected) {
    let problem: string | undefined;
    const at = left.findIndex((candidate) => {
      const found = difference(tree.event, candidate.event, placeholders);
      const below = found ?? pairUp(tree.children, candidate.children, placeholders, String(tree.event["type"]));
      if (candidate.event["type"] === tree.event["type"]) problem ??= below;
      return below === undefined;
    });
    if (at < 0)
      return `${String(tree.event["type"])}${problem?.startsWith("/") ? "" : ": "}${problem ?? `is missing after ${after}`}`;
    left.splice(at, 1);
  }
  return undefined;
}

/**
 * Sorts a history with a Parallel as the recorder did: events between its start and its end were sorted, and the
 * `ParallelStateSucceeded` events and the ends of nested Parallels fell out.
 */
export function asSorted(events: JsonObject[]): JsonObject[] {
  let open = 0;
  return events.filter(({ type }) => {
    if (type === "ParallelStateEntered") open++;
    if (type === "ParallelStateSucceeded") return false;
    if (type === "ParallelStateExited" && --open > 0) return false;
    return true;
  });
}
