/** Checks the mocked result of a TestState call against what the API would answer. */
import type { Json } from "../../../../engine/index.ts";
import { isObject } from "../../../../engine/values/json.ts";
import { ServiceError } from "../../../service-error.ts";
import { resultShapes } from "./result-shapes.ts";
import type { Shape } from "./shape.ts";

/** STRICT also asks for required members; PRESENT only looks at what is there; NONE looks at nothing. */
export type FieldValidationMode = "STRICT" | "PRESENT" | "NONE";

/**
 * @param operation - `lambda:invoke`, `aws-sdk:s3:getObject`.
 * @throws {ServiceError} ValidationException.
 */
export function checkMockResult(operation: string, result: Json, mode: FieldValidationMode): void {
  const members = resultShapes[operation];
  if (mode === "NONE" || !members) return;
  if (!isObject(result)) refuse("Mock result must be a JSON object");
  check({ kind: "structure", members }, result, "", mode);
}

function refuse(problem: string): never {
  throw new ServiceError("ValidationException", `Mock result schema validation error: ${problem}`);
}

function check(shape: Shape, value: Json, name: string, mode: FieldValidationMode): void {
  switch (shape.kind) {
    case "any":
      return;
    case "string":
    case "blob":
      if (typeof value !== "string") refuse(`Field '${name}' must be a string`);
      if (shape.least !== undefined && value.length < shape.least)
        refuse(`Field '${name}' is smaller than the minimum length`);
      if (shape.most !== undefined && value.length > shape.most) refuse(`Field '${name}' exceeds the maximum length`);
      if (shape.kind === "string" && shape.values && !shape.values.includes(value))
        refuse(`Field '${name}' is not an expected value`);
      return;
    case "number":
      if (typeof value !== "number") refuse(`Field '${name}' must be a number`);
      if (shape.least !== undefined && value < shape.least) refuse(`Field '${name}' is less than the minimum value`);
      if (shape.most !== undefined && value > shape.most) refuse(`Field '${name}' exceeds the maximum value`);
      return;
    case "boolean":
      if (typeof value !== "boolean") refuse(`Field '${name}' must be a boolean`);
      return;
    case "list":
      if (!Array.isArray(value)) refuse(`Field '${name}' must be an array`);
      for (const item of value) check(shape.of, item, name, mode);
      return;
    case "map":
      if (!isObject(value)) refuse(`Field '${name}' must be an object`);
      for (const [key, item] of Object.entries(value)) check(shape.of, item, key, mode);
      return;
    case "structure":
      if (!isObject(value)) refuse(`Field '${name}' must be an object`);
      for (const [member, memberShape] of Object.entries(shape.members)) {
        if (value[member] !== undefined) check(memberShape, value[member], member, mode);
        else if (memberShape.required && mode === "STRICT") refuse(`Required field '${member}' is missing`);
      }
  }
}
