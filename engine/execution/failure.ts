/** Leaves a state that failed: retries it, goes on to a catcher's state, or fails the frame. `retry.ts` decides which. */
import type { CompiledState } from "../definition/machine.ts";
import type { Frame } from "../records/frame.ts";
import * as history from "../records/history.ts";
import type { JsonObject } from "../values/json.ts";
import { type Failure, QueryEvaluationError, StatesError } from "../values/states-error.ts";
import { decideCatch, decideRetry, failureOf, isFinal } from "./retry.ts";
import type { RunningExecution } from "./running-execution.ts";
import { behaviourOf } from "./state-behaviours.ts";

export async function stateFailed(
  execution: RunningExecution,
  frame: Frame,
  state: CompiledState,
  error: StatesError,
): Promise<void> {
  execution.settle(frame);
  if (error instanceof QueryEvaluationError && error.state === state.name) {
    const after = frame.pointer === frame.enteredEventId ? frame.enteredAfter : frame.pointer;
    frame.pointer = execution.recordAfter(
      after,
      history.evaluationFailed(failureOf(error), error.state, error.location),
    );
  }
  const failure = failureOf(error);
  const final = isFinal(error);
  if (!final && retryLater(execution, frame, state, failure)) return;
  // A Map or a Parallel whose own fields could not be read fails without an event of its own.
  if (!final || frame.pointer !== frame.enteredEventId) {
    if (state.type === "Map") execution.recordEvent(frame, history.mapStateFailed());
    if (state.type === "Parallel") execution.recordEvent(frame, history.parallelStateFailed());
  }
  const catcher = final ? -1 : decideCatch(state.catch, failure);
  if (catcher < 0) await frameFailed(execution, frame, error);
  else await caught(execution, frame, state, catcher, failure);
}

/** @returns Whether a retrier takes the failure. */
function retryLater(execution: RunningExecution, frame: Frame, state: CompiledState, failure: Failure): boolean {
  const { chance, clock } = execution.home;
  const retry = decideRetry(state, frame.retries, failure, chance);
  if (!retry) return false;
  frame.retries[retry.retrier] = (frame.retries[retry.retrier] ?? 0) + 1;
  frame.retryCount++;
  frame.lastFailure = failure;
  execution.waitFor(frame, { kind: "timer", untilMs: clock.now() + retry.delayMs, purpose: "retry" });
  return true;
}

async function caught(
  execution: RunningExecution,
  frame: Frame,
  state: CompiledState,
  catcher: number,
  failure: Failure,
): Promise<void> {
  try {
    const errorOutput: JsonObject = {
      Error: failure.error ?? null,
      Cause: failure.cause ?? (failure.error === "States.Timeout" ? "" : null),
    };
    const completion = await state.data.caught(execution.scope(frame, state), catcher, errorOutput);
    await execution.exit(frame, state, completion, state.catch[catcher]!.next);
  } catch (inCatcher) {
    if (!(inCatcher instanceof StatesError)) throw inCatcher;
    await frameFailed(execution, frame, inCatcher);
  }
}

async function frameFailed(execution: RunningExecution, frame: Frame, error: StatesError): Promise<void> {
  if (frame.parent === null) {
    const failure = failureOf(error);
    execution.recordAfter(frame.pointer, history.executionFailed(failure));
    execution.end("FAILED", failure);
    return;
  }
  const parent = execution.frames.get(frame.parent)!;
  const state = execution.stateOf(parent);
  behaviourOf(state).childFailed!(execution, parent, state, frame);
  await execution.fail(parent, state, error);
}
