/** The request of a TestState call. */
import type { Json } from "../../../../engine/index.ts";
import { ServiceError } from "../../../service-error.ts";
import type { FieldValidationMode } from "./mock-result.ts";

export interface TestStateInput {
  definition: string;
  stateName?: string;
  roleArn?: string;
  input?: string;
  inspectionLevel?: "INFO" | "DEBUG" | "TRACE";
  revealSecrets?: boolean;
  variables?: string;
  context?: string;
  mock?: {
    result?: string;
    errorOutput?: { error?: string; cause?: string };
    fieldValidationMode?: FieldValidationMode;
  };
  stateConfiguration?: {
    retrierRetryCount?: number;
    errorCausedByState?: string;
    mapIterationFailureCount?: number;
    mapItemReaderData?: string;
  };
}

/** Types of states that may be tested with a mock in the place of their work. */
export const MOCKABLE = new Set(["Task", "Map", "Parallel"]);

/** @throws {ServiceError} ValidationException. */
export function refuse(message: string): never {
  throw new ServiceError("ValidationException", message);
}

/** @throws {ServiceError} InvalidExecutionInput, ValidationException. */
export function parseJson(text: string | undefined, what: string): Json | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new ServiceError(
      what === "input" ? "InvalidExecutionInput" : "ValidationException",
      `Invalid ${what}: '${text}'`,
    );
  }
}
