/**
 * AWS Step Functions over an engine. Inputs and outputs are those of the `@aws-sdk/client-sfn` commands; refusals are
 * `ServiceError`s with AWS's codes and texts.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/Welcome.html
 */
import { type Engine, EngineError } from "../../../engine/index.ts";
import { ServiceError } from "../../service-error.ts";
import type { Operation, Service } from "../../wire/service.ts";
import { activityOperations } from "./operations/activities.ts";
import { aliasOperations } from "./operations/aliases.ts";
import { executionOperations } from "./operations/executions.ts";
import { mapRunOperations } from "./operations/map-runs.ts";
import { stateMachineOperations } from "./operations/state-machines.ts";
import { tagOperations } from "./operations/tags.ts";
import { taskTokenOperations } from "./operations/task-tokens.ts";
import { versionOperations } from "./operations/versions.ts";
import { testState } from "./test-state/operation.ts";

export function statesService(engine: Engine): Service {
  const operations = {
    ...stateMachineOperations(engine),
    ...versionOperations(engine),
    ...aliasOperations(engine),
    ...executionOperations(engine),
    ...mapRunOperations(engine),
    ...taskTokenOperations(engine),
    ...activityOperations(engine),
    ...tagOperations(engine),
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
