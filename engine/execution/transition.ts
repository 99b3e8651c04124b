/** Leaves a state that did its work: the frame goes on to the next state, or ends and hands its output to its parent. */
import type { Completion } from "../data/state-data.ts";
import type { CompiledState } from "../definition/machine.ts";
import type { Frame } from "../records/frame.ts";
import * as history from "../records/history.ts";
import { exceedsBytes, type Json, PAYLOAD_LIMIT_BYTES, toText } from "../values/json.ts";
import { payloadTooLarge } from "../values/states-error.ts";
import type { RunningExecution } from "./running-execution.ts";
import { behaviourOf } from "./state-behaviours.ts";
import { checkVariables } from "./variable-limits.ts";

/**
 * Leaves a state.
 * @param next - Undefined ends the frame.
 * @param after - Id of the event that the exit follows.
 * @throws {StatesError} The output or the variables are too large.
 */
export async function exitState(
  execution: RunningExecution,
  frame: Frame,
  state: CompiledState,
  { output, assigned }: Completion,
  next: string | undefined,
  after: number,
): Promise<void> {
  const outputText = output === frame.input ? frame.inputText : toText(output);
  if (exceedsBytes(outputText, PAYLOAD_LIMIT_BYTES)) throw payloadTooLarge(state.name);
  if (assigned) checkVariables(execution.frames, frame, assigned);
  frame.pointer = execution.recordAfter(after, history.stateExited(state.type, state.name, outputText, assigned));
  if (assigned) Object.assign(frame.variables, assigned);
  if (next === undefined) {
    await frameEnded(execution, frame, output, outputText);
    return;
  }
  frame.state = next;
  frame.input = output;
  frame.inputText = outputText;
  frame.enteredEventId = 0;
  frame.retries = {};
  frame.retryCount = 0;
  frame.lastFailure = undefined;
  frame.redriven = undefined;
  frame.mapRunArn = undefined;
  execution.touch(frame);
  execution.ready(frame);
}

async function frameEnded(execution: RunningExecution, frame: Frame, output: Json, outputText: string): Promise<void> {
  if (frame.parent === null) {
    execution.recordAfter(frame.pointer, history.executionSucceeded(outputText));
    execution.end("SUCCEEDED", {}, outputText);
    return;
  }
  const parent = execution.frames.get(frame.parent)!;
  execution.dropFrame(frame);
  const state = execution.stateOf(parent);
  await execution.attempt(parent, state, () =>
    behaviourOf(state).childEnded!(execution, parent, state, { frame, output, outputText }),
  );
}
