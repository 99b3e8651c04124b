/** Distributed Map: each item, or batch of items, is an execution of its own. Together they are a map run. */
import type { CompiledState } from "../../definition/machine.ts";
import type { ExecutionType } from "../../records/execution-record.ts";
import type { Frame } from "../../records/frame.ts";
import * as history from "../../records/history.ts";
import { type MapRunLimits, type MapRunRecord, newMapRun } from "../../records/map-run-record.ts";
import type { Json, JsonObject } from "../../values/json.ts";
import { StatesError } from "../../values/states-error.ts";
import type { Execution } from "../execution.ts";
import { holdFor, readMaxConcurrency } from "../map-fields.ts";
import type { StateBehaviour } from "../state-behaviour.ts";
import { overTolerance, readTolerance } from "./failure-tolerance.ts";
import { readFromS3 } from "./item-reader.ts";
import { type PlannedChild, planChildren } from "./planned-children.ts";
import { endRun, exceedTolerance, failRun, finishRun } from "./run-end.ts";
import { progressOf, RunProgress, saveRun } from "./run-progress.ts";
import { redriveRun, restoreRun } from "./run-resumption.ts";

/** Children at a time when the definition sets no limit. AWS: 10,000; a single process does better with fewer. */
const DEFAULT_CONCURRENCY = 1_000;

export const distributedMap: StateBehaviour = {
  async run(execution, frame, state) {
    if (frame.redriven && redriveRun(execution, frame)) {
      goOnAfterWrite(execution, frame, state);
      return;
    }
    const scope = execution.scope(frame, state);
    const maxConcurrency = await readMaxConcurrency(scope, state);
    if (maxConcurrency === undefined) return holdFor(execution, frame);
    const toleratedFailureCount = await readTolerance(scope, state, "ToleratedFailureCount");
    const toleratedFailurePercentage = await readTolerance(scope, state, "ToleratedFailurePercentage");
    const fromS3 = state.data.has("ItemReader");
    let items: Json[] = fromS3 ? [] : await state.data.items(scope);
    execution.recordEvent(frame, history.mapStateStarted(items.length));
    const limits = { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage };
    const run = beginRun(execution, frame, state, limits);
    let plan: PlannedChild[];
    try {
      if (fromS3) items = await readFromS3(execution.home.host, scope, state);
      plan = await planChildren(execution, frame, state, scope, items);
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      failRun(execution, frame, run, { error: error.error, cause: error.cause });
      throw error;
    }
    run.executions.total = run.executions.pending = plan.length;
    run.items.total = run.items.pending = items.length;
    execution.progress.set(frame.id, new RunProgress(run, plan));
    execution.change("items", run.arn, JSON.stringify(plan));
    frame.mapRunArn = run.arn;
    saveRun(execution, run);
    execution.waitFor(frame, { kind: "mapRun", mapRunArn: run.arn });
    goOnAfterWrite(execution, frame, state);
  },

  goOn: startDueChildren,

  async childExecutionEnded(execution, frame, state, child) {
    const progress = progressOf(execution, frame);
    if (!progress || progress.ended.has(child.parent!.index)) return;
    progress.childEnded(child);
    saveRun(execution, progress.run);
    await startDueChildren(execution, frame, state);
  },

  async mapRunUpdated(execution, frame, limits) {
    const progress = progressOf(execution, frame);
    if (!progress) return;
    Object.assign(progress.run, limits);
    saveRun(execution, progress.run);
    await startDueChildren(execution, frame, execution.stateOf(frame));
  },

  async restore(execution, frame) {
    restoreRun(execution, frame);
  },

  forget(execution, frame) {
    const run = progressOf(execution, frame)?.run;
    if (run?.status !== "RUNNING") return;
    endRun(execution, frame, run, "ABORTED");
    execution.afterWrite(() => void execution.home.children.stop(run));
  },
};

function beginRun(execution: Execution, frame: Frame, state: CompiledState, limits: MapRunLimits): MapRunRecord {
  const { chance, clock, place } = execution.home;
  const processor = (state.raw["ItemProcessor"] ?? state.raw["Iterator"]) as JsonObject;
  const config = processor["ProcessorConfig"] as JsonObject;
  const label = typeof state.raw["Label"] === "string" ? state.raw["Label"] : chance.uuid();
  const run = newMapRun(
    { record: execution.record, frameId: frame.id },
    { place, id: chance.uuid(), nowMs: clock.now() },
    { label, childType: (config["ExecutionType"] ?? "STANDARD") as ExecutionType, ...limits },
  );
  execution.recordEvent(frame, history.mapRunStarted(run.arn));
  return run;
}

/** Children are executions of their own: they must not exist before the journal knows who started them. */
function goOnAfterWrite(execution: Execution, frame: Frame, state: CompiledState): void {
  execution.afterWrite(() =>
    execution.post(() => execution.attempt(frame, state, () => startDueChildren(execution, frame, state))),
  );
}

/** Starts as many children as may run at a time, or ends the run. */
async function startDueChildren(execution: Execution, frame: Frame, state: CompiledState): Promise<void> {
  const progress = progressOf(execution, frame);
  if (!progress) return;
  const { run, plan } = progress;
  if (overTolerance(run)) return exceedTolerance(execution, frame, state, progress);
  const { children } = execution.home;
  const parent = { record: execution.record, frameId: frame.id };
  const limit = run.maxConcurrency || DEFAULT_CONCURRENCY;
  while (progress.running.size < limit && progress.nextIndex < plan.length) {
    const index = progress.nextIndex++;
    if (progress.ended.has(index) || progress.running.has(index)) continue;
    const [itemCount, input] = plan[index]!;
    progress.childStarted(index, itemCount);
    const before = progress.again.get(index);
    if (before !== undefined) children.redrive(before);
    else children.start(parent, run, { group: state.groups[0]!.path, index, itemCount, input });
  }
  if (progress.running.size === 0) await finishRun(execution, frame, state, progress);
}
