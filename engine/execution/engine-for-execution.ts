/** The engine as an execution sees it. Its states see less: `ExecutionHome`. */
import type { TaskAnswer, TaskCall } from "../ports/task-host.ts";
import type { ExecutionRecord } from "../records/execution-record.ts";
import type { Frame } from "../records/frame.ts";
import type { HistoryEvent } from "../records/history.ts";
import type { ExecutionHome } from "../states/engine-for-states.ts";
import type { Json } from "../values/json.ts";

/** An execution as seen by whoever works on its tasks. */
export interface TaskOwner {
  readonly frames: ReadonlyMap<number, Frame>;
  /** The answer to a call, or to a token. Ignored when nobody waits for it any more. */
  taskAnswered(frameId: number, invocationId: string, answer: TaskAnswer, byToken?: boolean): void;
  /** @returns Whether a task was still waiting. */
  heartbeat(frameId: number): boolean;
  /** An activity worker took the task. */
  activityTaken(frame: Frame, workerName: string | undefined): void;
}

export interface ExecutionEngine extends ExecutionHome {
  readonly tasks: {
    /** Hands a call out; the answer comes back through `taskAnswered`. */
    callOut(owner: TaskOwner, frame: Frame, call: TaskCall): void;
    /** Goes on waiting for a submitted job. */
    follow(owner: TaskOwner, frame: Frame, call: TaskCall, submitted: Json): void;
  };
  readonly tokens: {
    opened(token: string, owner: TaskOwner, frameId: number): void;
    closed(token: string): void;
  };
  eventRecorded(record: ExecutionRecord, event: HistoryEvent): void;
  executionEnded(record: ExecutionRecord): void;
}
