/** What is wrong with a definition, in the words of ValidateStateMachineDefinition. */
import { parseTimestamp } from "../data/timestamp.ts";
import { isObject, type Json, type JsonObject } from "../values/json.ts";
import { jsonProblem, locateJsonProblem } from "../values/json-problem.ts";
import { DefinitionError, type Diagnostic } from "../values/states-error.ts";
import { compileMachine } from "./machine.ts";

/** AWS's limit for a definition, in bytes. */
const DEFINITION_LIMIT_BYTES = 1024 * 1024;
const LONGEST_STATE_NAME = 80;

const COMMON = ["Type", "Comment", "QueryLanguage"];
const FLOW = ["Next", "End"];
const FAILURES = ["Retry", "Catch"];
const JSONPATH_IO = ["InputPath", "OutputPath"];
const JSONPATH_RESULT = ["ResultPath", "ResultSelector", "Parameters"];

/** Fields a state may have, beside those every state has. */
const FIELDS: Record<string, { both: string[]; jsonPath: string[]; jsonata: string[] }> = {
  Pass: {
    both: [...FLOW, "Assign"],
    jsonPath: [...JSONPATH_IO, "ResultPath", "Parameters", "Result"],
    jsonata: ["Output"],
  },
  Task: {
    both: [...FLOW, ...FAILURES, "Assign", "Resource", "TimeoutSeconds", "HeartbeatSeconds", "Credentials"],
    jsonPath: [...JSONPATH_IO, ...JSONPATH_RESULT, "TimeoutSecondsPath", "HeartbeatSecondsPath"],
    jsonata: ["Arguments", "Output"],
  },
  Choice: { both: ["Choices", "Default", "Assign"], jsonPath: JSONPATH_IO, jsonata: ["Output"] },
  Wait: {
    both: [...FLOW, "Assign", "Seconds", "Timestamp"],
    jsonPath: [...JSONPATH_IO, "SecondsPath", "TimestampPath"],
    jsonata: ["Output"],
  },
  Succeed: { both: [], jsonPath: JSONPATH_IO, jsonata: ["Output"] },
  Fail: { both: ["Error", "Cause"], jsonPath: ["ErrorPath", "CausePath"], jsonata: [] },
  Parallel: {
    both: [...FLOW, ...FAILURES, "Assign", "Branches"],
    jsonPath: [...JSONPATH_IO, ...JSONPATH_RESULT],
    jsonata: ["Arguments", "Output"],
  },
  Map: {
    both: [
      ...FLOW,
      ...FAILURES,
      "Assign",
      "ItemProcessor",
      "Iterator",
      "ItemReader",
      "ItemBatcher",
      "ResultWriter",
      "ItemSelector",
      "MaxConcurrency",
      "ToleratedFailureCount",
      "ToleratedFailurePercentage",
      "Label",
    ],
    jsonPath: [
      ...JSONPATH_IO,
      ...JSONPATH_RESULT,
      "ItemsPath",
      "MaxConcurrencyPath",
      "ToleratedFailureCountPath",
      "ToleratedFailurePercentagePath",
    ],
    jsonata: ["Items", "Output"],
  },
};

const STATE_TYPES = ["Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map"];

const REQUIRED: Record<string, string[]> = { Task: ["Resource"], Choice: ["Choices"], Parallel: ["Branches"] };

/**
 * Reads text as a definition and says what is wrong with it. Nothing is wrong when the list is empty.
 * @param type - Express machines may not wait for jobs, tokens or activity workers.
 */
export function validateDefinition(text: string, type: "STANDARD" | "EXPRESS" = "STANDARD"): Diagnostic[] {
  if (Buffer.byteLength(text) > DEFINITION_LIMIT_BYTES) {
    return [error("SCHEMA_VALIDATION_FAILED", `The definition is larger than ${DEFINITION_LIMIT_BYTES} bytes`)];
  }
  if (text.trim() === "") return [error("SCHEMA_VALIDATION_FAILED", "Definition must be a valid JSON object")];
  let definition: Json;
  try {
    definition = JSON.parse(text) as Json;
  } catch {
    return [invalidJson(text)];
  }
  if (!isObject(definition)) return [error("SCHEMA_VALIDATION_FAILED", "Definition must be a valid JSON object")];
  const found: Diagnostic[] = [];
  checkGroup(definition, "", languageOf(definition, "JSONPath"), found, true);
  checkNames(definition, "", new Set(), found);
  if (found.every(({ severity }) => severity === "WARNING")) {
    try {
      compileMachine(definition);
    } catch (problem) {
      if (!(problem instanceof DefinitionError)) throw problem;
      found.push(...problem.diagnostics);
    }
  }
  if (type === "EXPRESS") checkExpress(definition, "", found);
  return found;
}

