/** What a state type does. One file each; this one tells them apart. */
import type { CompiledState, StateType } from "../definition/machine.ts";
import type { LiveExecution } from "../execution/live-execution.ts";
import type { TaskAnswer } from "../ports/task-host.ts";
import type { ExecutionRecord } from "../records/execution-record.ts";
import type { Frame } from "../records/frame.ts";
import type { Json } from "../values/json.ts";
import { choice } from "./choice.ts";
import { distributedMap } from "./distributed-map/distributed-map.ts";
import { failState } from "./fail.ts";
import { inlineMap } from "./inline-map.ts";
import { parallel } from "./parallel.ts";
import { pass } from "./pass.ts";
import { succeed } from "./succeed.ts";
import { task } from "./task.ts";
import { wait } from "./wait.ts";

export interface EndedChild {
  frame: Frame;
  output: Json;
  outputText: string;
}

/** What a state throws as `StatesError` is its failure. */
export interface StateBehaviour {
  /** After the state was entered, and again for each retry. */
  run(execution: LiveExecution, frame: Frame, state: CompiledState): Promise<void>;
  timerFired?(execution: LiveExecution, frame: Frame, state: CompiledState): Promise<void>;
  answered?(execution: LiveExecution, frame: Frame, state: CompiledState, answer: TaskAnswer): Promise<void>;
  /** A branch or iteration came to its end; its frame is gone. */
  childEnded?(execution: LiveExecution, frame: Frame, state: CompiledState, child: EndedChild): Promise<void>;
  /** A branch or iteration failed: clears all of them away and records how. */
  childFailed?(execution: LiveExecution, frame: Frame, state: CompiledState, child: Frame): void;
  /** The item an iteration works on. */
  itemOf?(execution: LiveExecution, frame: Frame, index: number): { value: Json } | undefined;
  /** Rebuilds in memory, after a restart, what the journal knows of a state with children. */
  restore?(execution: LiveExecution, frame: Frame, state: CompiledState): Promise<void>;
  /** A child execution of a distributed Map ended. */
  childExecutionEnded?(
    execution: LiveExecution,
    frame: Frame,
    state: CompiledState,
    child: ExecutionRecord,
  ): Promise<void>;
  /** Starts the child executions that are due. */
  goOn?(execution: LiveExecution, frame: Frame, state: CompiledState): Promise<void>;
  /** UpdateMapRun changed the run's limits. */
  mapRunUpdated?(execution: LiveExecution, frame: Frame, given: object): Promise<void>;
  /** The frame is going away: drops what the state kept in the journal. */
  forget?(execution: LiveExecution, frame: Frame): void;
}

const behaviours: Record<Exclude<StateType, "Map">, StateBehaviour> = {
  Pass: pass,
  Task: task,
  Choice: choice,
  Wait: wait,
  Succeed: succeed,
  Fail: failState,
  Parallel: parallel,
};

export function behaviourOf(state: CompiledState): StateBehaviour {
  if (state.type === "Map") return isDistributed(state) ? distributedMap : inlineMap;
  return behaviours[state.type];
}

export function isDistributed(state: CompiledState): boolean {
  const processor = (state.raw["ItemProcessor"] ?? state.raw["Iterator"]) as
    | { ProcessorConfig?: { Mode?: string } }
    | undefined;
  return processor?.ProcessorConfig?.Mode === "DISTRIBUTED";
}
