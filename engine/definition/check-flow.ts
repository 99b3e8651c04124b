/** The ways from state to state: targets exist, all states are reached, retriers and catchers are complete. */
import type { Diagnostic } from "../values/definition-error.ts";
import { isObject, type Json, type JsonObject } from "../values/json.ts";
import { error, required, schemaError } from "./findings.ts";

/** States that no path from `StartAt` leads to are refused, like paths that lead nowhere. */
export function checkReach(raw: JsonObject, states: JsonObject, location: string, found: Diagnostic[]): void {
  const reached = new Set<string>();
  const open = typeof raw["StartAt"] === "string" ? [raw["StartAt"]] : [];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const state = states[name];
    if (reached.has(name) || !isObject(state)) continue;
    reached.add(name);
    for (const target of [state["Next"], state["Default"], ...nextOf(state["Choices"]), ...nextOf(state["Catch"])]) {
      if (typeof target === "string") open.push(target);
    }
  }
  for (const name of Object.keys(states)) {
    if (reached.has(name)) continue;
    found.push(error("MISSING_TRANSITION_TARGET", `State "${name}" is not reachable.`, `${location}/States/${name}`));
  }
}

function nextOf(rules: Json | undefined): (Json | undefined)[] {
  return Array.isArray(rules) ? rules.filter(isObject).map((rule) => rule["Next"]) : [];
}

export function checkTarget(
  target: Json | undefined,
  siblings: JsonObject | undefined,
  location: string,
  found: Diagnostic[],
): void {
  if (siblings && typeof target === "string" && !Object.hasOwn(siblings, target)) {
    found.push(error("MISSING_TRANSITION_TARGET", `Missing 'Next' target: ${target}`, location));
  }
}

export function checkFlow(
  raw: JsonObject,
  location: string,
  type: string,
  siblings: JsonObject | undefined,
  found: Diagnostic[],
): void {
  if (["Pass", "Task", "Wait", "Parallel", "Map"].includes(type)) {
    const ends = raw["End"] === true;
    if (raw["Next"] === undefined && !ends) {
      found.push(schemaError("Field 'Next' or 'End' is required", location));
    }
    if (raw["Next"] !== undefined && ends) {
      found.push(schemaError("Only one of the fields 'Next' and 'End' may be specified", location));
    }
    checkTarget(raw["Next"], siblings, `${location}/Next`, found);
  }
  if (Array.isArray(raw["Catch"])) {
    raw["Catch"].forEach((catcher, i) => {
      if (!isObject(catcher)) return;
      required(catcher, ["ErrorEquals", "Next"], `${location}/Catch/${i}`, found);
      checkTarget(catcher["Next"], siblings, `${location}/Catch/${i}/Next`, found);
    });
  }
  if (Array.isArray(raw["Retry"])) {
    raw["Retry"].forEach((retrier, i) => {
      if (!isObject(retrier)) return;
      required(retrier, ["ErrorEquals"], `${location}/Retry/${i}`, found);
      const rate = retrier["BackoffRate"];
      if (typeof rate === "number" && rate < 1) {
        found.push(schemaError("Value must be greater than or equal to 1.0", `${location}/Retry/${i}/BackoffRate`));
      }
    });
  }
}
