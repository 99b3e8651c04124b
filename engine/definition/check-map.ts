/** The fields of a Map around its processor. */
import type { Diagnostic } from "../values/definition-error.ts";
import { isObject, type JsonObject } from "../values/json.ts";
import { required, schemaError } from "./findings.ts";

const READERS = ["arn:aws:states:::s3:getObject", "arn:aws:states:::s3:listObjectsV2"];
const READER_INPUTS = ["CSV", "JSON", "JSONL", "MANIFEST"];
const WRITERS = ["arn:aws:states:::s3:putObject"];

/** Readers and writers that the engine has. */
function checkMapIntegrations(raw: JsonObject, location: string, found: Diagnostic[]): void {
  for (const [field, known] of [
    ["ItemReader", READERS],
    ["ResultWriter", WRITERS],
  ] as const) {
    const resource = isObject(raw[field]) ? raw[field]["Resource"] : undefined;
    if (resource === undefined || known.includes(String(resource).replace(/^arn:aws[\w-]*:/, "arn:aws:"))) continue;
    found.push(
      schemaError(`The resource provided ${String(resource)} is not recognized.`, `${location}/${field}/Resource`),
    );
  }
  const config = isObject(raw["ItemReader"]) ? raw["ItemReader"]["ReaderConfig"] : undefined;
  const input = isObject(config) ? config["InputType"] : undefined;
  if (input !== undefined && !READER_INPUTS.includes(String(input))) {
    found.push(
      schemaError(
        `Value is not one of the allowed values: [${READER_INPUTS.join(", ")}]`,
        `${location}/ItemReader/ReaderConfig/InputType`,
      ),
    );
  }
}

/** @param location - JSON pointer to the Map. */
export function checkMapFields(
  raw: JsonObject,
  processor: JsonObject,
  processorLocation: string,
  location: string,
  found: Diagnostic[],
): void {
  checkMapIntegrations(raw, location, found);
  const config = processor["ProcessorConfig"];
  if (!isObject(config)) return;
  if (config["Mode"] === "DISTRIBUTED") {
    required(config, ["ExecutionType"], `${processorLocation}/ProcessorConfig`, found);
  } else {
    for (const field of ["ItemReader", "ItemBatcher", "ResultWriter", "Label"]) {
      if (raw[field] !== undefined) {
        found.push(
          schemaError(
            `Field '${field}' is only supported when the processor mode is DISTRIBUTED`,
            `${location}/${field}`,
          ),
        );
      }
    }
  }
}
