/**
 * `npm run asl:format`: gives every file of this folder the shared retriers, one order of keys and one JSON layout.
 * The layout is that of `biome format`, so the two never disagree.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Retrier, retrierByError, retriersByResource } from "./retriers.ts";

type Json = null | boolean | number | string | Json[] | JsonObject;
interface JsonObject {
  [key: string]: Json;
}

/** A reader meets what a thing is, what it calls, what it keeps, how it fails, and where it goes on, in this order. */
const KEY_ORDER = {
  machine: ["Comment", "QueryLanguage", "TimeoutSeconds", "StartAt", "States"],
  processor: ["ProcessorConfig", "StartAt", "States"],
  state: [
    ...["Comment", "Type"],
    ...["Resource", "Arguments"],
    ...["Items", "ItemSelector", "MaxConcurrency", "ItemProcessor", "Branches"],
    ...["Seconds", "Choices", "Default", "Error", "Cause"],
    ...["Assign", "Output"],
    ...["TimeoutSeconds", "Retry", "Catch"],
    ...["Next", "End"],
  ],
  retrier: ["ErrorEquals", "IntervalSeconds", "BackoffRate", "MaxAttempts", "MaxDelaySeconds", "JitterStrategy"],
  catcher: ["ErrorEquals", "Assign", "Output", "Next"],
  choice: ["Condition", "Assign", "Output", "Next"],
} as const satisfies Record<string, readonly string[]>;

/**
 * The text of a machine's file as it should be.
 *
 * @throws {Error} When a part has a key that no order names: add it to `KEY_ORDER`.
 */
export function formatted(text: string): string {
  const machine = JSON.parse(text) as JsonObject;
  return `${layout(withStates(inOrder("machine", machine)), 0)}\n`;
}

function withStates(machine: JsonObject): JsonObject {
  const states = Object.entries(machine.States as Record<string, JsonObject>);
  return { ...machine, States: Object.fromEntries(states.map(([name, state]) => [name, withParts(state)])) };
}

function withParts(state: JsonObject): JsonObject {
  const parts: JsonObject = {};
  const { ItemProcessor, Branches, Choices, Catch } = state as Record<string, JsonObject & JsonObject[]>;
  if (ItemProcessor) parts.ItemProcessor = withStates(inOrder("processor", ItemProcessor));
  if (Branches) parts.Branches = Branches.map((branch) => withStates(inOrder("processor", branch)));
  if (Choices) parts.Choices = Choices.map((choice) => inOrder("choice", choice));
  if (Catch) parts.Catch = Catch.map((catcher) => inOrder("catcher", catcher));
  const retriers = retriersOf(state);
  if (retriers.length > 0) parts.Retry = retriers.map((retrier) => inOrder("retrier", retrier));
  return inOrder("state", { ...state, ...parts });
}

/** Shared retriers take the place of every one that names an error of theirs. */
function retriersOf({ Resource, Retry = [] }: JsonObject): JsonObject[] {
  const first = retriersByResource[Resource as string] ?? [];
  const others = (Retry as JsonObject[]).map((retrier) => {
    const shared = (retrier.ErrorEquals as string[]).flatMap((error) => retrierByError[error] ?? [])[0];
    return shared ? asJson(shared) : retrier;
  });
  const isNew = ({ ErrorEquals }: JsonObject) =>
    !(ErrorEquals as string[]).some((error) => first.some((retrier) => retrier.ErrorEquals.includes(error)));
  return [...first.map(asJson), ...others.filter(isNew)];
}

function asJson(retrier: Retrier): JsonObject {
  return { ...retrier, ErrorEquals: [...retrier.ErrorEquals] };
}

function inOrder(part: keyof typeof KEY_ORDER, value: JsonObject): JsonObject {
  const order: readonly string[] = KEY_ORDER[part];
  const unknown = Object.keys(value).find((key) => !order.includes(key));
  if (unknown) throw new Error(`No order is known for the key "${unknown}" of a ${part}`);
  return Object.fromEntries(order.filter((key) => key in value).map((key) => [key, value[key]!]));
}

const LINE_LENGTH = 120;

/** Objects have a line for each key; a list of plain values stands on one line where it fits. */
function layout(value: Json, indent: number, before = 0): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = " ".repeat(indent + 2);
  const lines = (items: string[], [open, close]: [string, string]) =>
    items.length === 0 ? open + close : `${open}\n${inner}${items.join(`,\n${inner}`)}\n${" ".repeat(indent)}${close}`;
  if (Array.isArray(value)) {
    const line = `[${value.map((item) => JSON.stringify(item)).join(", ")}]`;
    const isPlain = value.every((item) => typeof item !== "object");
    if (isPlain && indent + before + line.length < LINE_LENGTH) return line;
    return lines(
      value.map((item) => layout(item, indent + 2)),
      ["[", "]"],
    );
  }
  return lines(
    Object.entries(value).map(([key, item]) => {
      const name = `${JSON.stringify(key)}: `;
      return name + layout(item, indent + 2, name.length);
    }),
    ["{", "}"],
  );
}

if (import.meta.main)
  for (const file of readdirSync(import.meta.dirname).filter((name) => name.endsWith(".asl.json"))) {
    const path = join(import.meta.dirname, file);
    const text = readFileSync(path, "utf8");
    if (formatted(text) === text) continue;
    writeFileSync(path, formatted(text));
    console.log(`statemachines/${file}: formatted`);
  }
