/** An execution as its own parts see it: the waits, the journal, and the ways in which a state ends. */
import type { CompiledState } from "../definition/machine.ts";
import type { ExecutionStatus } from "../records/execution-record.ts";
import type { Frame } from "../records/frame.ts";
import type { Execution } from "../states/execution.ts";
import type { Failure, StatesError } from "../values/states-error.ts";
import type { ExecutionEngine, TaskOwner } from "./execution-engine.ts";

export interface RunningExecution extends Execution, TaskOwner {
  readonly home: ExecutionEngine;
  readonly lastEventId: number;
  readonly nextFrameId: number;
  /** It has ended, or this process has let go of it. */
  readonly over: boolean;
  /** Puts a frame among those that go on. */
  ready(frame: Frame): void;
  /** Has the next write store the frame as it is then. */
  touch(frame: Frame): void;
  /** A state failed: it is tried again, caught, or takes down what is around it. */
  fail(frame: Frame, state: CompiledState, error: StatesError): Promise<void>;
  end(status: ExecutionStatus, failure: Failure, output?: string): void;
}
