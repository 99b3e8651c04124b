/** Records the history of an execution: numbers each event, and ends an execution whose history is full. */
import { serialKey } from "../ports/store.ts";
import * as history from "../records/history.ts";
import type { Failure } from "../values/states-error.ts";
import type { RunningExecution } from "./running-execution.ts";
import { ExecutionOver } from "./turns.ts";

const HISTORY_FULL: Failure = {
  error: "States.Runtime",
  cause: "The execution reached the maximum number of history events (25000).",
};

export class HistoryWriter {
  lastEventId = 0;
  readonly #execution: RunningExecution;

  constructor(execution: RunningExecution) {
    this.#execution = execution;
  }

  /**
   * Records an event.
   * @returns Its id.
   * @throws {ExecutionOver} The history is full, so the execution has failed; or the engine was closed during the step.
   */
  record(previousEventId: number, event: history.NewEvent): number {
    // The next process does the step again and records it then.
    if (this.#execution.over) throw new ExecutionOver();
    if (this.#execution.record.type === "STANDARD" && this.lastEventId + 1 >= history.LAST_EVENT_ID) {
      this.#append(previousEventId, history.executionFailed(HISTORY_FULL));
      this.#execution.end("FAILED", HISTORY_FULL);
      throw new ExecutionOver();
    }
    return this.#append(previousEventId, event);
  }

  #append(previousEventId: number, event: history.NewEvent): number {
    const { record, home } = this.#execution;
    const id = ++this.lastEventId;
    const whole: history.HistoryEvent = { timestamp: home.clock.now(), id, previousEventId, ...event };
    // Express executions have no history to ask for; their events only reach the log.
    if (record.type === "STANDARD") {
      this.#execution.change("events", `${serialKey(record.serial)}/${serialKey(id)}`, JSON.stringify(whole));
    }
    home.eventRecorded(record, whole);
    return id;
  }
}