/** Integrations that outlive what an express execution can wait for. */
function checkExpress(group: JsonObject, location: string, found: Diagnostic[]): void {
  for (const [name, state] of Object.entries(isObject(group["States"]) ? group["States"] : {})) {
    if (!isObject(state)) continue;
    const at = `${location}/States/${name}`;
    const resource = state["Resource"];
    if (typeof resource === "string") {
      const suffix = /\.(sync(?::2)?|waitForTaskToken)$/.exec(resource)?.[1];
      if (suffix !== undefined) {
        const pattern = suffix.startsWith("sync") ? "sync" : suffix;
        found.push(
          error(
            "SCHEMA_VALIDATION_FAILED",
            `Express state machine does not support '.${pattern}' service integration`,
            `${at}/Resource`,
          ),
        );
      } else if (/:states:[^:]*:[^:]*:activity:/.test(resource)) {
        found.push(
          error("SCHEMA_VALIDATION_FAILED", "Express state machine does not support Activity ARN", `${at}/Resource`),
        );
      }
    }
    for (const field of ["ItemProcessor", "Iterator"]) {
      const nested = state[field];
      if (!isObject(nested)) continue;
      const config = nested["ProcessorConfig"];
      if (isObject(config) && config["Mode"] === "DISTRIBUTED") {
        found.push(
          error(
            "SCHEMA_VALIDATION_FAILED",
            "Express state machine does not support Map state with DISTRIBUTED mode",
            `${at}/${field}/ProcessorConfig/Mode`,
          ),
        );
      }
      checkExpress(nested, `${at}/${field}`, found);
    }
    if (Array.isArray(state["Branches"])) {
      for (const [i, branch] of state["Branches"].entries())
        if (isObject(branch)) checkExpress(branch, `${at}/Branches/${i}`, found);
    }
  }
}

function error(code: string, message: string, location?: string): Diagnostic {
  return { severity: "ERROR", code, message, ...(location === undefined ? {} : { location }) };
}

function invalidJson(text: string): Diagnostic {
  return error("INVALID_JSON_DESCRIPTION", jsonProblem(text), locateJsonProblem(text).source);
}

function languageOf(raw: JsonObject, inherited: "JSONPath" | "JSONata"): "JSONPath" | "JSONata" {
  return raw["QueryLanguage"] === "JSONata" ? "JSONata" : raw["QueryLanguage"] === "JSONPath" ? "JSONPath" : inherited;
}

function required(raw: JsonObject, names: readonly string[], location: string, found: Diagnostic[]): void {
  const missing = names.filter((name) => raw[name] === undefined);
  if (missing.length === 0) return;
  found.push(error("SCHEMA_VALIDATION_FAILED", `These fields are required: [${missing.join(", ")}]`, location));
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
    found.push(
      error(
        "SCHEMA_VALIDATION_FAILED",
        "Value is not one of the allowed values: [JSONPath, JSONata]",
        `${location}/QueryLanguage`,
      ),
    );
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
      found.push(error("SCHEMA_VALIDATION_FAILED", "Expected value of type Object", stateLocation));
      continue;
    }
    if (name.length > LONGEST_STATE_NAME) {
      found.push(
        error(
          "SCHEMA_VALIDATION_FAILED",
          `State name exceeds the maximum length of ${LONGEST_STATE_NAME} characters`,
          stateLocation,
        ),
      );
    }
    checkState(state, stateLocation, language, states, found);
  }
}

/**
 * Checks one state by itself; where it leads is not looked at.
 * @param name - Only for the locations.
 */
export function validateState(raw: JsonObject, name: string, inherited: "JSONPath" | "JSONata"): Diagnostic[] {
  const found: Diagnostic[] = [];
  checkState(raw, `/States/${name}`, inherited, undefined, found);
  if (found.length === 0) {
    try {
      compileMachine({ QueryLanguage: inherited, StartAt: name, States: { [name]: raw } });
    } catch (problem) {
      if (!(problem instanceof DefinitionError)) throw problem;
      found.push(...problem.diagnostics);
    }
  }
  return found;
}

