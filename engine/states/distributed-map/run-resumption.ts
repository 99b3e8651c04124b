/** Resumes a map run from the journal: after a restart, or because its execution is redriven. */
import type { Frame } from "../../records/frame.ts";
import * as history from "../../records/history.ts";
import { mapRunAt } from "../../records/map-run-record.ts";
import type { Execution } from "../execution.ts";
import type { PlannedChild } from "./planned-children.ts";
import { RunProgress, saveRun } from "./run-progress.ts";

/** Rebuilds the progress of a run from its children's records. */
export function restoreRun(execution: Execution, frame: Frame): void {
  const { children, store } = execution.home;
  const run = mapRunAt(store, (frame.wait as { mapRunArn: string }).mapRunArn)!;
  const progress = new RunProgress(run, JSON.parse(store.get("items", run.arn)!) as PlannedChild[]);
  execution.progress.set(frame.id, progress);
  progress.resetCounts();
  for (const { value } of store.list("results", { prefix: `${run.arn}/` })) {
    const child = children.describe(value);
    if (child.status === "RUNNING") continue;
    const { index, itemCount } = child.parent!;
    if (run.redriveMs !== undefined && child.status !== "SUCCEEDED" && child.stopMs! < run.redriveMs) {
      progress.again.set(index, child.arn);
      continue;
    }
    progress.childStarted(index, itemCount);
    progress.childEnded(child);
  }
  for (const child of children.open(run)) {
    const { index, itemCount } = child.parent!;
    if (!progress.ended.has(index)) progress.childStarted(index, itemCount);
  }
  // Children start in order, so all before the newest one have been started. After a redrive that need not be so.
  if (run.redriveMs === undefined) {
    for (const started of [progress.running, progress.ended.keys()]) {
      for (const index of started) progress.nextIndex = Math.max(progress.nextIndex, index + 1);
    }
  }
}

/**
 * Takes up the map run that failed: children that succeeded keep their results, the others are redriven.
 * @returns Whether there is a run to take up.
 */
export function redriveRun(execution: Execution, frame: Frame): boolean {
  frame.redriven = undefined;
  const { children, store, clock } = execution.home;
  const run = frame.mapRunArn === undefined ? undefined : mapRunAt(store, frame.mapRunArn);
  const planText = run && store.get("items", run.arn);
  if (!run || planText === undefined) return false;
  const progress = new RunProgress(run, JSON.parse(planText) as PlannedChild[]);
  progress.resetCounts();
  for (const { value } of store.list("results", { prefix: `${run.arn}/` })) {
    const child = children.describe(value);
    const { index, itemCount } = child.parent!;
    if (child.status === "SUCCEEDED") {
      progress.childStarted(index, itemCount);
      progress.childEnded(child);
    } else if (child.type === "STANDARD") {
      progress.again.set(index, child.arn);
    }
  }
  run.status = "RUNNING";
  run.stopMs = undefined;
  run.redriveCount++;
  run.redriveMs = clock.now();
  execution.progress.set(frame.id, progress);
  execution.recordEvent(frame, history.mapRunRedriven(run.arn, run.redriveCount));
  saveRun(execution, run);
  execution.waitFor(frame, { kind: "mapRun", mapRunArn: run.arn });
  return true;
}
