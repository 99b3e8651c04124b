/** The behaviour of a state type: what happens when a state of that type is entered, answered, resumed or dropped. */
import type { CompiledState } from "../definition/machine.ts";
import type { TaskAnswer } from "../ports/task-host.ts";
import type { ExecutionRecord } from "../records/execution-record.ts";
import type { Frame } from "../records/frame.ts";
import type { MapRunLimits } from "../records/map-run-record.ts";
import type { Json } from "../values/json.ts";
import type { Execution } from "./execution.ts";

/** A branch or iteration that came to its end, and its output. */
export interface EndedChild {
  frame: Frame;
  output: Json;
  outputText: string;
}

/** A `StatesError` that one of these functions throws is the failure of the state. */
export interface StateBehaviour {
  /** After the state was entered, and again for each retry. */
  run(execution: Execution, frame: Frame, state: CompiledState): Promise<void>;
  timerFired?(execution: Execution, frame: Frame, state: CompiledState): Promise<void>;
  answered?(execution: Execution, frame: Frame, state: CompiledState, answer: TaskAnswer): Promise<void>;
  /** A branch or iteration came to its end; its frame is gone. */
  childEnded?(execution: Execution, frame: Frame, state: CompiledState, child: EndedChild): Promise<void>;
  /** A branch or iteration failed: clears all of them away and records how. */
  childFailed?(execution: Execution, frame: Frame, state: CompiledState, child: Frame): void;
  /** The item an iteration works on. */
  itemOf?(execution: Execution, frame: Frame, index: number): { value: Json } | undefined;
  /** Rebuilds the progress of a state with children after a restart. */
  restore?(execution: Execution, frame: Frame, state: CompiledState): Promise<void>;
  /** A child execution of a distributed Map ended. */
  childExecutionEnded?(execution: Execution, frame: Frame, state: CompiledState, child: ExecutionRecord): Promise<void>;
  /** Starts the child executions that are due. */
  goOn?(execution: Execution, frame: Frame, state: CompiledState): Promise<void>;
  /** UpdateMapRun changed the run's limits. */
  mapRunUpdated?(execution: Execution, frame: Frame, given: Partial<MapRunLimits>): Promise<void>;
  /** The frame is going away: drops what the state kept in the journal. */
  forget?(execution: Execution, frame: Frame): void;
}
