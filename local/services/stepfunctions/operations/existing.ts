/** The execution or state machine that a request names, or AWS's refusal when there is none. */

import { type Engine, EngineError, type ExecutionRecord } from "../../../../engine/index.ts";
import type { StateMachineRecord } from "../../../../engine/state-machines.ts";
import { unqualified } from "../../../../engine/values/arn.ts";
import { ServiceError } from "../../../service-error.ts";
import { checkArn } from "./arn.ts";

/** @throws {ServiceError | EngineError} InvalidArn, ExecutionDoesNotExist. */
export function existingExecution(engine: Engine, arn: string): ExecutionRecord {
  checkArn(arn);
  const record = engine.describe(arn);
  if (!record) throw new EngineError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
  return record;
}

/** @throws {ServiceError} InvalidArn, StateMachineDoesNotExist. */
export function existingMachine(engine: Engine, arn: string): StateMachineRecord {
  checkArn(arn);
  const record = engine.stateMachines.get(unqualified(arn).arn);
  if (!record) throw new ServiceError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
  return record;
}