/** States that no path from `StartAt` leads to are refused, like paths that lead nowhere. */
function checkReach(raw: JsonObject, states: JsonObject, location: string, found: Diagnostic[]): void {
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

/** A name may stand only once in a whole machine, branches and item processors included. */
function checkNames(group: JsonObject, location: string, seen: Set<string>, found: Diagnostic[]): void {
  for (const [name, state] of Object.entries(isObject(group["States"]) ? group["States"] : {})) {
    const at = `${location}/States/${name}`;
    if (seen.has(name)) found.push(error("DUPLICATE_STATE_NAME", `Duplicate State name: ${name}`, at));
    seen.add(name);
    if (!isObject(state)) continue;
    for (const field of ["ItemProcessor", "Iterator"]) {
      if (isObject(state[field])) checkNames(state[field], `${at}/${field}`, seen, found);
    }
    if (!Array.isArray(state["Branches"])) continue;
    for (const [i, branch] of state["Branches"].entries()) {
      if (isObject(branch)) checkNames(branch, `${at}/Branches/${i}`, seen, found);
    }
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
  const fields = typeof type === "string" ? FIELDS[type] : undefined;
  if (!fields || typeof type !== "string") {
    found.push(
      error(
        "SCHEMA_VALIDATION_FAILED",
        `The field 'Type' should have one of these values: [${STATE_TYPES.join(", ")}]`,
        `${location}/Type`,
      ),
    );
    return;
  }
  const language = languageOf(raw, inherited);
  if (inherited === "JSONata" && raw["QueryLanguage"] === "JSONPath") {
    found.push(
      error(
        "SCHEMA_VALIDATION_FAILED",
        "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
        `${location}/QueryLanguage`,
      ),
    );
  }
  checkFields(raw, location, type, fields, language, found);
  required(raw, REQUIRED[type] ?? [], location, found);
  checkFlow(raw, location, type, siblings, found);
  checkScalars(raw, location, language, found);
  if (type === "Wait") checkWait(raw, location, language, found);
  if (type === "Choice") checkChoices(raw, location, siblings, found);
  if (type === "Parallel" && Array.isArray(raw["Branches"])) {
    if (raw["Branches"].length === 0) {
      found.push(error("SCHEMA_VALIDATION_FAILED", "Value cannot be empty", `${location}/Branches`));
    }
    raw["Branches"].forEach((branch, i) => {
      if (isObject(branch)) checkGroup(branch, `${location}/Branches/${i}`, language, found);
    });
  }
  if (type === "Map") checkMap(raw, location, language, found);
}

function checkFields(
  raw: JsonObject,
  location: string,
  type: string,
  fields: { both: string[]; jsonPath: string[]; jsonata: string[] },
  language: "JSONPath" | "JSONata",
  found: Diagnostic[],
): void {
  const allowed = new Set([...COMMON, ...fields.both, ...(language === "JSONata" ? fields.jsonata : fields.jsonPath)]);
  for (const name of Object.keys(raw)) {
    if (allowed.has(name) || (type === "Task" && name === "TimeoutSeconds")) continue;
    const other = new Set(language === "JSONata" ? fields.jsonPath : fields.jsonata);
    found.push(
      other.has(name)
        ? error(
            "SCHEMA_VALIDATION_FAILED",
            language === "JSONata"
              ? `The QueryLanguage 'JSONata' does not support the field '${name}'`
              : `The QueryLanguage 'JSONPath' does not support the field '${name}'`,
            `${location}/${name}`,
          )
        : error("SCHEMA_VALIDATION_FAILED", "Field is not supported", `${location}/${name}`),
    );
  }
}

function checkTarget(
  target: Json | undefined,
  siblings: JsonObject | undefined,
  location: string,
  found: Diagnostic[],
): void {
  if (siblings && typeof target === "string" && !Object.hasOwn(siblings, target)) {
    found.push(error("MISSING_TRANSITION_TARGET", `Missing 'Next' target: ${target}`, location));
  }
}

function checkFlow(
  raw: JsonObject,
  location: string,
  type: string,
  siblings: JsonObject | undefined,
  found: Diagnostic[],
): void {
  if (["Pass", "Task", "Wait", "Parallel", "Map"].includes(type)) {
    const ends = raw["End"] === true;
    if (raw["Next"] === undefined && !ends) {
      found.push(error("SCHEMA_VALIDATION_FAILED", "Field 'Next' or 'End' is required", location));
    }
    if (raw["Next"] !== undefined && ends) {
      found.push(
        error("SCHEMA_VALIDATION_FAILED", "Only one of the fields 'Next' and 'End' may be specified", location),
      );
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
        found.push(
          error(
            "SCHEMA_VALIDATION_FAILED",
            "Value must be greater than or equal to 1.0",
            `${location}/Retry/${i}/BackoffRate`,
          ),
        );
      }
    });
  }
}

function checkScalars(raw: JsonObject, location: string, language: "JSONPath" | "JSONata", found: Diagnostic[]): void {
  for (const name of ["TimeoutSeconds", "HeartbeatSeconds", "Seconds", "MaxConcurrency", "ToleratedFailureCount"]) {
    const value = raw[name];
    if (value === undefined) continue;
    if (language === "JSONata" && typeof value === "string" && value.startsWith("{%")) continue;
    if (typeof value !== "number" || !Number.isInteger(value)) {
      found.push(error("SCHEMA_VALIDATION_FAILED", "Expected value of type Integer", `${location}/${name}`));
    } else if (value < 0) {
      found.push(error("SCHEMA_VALIDATION_FAILED", "Value must be greater than or equal to 0", `${location}/${name}`));
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
      found.push(
        error("SCHEMA_VALIDATION_FAILED", `Only one of the fields '${name}' and '${path}' may be specified`, location),
      );
    }
  }
}

