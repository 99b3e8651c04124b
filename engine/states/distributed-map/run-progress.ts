/** The progress of a map run: which children are planned, which run, which have ended, and how many of each. */
import type { ExecutionRecord } from "../../records/execution-record.ts";
import type { Frame } from "../../records/frame.ts";
import { countOf, type MapRunCounts, type MapRunRecord, mapRunChange } from "../../records/map-run-record.ts";
import type { Execution } from "../execution.ts";
import type { PlannedChild } from "./planned-children.ts";

export class RunProgress {
  readonly run: MapRunRecord;
  readonly plan: PlannedChild[];
  nextIndex = 0;
  readonly running = new Set<number>();
  /** ARNs of the children that ended, by index. */
  readonly ended = new Map<number, string>();
  /** ARNs of children that did not succeed before a redrive, by index: they are redriven and keep their ARNs. */
  readonly again = new Map<number, string>();

  constructor(run: MapRunRecord, plan: PlannedChild[]) {
    this.run = run;
    this.plan = plan;
  }

  childStarted(index: number, itemCount: number): void {
    this.running.add(index);
    this.#count("pending", -1, itemCount);
    this.#count("running", 1, itemCount);
  }

  childEnded(child: ExecutionRecord): void {
    const { index, itemCount } = child.parent!;
    this.running.delete(index);
    this.ended.set(index, child.arn);
    this.#count("running", -1, itemCount);
    this.#count(countOf(child.status), 1, itemCount);
    if (child.status === "SUCCEEDED") this.#count("resultsWritten", 1, itemCount);
  }

  #count(what: Exclude<keyof MapRunCounts, "total">, executions: number, itemCount: number): void {
    this.run.executions[what] += executions;
    this.run.items[what] += executions * itemCount;
  }

  /** Sets all counts back to the start. Stored counts may be older than the stored children. */
  resetCounts(): void {
    for (const counts of [this.run.executions, this.run.items]) {
      const { total } = counts;
      Object.assign(counts, {
        pending: total,
        running: 0,
        succeeded: 0,
        failed: 0,
        timedOut: 0,
        aborted: 0,
        resultsWritten: 0,
      });
    }
  }

  /** Records of the children that ended, in the order of the items. */
  endedChildren(execution: Execution): ExecutionRecord[] {
    return [...this.ended.entries()].sort(([a], [b]) => a - b).map(([, arn]) => execution.home.children.describe(arn));
  }
}

/** Undefined while the Map has no run, or when that run is over. */
export function progressOf(execution: Execution, frame: Frame): RunProgress | undefined {
  return execution.progress.get(frame.id) as RunProgress | undefined;
}

/** Adds the run's record, counts included, to the next write. */
export function saveRun(execution: Execution, run: MapRunRecord): void {
  const { collection, key, value } = mapRunChange(run);
  execution.change(collection, key, value);
}
