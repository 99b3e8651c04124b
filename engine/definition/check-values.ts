/** Values of fields: numbers, timestamps, the rules of a Choice. */
import { parseTimestamp } from "../data/timestamp.ts";
import type { Diagnostic } from "../values/definition-error.ts";
import { isObject, type JsonObject } from "../values/json.ts";
import { checkTarget } from "./check-flow.ts";
import { required, schemaError } from "./findings.ts";

export function checkScalars(
  raw: JsonObject,
  location: string,
  language: "JSONPath" | "JSONata",
  found: Diagnostic[],
): void {
  for (const name of ["TimeoutSeconds", "HeartbeatSeconds", "Seconds", "MaxConcurrency", "ToleratedFailureCount"]) {
    const value = raw[name];
    if (value === undefined) continue;
    if (language === "JSONata" && typeof value === "string" && value.startsWith("{%")) continue;
    if (typeof value !== "number" || !Number.isInteger(value)) {
      found.push(schemaError("Expected value of type Integer", `${location}/${name}`));
    } else if (value < 0) {
      found.push(schemaError("Value must be greater than or equal to 0", `${location}/${name}`));
    }
  }
  for (const [name, path] of [
    ["TimeoutSeconds", "TimeoutSecondsPath"],
    ["HeartbeatSeconds", "HeartbeatSecondsPath"],
    ["Error", "ErrorPath"],
    ["Cause", "CausePath"],
    ["MaxConcurrency", "MaxConcurrencyPath"],
  ] as const) {
    if (raw[name] !== undefined && raw[path] !== undefined) {
      found.push(schemaError(`Only one of the fields '${name}' and '${path}' may be specified`, location));
    }
  }
}

export function checkWait(
  raw: JsonObject,
  location: string,
  language: "JSONPath" | "JSONata",
  found: Diagnostic[],
): void {
  const given = ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"].filter((name) => raw[name] !== undefined);
  if (given.length !== 1) {
    found.push(
      schemaError("Exactly one of the fields is required: [Seconds, SecondsPath, Timestamp, TimestampPath]", location),
    );
  }
  const timestamp = raw["Timestamp"];
  if (
    timestamp === undefined ||
    (language === "JSONata" && typeof timestamp === "string" && timestamp.startsWith("{%"))
  )
    return;
  if (typeof timestamp !== "string" || parseTimestamp(timestamp) === undefined) {
    found.push(schemaError("String does not match RFC3339 timestamp", `${location}/Timestamp`));
  }
}

export function checkChoices(
  raw: JsonObject,
  location: string,
  siblings: JsonObject | undefined,
  found: Diagnostic[],
): void {
  checkTarget(raw["Default"], siblings, `${location}/Default`, found);
  const choices = raw["Choices"];
  if (choices === undefined) return;
  if (!Array.isArray(choices) || choices.length === 0) {
    found.push(schemaError("Value cannot be empty", `${location}/Choices`));
    return;
  }
  choices.forEach((rule, i) => {
    if (!isObject(rule)) return;
    required(rule, ["Next"], `${location}/Choices/${i}`, found);
    checkTarget(rule["Next"], siblings, `${location}/Choices/${i}/Next`, found);
  });
}
