/** An execution as its own parts see it: the waits, the journal, and the ways in which a state ends. */
import type { CompiledState } from "../definition/machine.ts";
import type { ExecutionStatus } from "../records/execution-record.ts";
import type { Frame } from "../records/frame.ts";
import type { Execution } from "../states/execution.ts";
import type { Failure, StatesError } from "../values/states-error.ts";
import type { ExecutionEngine, TaskOwner } from "./engine-for-execution.ts";

export interface RunningExecution extends Execution, TaskOwner {
  readonly home: ExecutionEngine;
  readonly lastEventId: number;
  readonly nextFrameId: number;
  /** The execution has ended, or this process has let go of it. */
  readonly over: boolean;
  /** Queues a frame for its next step. */
  ready(frame: Frame): void;
  /** Marks a frame for the next write, which stores it as it is then. */
  touch(frame: Frame): void;
  /** Handles the failure of a state: retries it, catches it, or fails the frame. */
  fail(frame: Frame, state: CompiledState, error: StatesError): Promise<void>;
  end(status: ExecutionStatus, failure: Failure, output?: string): void;
}