function checkWait(raw: JsonObject, location: string, language: "JSONPath" | "JSONata", found: Diagnostic[]): void {
  const given = ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"].filter((name) => raw[name] !== undefined);
  if (given.length !== 1) {
    found.push(
      error(
        "SCHEMA_VALIDATION_FAILED",
        "Exactly one of the fields is required: [Seconds, SecondsPath, Timestamp, TimestampPath]",
        location,
      ),
    );
  }
  const timestamp = raw["Timestamp"];
  if (
    timestamp === undefined ||
    (language === "JSONata" && typeof timestamp === "string" && timestamp.startsWith("{%"))
  )
    return;
  if (typeof timestamp !== "string" || parseTimestamp(timestamp) === undefined) {
    found.push(error("SCHEMA_VALIDATION_FAILED", "String does not match RFC3339 timestamp", `${location}/Timestamp`));
  }
}

function checkChoices(raw: JsonObject, location: string, siblings: JsonObject | undefined, found: Diagnostic[]): void {
  checkTarget(raw["Default"], siblings, `${location}/Default`, found);
  const choices = raw["Choices"];
  if (choices === undefined) return;
  if (!Array.isArray(choices) || choices.length === 0) {
    found.push(error("SCHEMA_VALIDATION_FAILED", "Value cannot be empty", `${location}/Choices`));
    return;
  }
  choices.forEach((rule, i) => {
    if (!isObject(rule)) return;
    required(rule, ["Next"], `${location}/Choices/${i}`, found);
    checkTarget(rule["Next"], siblings, `${location}/Choices/${i}/Next`, found);
  });
}

const READERS = ["arn:aws:states:::s3:getObject", "arn:aws:states:::s3:listObjectsV2"];
const READER_INPUTS = ["CSV", "JSON", "JSONL", "MANIFEST"];
const WRITERS = ["arn:aws:states:::s3:putObject"];

/** Where a distributed Map reads from and writes to, as far as we have it. */
function checkMapIntegrations(raw: JsonObject, location: string, found: Diagnostic[]): void {
  for (const [field, known] of [
    ["ItemReader", READERS],
    ["ResultWriter", WRITERS],
  ] as const) {
    const resource = isObject(raw[field]) ? raw[field]["Resource"] : undefined;
    if (resource === undefined || known.includes(String(resource).replace(/^arn:aws[\w-]*:/, "arn:aws:"))) continue;
    found.push(
      error(
        "SCHEMA_VALIDATION_FAILED",
        `The resource provided ${String(resource)} is not recognized.`,
        `${location}/${field}/Resource`,
      ),
    );
  }
  const config = isObject(raw["ItemReader"]) ? raw["ItemReader"]["ReaderConfig"] : undefined;
  const input = isObject(config) ? config["InputType"] : undefined;
  if (input !== undefined && !READER_INPUTS.includes(String(input))) {
    found.push(
      error(
        "SCHEMA_VALIDATION_FAILED",
        `Value is not one of the allowed values: [${READER_INPUTS.join(", ")}]`,
        `${location}/ItemReader/ReaderConfig/InputType`,
      ),
    );
  }
}

function checkMap(raw: JsonObject, location: string, language: "JSONPath" | "JSONata", found: Diagnostic[]): void {
  const processors = ["ItemProcessor", "Iterator"].filter((name) => isObject(raw[name]));
  if (processors.length === 0) {
    found.push(error("SCHEMA_VALIDATION_FAILED", "These fields are required: [ItemProcessor]", location));
    return;
  }
  const name = processors[0]!;
  const processor = raw[name] as JsonObject;
  checkGroup(processor, `${location}/${name}`, language, found);
  checkMapIntegrations(raw, location, found);
  const config = processor["ProcessorConfig"];
  if (!isObject(config)) return;
  if (config["Mode"] === "DISTRIBUTED") {
    required(config, ["ExecutionType"], `${location}/${name}/ProcessorConfig`, found);
  } else {
    for (const field of ["ItemReader", "ItemBatcher", "ResultWriter", "Label"]) {
      if (raw[field] !== undefined) {
        found.push(
          error(
            "SCHEMA_VALIDATION_FAILED",
            `Field '${field}' is only supported when the processor mode is DISTRIBUTED`,
            `${location}/${field}`,
          ),
        );
      }
    }
  }
}
