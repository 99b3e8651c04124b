/**
 * The API of AWS Step Functions over an engine: `statesService(engine)` is a service for the embedded cloud. Inputs and
 * outputs are those of the `@aws-sdk/client-sfn` commands; refusals are `ServiceError`s with AWS's codes and texts.
 */

import type { Engine } from "../../../engine/engine.ts";
import { EngineError } from "../../../engine/engine-error.ts";
import { ServiceError } from "../../service-error.ts";
import type { Operation, Service } from "../../wire/service.ts";
import { executionOperations } from "./execution-operations.ts";
import { stateMachineOperations } from "./state-machine-operations.ts";
import { testState } from "./test-state.ts";

export function statesService(engine: Engine): Service {
  const operations = {
    ...stateMachineOperations(engine),
    ...executionOperations(engine),
    TestState: testState(engine),
  };
  return {
    namespace: "states",
    operations: Object.fromEntries(Object.entries(operations).map(([name, operation]) => [name, refusing(operation)])),
  };
}

/** The engine's refusals carry AWS's names already; here they become the service's. */
function refusing(operation: Operation): Operation {
  return async (input, context) => {
    try {
      return await operation(input, context);
    } catch (error) {
      if (error instanceof EngineError) throw new ServiceError(error.code, error.message);
      throw error;
    }
  };
}
