/** Map runs: the children of a distributed Map, counted, limited, and handed back to the state that started them. */

import type { LiveExecution } from "./execution/live-execution.ts";
import { type Change, serialKey } from "./ports/store.ts";
import type { ExecutionRecord, ExecutionType } from "./records/execution-record.ts";
import type { Frame } from "./records/frame.ts";
import { behaviourOf } from "./states/state-behaviour.ts";
import type { Engine } from "./step-functions-engine.ts";
import { mapRunArn } from "./values/arn.ts";
import { EngineError } from "./values/engine-error.ts";

export interface MapRunCounts {
  pending: number;
  running: number;
  succeeded: number;
  failed: number;
  timedOut: number;
  aborted: number;
  total: number;
  resultsWritten: number;
}

export interface MapRunRecord {
  arn: string;
  label: string;
  executionArn: string;
  /** Of the execution that the Map is in. */
  serial: number;
  frame: number;
  /** With the label behind a slash. */
  stateMachineArn: string;
  childType: ExecutionType;
  status: "RUNNING" | "SUCCEEDED" | "FAILED" | "ABORTED";
  startMs: number;
  stopMs?: number | undefined;
  maxConcurrency: number;
  toleratedFailureCount: number;
  toleratedFailurePercentage: number;
  /** False when the definition says nothing of failures: then the first one ends the run. */
  executions: MapRunCounts;
  items: MapRunCounts;
  redriveCount: number;
  redriveMs?: number | undefined;
}

/** Where the ARN of a child that ended is kept. */
export function resultKey(mapRunArn: string, index: number): string {
  return `${mapRunArn}/${serialKey(index)}`;
}

const noCounts = (): MapRunCounts => ({
  pending: 0,
  running: 0,
  succeeded: 0,
  failed: 0,
  timedOut: 0,
  aborted: 0,
  total: 0,
  resultsWritten: 0,
});

/** Where a status is counted. */
export function countOf(
  status: ExecutionRecord["status"],
): "succeeded" | "failed" | "timedOut" | "aborted" | "running" {
  switch (status) {
    case "SUCCEEDED":
      return "succeeded";
    case "TIMED_OUT":
      return "timedOut";
    case "ABORTED":
      return "aborted";
    case "RUNNING":
      return "running";
    default:
      return "failed";
  }
}

export class MapRuns {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get(arn: string): MapRunRecord | undefined {
    const text = this.#engine.store.get("mapRuns", arn);
    return text === undefined ? undefined : (JSON.parse(text) as MapRunRecord);
  }

  /** Runs that an execution started, oldest first. */
  list(executionArn: string): MapRunRecord[] {
    return this.#engine.store
      .list("mapRuns", { prefix: "" })
      .map(({ value }) => JSON.parse(value) as MapRunRecord)
      .filter((run) => run.executionArn === executionArn)
      .sort((a, b) => a.startMs - b.startMs);
  }

  /** @param label - The state's `Label`, or an id in its place. */
  begin(
    execution: LiveExecution,
    frame: Frame,
    given: {
      label: string;
      childType: ExecutionType;
      maxConcurrency: number;
      toleratedFailureCount: number;
      toleratedFailurePercentage: number;
    },
  ): MapRunRecord {
    const { record } = execution;
    return {
      arn: mapRunArn(
        this.#engine.place,
        record.stateMachineName.split("/")[0]!,
        given.label,
        this.#engine.chance.uuid(),
      ),
      executionArn: record.arn,
      serial: record.serial,
      frame: frame.id,
      stateMachineArn: `${record.stateMachineArn.split("/")[0]}/${given.label}`,
      status: "RUNNING",
      startMs: this.#engine.clock.now(),
      executions: noCounts(),
      items: noCounts(),
      redriveCount: 0,
      ...given,
    };
  }

  put(run: MapRunRecord): void {
    this.#engine.store.write([this.change(run)]);
  }

  change(run: MapRunRecord): Change {
    return { collection: "mapRuns", key: run.arn, value: JSON.stringify(run) };
  }

  /** @throws {EngineError} ResourceNotFound. */
  update(
    arn: string,
    given: { maxConcurrency?: number; toleratedFailureCount?: number; toleratedFailurePercentage?: number },
  ): void {
    const run = this.get(arn);
    if (!run) throw new EngineError("ResourceNotFound", `Resource not found: '${arn}'`);
    const live = this.#engine.liveBySerial(run.serial);
    const frame = live?.frames.get(run.frame);
    if (live && frame) {
      live.post(() => behaviourOf(live.stateOf(frame)).mapRunUpdated?.(live, frame, given));
    }
    this.put({ ...run, ...given });
  }

  /** Starts the child for one item or batch. */
  startChild(
    execution: LiveExecution,
    frame: Frame,
    run: MapRunRecord,
    group: string,
    child: { index: number; itemCount: number; input: string },
  ): ExecutionRecord {
    return this.#engine.startChild(execution, frame, {
      mapRunArn: run.arn,
      label: run.label,
      group,
      type: run.childType,
      ...child,
    });
  }

  /** Runs a child that failed again, as the same execution. */
  redriveChild(arn: string): void {
    this.#engine.redrive(arn);
  }

  /** Written together with the end of a child, so that no crash can lose it. */
  endChanges(record: ExecutionRecord): Change[] {
    const { parent } = record;
    if (!parent) return [];
    return [
      {
        collection: "results",
        key: resultKey(record.mapRunArn!, parent.index),
        value: record.arn,
      },
    ];
  }

  childEnded(record: ExecutionRecord): void {
    const { parent } = record;
    const live = parent && this.#engine.liveBySerial(parent.serial);
    if (!live) return;
    live.post(async () => {
      const frame = live.frames.get(parent.frame);
      if (frame?.wait?.kind !== "mapRun" || frame.wait.mapRunArn !== record.mapRunArn) return;
      const state = live.stateOf(frame);
      await live.attempt(frame, state, () => behaviourOf(state).childExecutionEnded!(live, frame, state, record));
    });
  }

  /** After a restart: takes in the children that ended, and starts those that are due. */
  resumed(execution: LiveExecution, frame: Frame): void {
    execution.post(async () => {
      const state = execution.stateOf(frame);
      await execution.attempt(frame, state, () => behaviourOf(state).goOn!(execution, frame, state));
    });
  }

  async stopChildren(run: MapRunRecord): Promise<void> {
    for (const record of this.openChildren(run)) await this.#engine.stopExecution(record.arn);
  }

  openChildren(run: MapRunRecord): ExecutionRecord[] {
    const { records } = this.#engine.listExecutions(run.arn, { status: "RUNNING", limit: Infinity });
    return records;
  }

  describe(arn: string): ExecutionRecord {
    return this.#engine.describe(arn)!;
  }
}
