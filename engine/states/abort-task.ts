import type { Frame } from "../records/frame.ts";
import * as history from "../records/history.ts";
import type { Execution } from "./execution.ts";

/** Records that a branch was cut off in the middle of a state, where that state has an event for it. */
export function abortTask(execution: Execution, frame: Frame): void {
  const { type } = execution.stateOf(frame);
  if (frame.enteredEventId === 0) return;
  if (type === "Task" || type === "Wait" || type === "Map" || type === "Parallel") {
    execution.recordAfter(frame.pointer, history.stateAborted(type));
  }
}
