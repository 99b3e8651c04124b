/** Checks the mock of a TestState call against the state that it is for. */

import type { CompiledState } from "../../../../engine/definition/machine.ts";
import type { Json } from "../../../../engine/index.ts";
import { isObject } from "../../../../engine/values/json.ts";
import { ServiceError } from "../../../service-error.ts";
import { checkMockResult, type FieldValidationMode } from "./mock-result.ts";
import { MOCKABLE, parseJson, refuse, type TestStateInput } from "./request.ts";

/** @throws {ServiceError} ValidationException, InvalidDefinition. */
export function checkMock(
  { mock, revealSecrets, stateConfiguration, context }: TestStateInput,
  state: CompiledState,
): void {
  if (mock?.result !== undefined && mock.errorOutput !== undefined) {
    refuse("A test mock should have only one of the following fields: [result, errorOutput].");
  }
  if (mock && revealSecrets) refuse("TestState does not support RevealSecrets when a mock is specified.");
  if (!mock) {
    for (const [field, label] of [
      ["mapIterationFailureCount", "MapIterationFailureCount"],
      ["retrierRetryCount", "RetrierRetryCount"],
      ["errorCausedByState", "ErrorCausedByState"],
      ["mapItemReaderData", "MapItemReaderData"],
    ] as const) {
      if (stateConfiguration?.[field] !== undefined)
        refuse(`TestState does not support ${label} when a mock is not specified.`);
    }
    if (state.type === "Map" || state.type === "Parallel") {
      throw new ServiceError(
        "InvalidDefinition",
        "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]",
      );
    }
  } else if (!MOCKABLE.has(state.type)) {
    refuse(`State type '${state.type}' is not supported when a mock is specified`);
  }
  const given = parseJson(context, "context");
  if (isObject(given)) {
    if (given["Task"] !== undefined && (state.type !== "Task" || state.resource!.pattern === "requestResponse")) {
      refuse(
        "Invalid Context object provided: Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
      );
    }
    if (given["Map"] !== undefined && state.type !== "Map") {
      refuse("Invalid Context object provided: Context object contains 'Map' when state is not a Map state");
    }
  }
  if (mock?.result !== undefined) checkResult(mock.result, mock.fieldValidationMode ?? "STRICT", state);
}

function checkResult(text: string, mode: FieldValidationMode, state: CompiledState): void {
  let result: Json;
  try {
    result = JSON.parse(text) as Json;
  } catch {
    refuse("Mocked result must be valid JSON");
  }
  if (state.type === "Map") {
    const writes = isObject(state.raw["ResultWriter"]) && Object.keys(state.raw["ResultWriter"]).length > 0;
    if (writes && !isObject(result)) refuse("Mocked result must be a JSON object.");
    if (!writes && !Array.isArray(result)) refuse("Mocked result must be an array.");
  } else if (state.type === "Parallel") {
    if (!Array.isArray(result)) refuse("Mocked result must be an array.");
    if (result.length !== state.groups.length) {
      refuse("Mocked result must contain the same number of items as number of Parallel branches.");
    }
  } else if (state.resource?.events === "task") {
    const { resourceType, resource } = state.resource;
    checkMockResult(`${resourceType}:${resource.replace(".waitForTaskToken", "")}`, result, mode);
  }
}
