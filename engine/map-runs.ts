/** Map runs as the API shows and changes them. The distributed Map state itself keeps their records up to date. */
import type { LiveExecutions } from "./live-executions.ts";
import type { Store } from "./ports/store.ts";
import { type MapRunLimits, type MapRunRecord, mapRunAt, mapRunChange } from "./records/map-run-record.ts";
import { EngineError } from "./values/engine-error.ts";

export class MapRuns {
  readonly #store: Store;
  readonly #live: LiveExecutions;

  constructor(store: Store, live: LiveExecutions) {
    this.#store = store;
    this.#live = live;
  }

  get(arn: string): MapRunRecord | undefined {
    return mapRunAt(this.#store, arn);
  }

  /** Runs that an execution started, oldest first. */
  list(executionArn: string): MapRunRecord[] {
    return this.#store
      .list("mapRuns", { prefix: "" })
      .map(({ value }) => JSON.parse(value) as MapRunRecord)
      .filter((run) => run.executionArn === executionArn)
      .sort((a, b) => a.startMs - b.startMs);
  }

  /** @throws {EngineError} ResourceNotFound. */
  update(arn: string, limits: Partial<MapRunLimits>): void {
    const run = this.get(arn);
    if (!run) throw new EngineError("ResourceNotFound", `Resource not found: '${arn}'`);
    const live = this.#live.bySerial(run.serial);
    const frame = live?.frames.get(run.frame);
    if (live && frame) live.mapRunUpdated(frame, limits);
    this.#store.write([mapRunChange({ ...run, ...limits })]);
  }
}
