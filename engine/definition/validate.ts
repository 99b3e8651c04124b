/** Validates a definition as ValidateStateMachineDefinition does: walks its groups and states, and compiles it. */

import { DefinitionError, type Diagnostic } from "../values/definition-error.ts";
import { isObject, type Json, type JsonObject } from "../values/json.ts";
import { jsonProblem, locateJsonProblem } from "../values/json-problem.ts";
import { checkExpress } from "./check-express.ts";
import { checkFields, isStateType, STATE_TYPES } from "./check-fields.ts";
import { checkFlow, checkReach } from "./check-flow.ts";
import { checkMapFields } from "./check-map.ts";
import { checkChoices, checkScalars, checkWait } from "./check-values.ts";
import { error, required, schemaError } from "./findings.ts";
import { compileMachine } from "./machine.ts";
import { nestedGroups } from "./nested-groups.ts";

/** AWS's limit for a definition, in bytes. */
const DEFINITION_LIMIT_BYTES = 1024 * 1024;
const LONGEST_STATE_NAME = 80;

/**
 * Reads text as a definition and lists its problems. The definition is fine when the list is empty.
 * @param type - Express machines may not wait for jobs, tokens or activity workers.
 */
export function validateDefinition(text: string, type: "STANDARD" | "EXPRESS" = "STANDARD"): Diagnostic[] {
  if (Buffer.byteLength(text) > DEFINITION_LIMIT_BYTES) {
    return [schemaError(`The definition is larger than ${DEFINITION_LIMIT_BYTES} bytes`)];
  }
  if (text.trim() === "") return [schemaError("Definition must be a valid JSON object")];
  let definition: Json;
  try {
    definition = JSON.parse(text) as Json;
  } catch {
    return [invalidJson(text)];
  }
  if (!isObject(definition)) return [schemaError("Definition must be a valid JSON object")];
  const found: Diagnostic[] = [];
  checkGroup(definition, "", languageOf(definition, "JSONPath"), found, true);
  checkNames(definition, "", new Set(), found);
  if (found.every(({ severity }) => severity === "WARNING")) found.push(...compileProblems(definition));
  if (type === "EXPRESS") checkExpress(definition, "", found);
  return found;
}

/**
 * Checks one state by itself, without the states it leads to.
 * @param name - For the locations of findings.
 */
export function validateState(raw: JsonObject, name: string, inherited: "JSONPath" | "JSONata"): Diagnostic[] {
  const found: Diagnostic[] = [];
  checkState(raw, `/States/${name}`, inherited, undefined, found);
  if (found.length === 0) {
    found.push(...compileProblems({ QueryLanguage: inherited, StartAt: name, States: { [name]: raw } }));
  }
  return found;
}

/** Problems that only show when paths, expressions and resources are read. */
function compileProblems(definition: JsonObject): readonly Diagnostic[] {
  try {
    compileMachine(definition);
    return [];
  } catch (problem) {
    if (!(problem instanceof DefinitionError)) throw problem;
    return problem.diagnostics;
  }
}

function invalidJson(text: string): Diagnostic {
  return error("INVALID_JSON_DESCRIPTION", jsonProblem(text), locateJsonProblem(text).source);
}

function languageOf(raw: JsonObject, inherited: "JSONPath" | "JSONata"): "JSONPath" | "JSONata" {
  return raw["QueryLanguage"] === "JSONata" ? "JSONata" : raw["QueryLanguage"] === "JSONPath" ? "JSONPath" : inherited;
}

function checkGroup(
  raw: JsonObject,
  location: string,
  language: "JSONPath" | "JSONata",
  found: Diagnostic[],
  top = false,
): void {
  const at = location === "" ? "/" : location;
  required(raw, ["States", "StartAt"], at, found);
  if (
    top &&
    raw["QueryLanguage"] !== undefined &&
    raw["QueryLanguage"] !== "JSONata" &&
    raw["QueryLanguage"] !== "JSONPath"
  ) {
    found.push(schemaError("Value is not one of the allowed values: [JSONPath, JSONata]", `${location}/QueryLanguage`));
  }
  const states = raw["States"];
  if (!isObject(states)) return;
  checkReach(raw, states, location, found);
  if (typeof raw["StartAt"] === "string" && !Object.hasOwn(states, raw["StartAt"])) {
    found.push(error("MISSING_TRANSITION_TARGET", `Missing 'Next' target: ${raw["StartAt"]}`, `${location}/StartAt`));
  }
  for (const [name, state] of Object.entries(states)) {
    const stateLocation = `${location}/States/${name}`;
    if (!isObject(state)) {
      found.push(schemaError("Expected value of type Object", stateLocation));
      continue;
    }
    if (name.length > LONGEST_STATE_NAME) {
      found.push(
        schemaError(`State name exceeds the maximum length of ${LONGEST_STATE_NAME} characters`, stateLocation),
      );
    }
    checkState(state, stateLocation, language, states, found);
  }
}

/** Names are unique in a whole machine, branches and item processors included. */
function checkNames(group: JsonObject, location: string, seen: Set<string>, found: Diagnostic[]): void {
  for (const [name, state] of Object.entries(isObject(group["States"]) ? group["States"] : {})) {
    const at = `${location}/States/${name}`;
    if (seen.has(name)) found.push(error("DUPLICATE_STATE_NAME", `Duplicate State name: ${name}`, at));
    seen.add(name);
    if (!isObject(state)) continue;
    for (const [nested, nestedAt] of nestedGroups(state, at)) checkNames(nested, nestedAt, seen, found);
  }
}

function checkState(
  raw: JsonObject,
  location: string,
  inherited: "JSONPath" | "JSONata",
  siblings: JsonObject | undefined,
  found: Diagnostic[],
): void {
  const type = raw["Type"];
  if (type === undefined) {
    required(raw, ["Type"], location, found);
    return;
  }
  if (!isStateType(type)) {
    found.push(
      schemaError(`The field 'Type' should have one of these values: [${STATE_TYPES.join(", ")}]`, `${location}/Type`),
    );
    return;
  }
  const language = languageOf(raw, inherited);
  if (inherited === "JSONata" && raw["QueryLanguage"] === "JSONPath") {
    found.push(
      schemaError(
        "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
        `${location}/QueryLanguage`,
      ),
    );
  }
  checkFields(raw, location, type, language, found);
  checkFlow(raw, location, type, siblings, found);
  checkScalars(raw, location, language, found);
  if (type === "Wait") checkWait(raw, location, language, found);
  if (type === "Choice") checkChoices(raw, location, siblings, found);
  if (type === "Parallel" && Array.isArray(raw["Branches"])) {
    if (raw["Branches"].length === 0) {
      found.push(schemaError("Value cannot be empty", `${location}/Branches`));
    }
    raw["Branches"].forEach((branch, i) => {
      if (isObject(branch)) checkGroup(branch, `${location}/Branches/${i}`, language, found);
    });
  }
  if (type === "Map") checkMap(raw, location, language, found);
}

function checkMap(raw: JsonObject, location: string, language: "JSONPath" | "JSONata", found: Diagnostic[]): void {
  const processors = ["ItemProcessor", "Iterator"].filter((name) => isObject(raw[name]));
  if (processors.length === 0) {
    found.push(schemaError("These fields are required: [ItemProcessor]", location));
    return;
  }
  const name = processors[0]!;
  const processor = raw[name] as JsonObject;
  checkGroup(processor, `${location}/${name}`, language, found);
  checkMapFields(raw, processor, `${location}/${name}`, location, found);
}
