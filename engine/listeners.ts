/** Listeners of the engine, which hear of the start and end of executions, and of each event. */
import type { ExecutionRecord } from "./records/execution-record.ts";
import type { HistoryEvent } from "./records/history.ts";

export type StatusListener = (record: Readonly<ExecutionRecord>) => void;
export type EventListener = (record: Readonly<ExecutionRecord>, event: HistoryEvent) => void;

export class Listeners {
  readonly #toStatus = new Set<StatusListener>();
  readonly #toEvents = new Set<EventListener>();

  onStatusChange(listener: StatusListener): () => void {
    this.#toStatus.add(listener);
    return () => this.#toStatus.delete(listener);
  }

  onEvent(listener: EventListener): () => void {
    this.#toEvents.add(listener);
    return () => this.#toEvents.delete(listener);
  }

  statusChanged(record: ExecutionRecord): void {
    for (const listener of this.#toStatus) listener(record);
  }

  eventRecorded(record: ExecutionRecord, event: HistoryEvent): void {
    for (const listener of this.#toEvents) listener(record, event);
  }
}
