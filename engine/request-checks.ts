/** Checks the names and inputs of requests. */
import { EngineError } from "./values/engine-error.ts";
import { exceedsBytes, PAYLOAD_LIMIT_BYTES } from "./values/json.ts";
import { jsonProblem } from "./values/json-problem.ts";

/** Characters that names may not hold. @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are among the forbidden ones
const FORBIDDEN_IN_NAMES = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ufffe\uffff\ud800-\udfff]/;

/** @throws {EngineError} InvalidExecutionInput. */
export function checkInput(input: string): void {
  if (exceedsBytes(input, PAYLOAD_LIMIT_BYTES)) {
    throw new EngineError(
      "ValidationException",
      "1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to 262144",
    );
  }
  try {
    JSON.parse(input);
  } catch {
    throw new EngineError("InvalidExecutionInput", `Invalid State Machine Execution Input: '${jsonProblem(input)}'`);
  }
}

/** @throws {EngineError} InvalidName. */
export function checkName(name: string): void {
  if (name.length === 0 || name.length > 80 || FORBIDDEN_IN_NAMES.test(name)) {
    throw new EngineError("InvalidName", `Invalid Name: '${name}'`);
  }
}
