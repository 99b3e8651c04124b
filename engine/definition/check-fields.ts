/** Fields that a state of each type may have and must have, in each query language. */
import type { Diagnostic } from "../values/definition-error.ts";
import type { JsonObject } from "../values/json.ts";
import { required, schemaError } from "./findings.ts";

const COMMON = ["Type", "Comment", "QueryLanguage"];
const FLOW = ["Next", "End"];
const FAILURES = ["Retry", "Catch"];
const JSONPATH_IO = ["InputPath", "OutputPath"];
const JSONPATH_RESULT = ["ResultPath", "ResultSelector", "Parameters"];

/** Fields that a state may have, beside those that every state has. */
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

export const STATE_TYPES = ["Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map"];

const REQUIRED: Record<string, string[]> = { Task: ["Resource"], Choice: ["Choices"], Parallel: ["Branches"] };

export function isStateType(type: unknown): type is string {
  return typeof type === "string" && Object.hasOwn(FIELDS, type);
}

/** @param type - The state's type, which has to exist. */
export function checkFields(
  raw: JsonObject,
  location: string,
  type: string,
  language: "JSONPath" | "JSONata",
  found: Diagnostic[],
): void {
  const fields = FIELDS[type]!;
  const allowed = new Set([...COMMON, ...fields.both, ...(language === "JSONata" ? fields.jsonata : fields.jsonPath)]);
  for (const name of Object.keys(raw)) {
    if (allowed.has(name) || (type === "Task" && name === "TimeoutSeconds")) continue;
    const other = new Set(language === "JSONata" ? fields.jsonPath : fields.jsonata);
    found.push(
      other.has(name)
        ? schemaError(`The QueryLanguage '${language}' does not support the field '${name}'`, `${location}/${name}`)
        : schemaError("Field is not supported", `${location}/${name}`),
    );
  }
  required(raw, REQUIRED[type] ?? [], location, found);
}
