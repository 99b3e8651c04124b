/** Distributed Map: each item, or batch of items, is an execution of its own. */

import type { DataScope } from "../../data/state-data.ts";
import type { CompiledState } from "../../definition/machine.ts";
import type { ExecutionRecord, ExecutionType } from "../../records/execution-record.ts";
import type { Frame } from "../../records/frame.ts";
import * as history from "../../records/history.ts";
import {
  countOf,
  type MapRunRecord,
  mapRunAt,
  mapRunChange,
  newMapRun,
  resultKey,
} from "../../records/map-run-record.ts";
import { isObject, type Json, type JsonObject, toText } from "../../values/json.ts";
import { RuntimeError, StatesError } from "../../values/states-error.ts";
import type { Execution } from "../execution.ts";
import { holdFor, iterationInput, readMaxConcurrency } from "../map-fields.ts";
import type { StateBehaviour } from "../state-behaviour.ts";
import { type ReaderConfig, readItems } from "./item-reader.ts";
import { writeResults } from "./result-writer.ts";

/** Children at a time when the definition sets no limit. AWS: 10,000; one process is the fewer the better. */
const DEFAULT_CONCURRENCY = 1_000;

/** A child that is to run: how many items it holds, and its input as text. */
type PlannedChild = [itemCount: number, input: string];

interface RunProgress {
  run: MapRunRecord;
  plan: PlannedChild[];
  nextIndex: number;
  running: Set<number>;
  /** ARNs of the children that ended, by index. */
  ended: Map<number, string>;
  /** ARNs of children that did not succeed before a redrive, by index: they are redriven, not started anew. */
  again: Map<number, string>;
}

export const distributedMap: StateBehaviour = {
  async run(execution, frame, state) {
    if (frame.redriven && redriveRun(execution, frame)) {
      execution.afterWrite(() =>
        execution.post(() => execution.attempt(frame, state, () => this.goOn!(execution, frame, state))),
      );
      return;
    }
    const scope = execution.scope(frame, state);
    const maxConcurrency = await readMaxConcurrency(scope, state);
    if (maxConcurrency === undefined) return holdFor(execution, frame);
    const toleratedFailureCount = await tolerated(scope, state, "ToleratedFailureCount");
    const toleratedFailurePercentage = await tolerated(scope, state, "ToleratedFailurePercentage");
    const fromS3 = state.data.has("ItemReader");
    let items: Json[] = fromS3 ? [] : await state.data.items(scope);
    execution.recordEvent(frame, history.mapStateStarted(items.length));
    const config = ((state.raw["ItemProcessor"] ?? state.raw["Iterator"]) as JsonObject)[
      "ProcessorConfig"
    ] as JsonObject;
    const { chance, clock, place } = execution.home;
    const label = typeof state.raw["Label"] === "string" ? state.raw["Label"] : chance.uuid();
    const run = newMapRun(
      { record: execution.record, frameId: frame.id },
      { place, id: chance.uuid(), nowMs: clock.now() },
      {
        label,
        childType: (config["ExecutionType"] ?? "STANDARD") as ExecutionType,
        maxConcurrency,
        toleratedFailureCount,
        toleratedFailurePercentage,
      },
    );
    execution.recordEvent(frame, history.mapRunStarted(run.arn));
    let plan: PlannedChild[];
    try {
      if (fromS3) items = await readFromS3(execution, scope, state);
      plan = await planChildren(execution, frame, state, scope, items);
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      endRun(execution, frame, run, "FAILED");
      execution.recordEvent(frame, history.mapRunFailed({ error: error.error, cause: error.cause }));
      throw error;
    }
    run.executions.total = run.executions.pending = plan.length;
    run.items.total = run.items.pending = items.length;
    execution.progress.set(frame.id, newProgress(run, plan));
    execution.change("items", run.arn, JSON.stringify(plan));
    frame.mapRunArn = run.arn;
    saveRun(execution, run);
    execution.waitFor(frame, { kind: "mapRun", mapRunArn: run.arn });
    // Children are executions of their own: they must not exist before the journal knows who started them.
    execution.afterWrite(() =>
      execution.post(() => execution.attempt(frame, state, () => this.goOn!(execution, frame, state))),
    );
  },

  async goOn(execution, frame, state) {
    const progress = execution.progress.get(frame.id) as RunProgress | undefined;
    if (!progress) return;
    const { run, plan } = progress;
    if (overTolerance(run)) return exceeded(execution, frame, state, progress);
    const limit = run.maxConcurrency || DEFAULT_CONCURRENCY;
    while (progress.running.size < limit && progress.nextIndex < plan.length) {
      const index = progress.nextIndex++;
      if (progress.ended.has(index) || progress.running.has(index)) continue;
      const [itemCount, input] = plan[index]!;
      progress.running.add(index);
      count(run, "pending", -1, itemCount);
      count(run, "running", 1, itemCount);
      const before = progress.again.get(index);
      const { children } = execution.home;
      if (before !== undefined) children.redrive(before);
      else {
        const parent = { record: execution.record, frameId: frame.id };
        children.start(parent, run, { group: state.groups[0]!.path, index, itemCount, input });
      }
    }
    if (progress.running.size === 0) await finish(execution, frame, state, progress);
  },

  async childExecutionEnded(execution, frame, state, child) {
    const progress = execution.progress.get(frame.id) as RunProgress | undefined;
    if (!progress || progress.ended.has(child.parent!.index)) return;
    takeIn(progress, child);
    saveRun(execution, progress.run);
    await this.goOn!(execution, frame, state);
  },

  async mapRunUpdated(execution, frame, given) {
    const progress = execution.progress.get(frame.id) as RunProgress | undefined;
    if (!progress) return;
    Object.assign(progress.run, given);
    saveRun(execution, progress.run);
    await this.goOn!(execution, frame, execution.stateOf(frame));
  },

  async restore(execution, frame) {
    const { children, store } = execution.home;
    const run = mapRunAt(store, (frame.wait as { mapRunArn: string }).mapRunArn)!;
    const plan = JSON.parse(store.get("items", run.arn)!) as PlannedChild[];
    const progress = newProgress(run, plan);
    execution.progress.set(frame.id, progress);
    resetCounts(run);
    for (const { value } of store.list("results", { prefix: `${run.arn}/` })) {
      const child = children.describe(value);
      if (child.status === "RUNNING") continue;
      if (run.redriveMs !== undefined && child.status !== "SUCCEEDED" && child.stopMs! < run.redriveMs) {
        progress.again.set(child.parent!.index, child.arn);
        continue;
      }
      count(run, "pending", -1, child.parent!.itemCount);
      count(run, "running", 1, child.parent!.itemCount);
      takeIn(progress, child);
    }
    for (const child of children.open(run)) {
      const { index, itemCount } = child.parent!;
      if (progress.ended.has(index)) continue;
      progress.running.add(index);
      count(run, "pending", -1, itemCount);
      count(run, "running", 1, itemCount);
    }
    // Children start in order, so everything below the newest one has been started; after a redrive it may not have been.
    if (run.redriveMs === undefined) {
      for (const started of [progress.running, progress.ended.keys()]) {
        for (const index of started) progress.nextIndex = Math.max(progress.nextIndex, index + 1);
      }
    }
  },

  forget(execution, frame) {
    const progress = execution.progress.get(frame.id) as RunProgress | undefined;
    if (progress?.run.status !== "RUNNING") return;
    endRun(execution, frame, progress.run, "ABORTED");
    const { run } = progress;
    execution.afterWrite(() => void execution.home.children.stop(run));
  },
};

function newProgress(run: MapRunRecord, plan: PlannedChild[]): RunProgress {
  return { run, plan, nextIndex: 0, running: new Set(), ended: new Map(), again: new Map() };
}

/** Counts are rebuilt from what the journal holds of the children; the stored ones may lag behind. */
function resetCounts(run: MapRunRecord): void {
  for (const counts of [run.executions, run.items]) {
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

/**
 * Takes up the map run that failed: children that succeeded keep their results, the others are redriven.
 * @returns Whether there is a run to take up.
 */
function redriveRun(execution: Execution, frame: Frame): boolean {
  frame.redriven = undefined;
  const { children, store, clock } = execution.home;
  const run = frame.mapRunArn === undefined ? undefined : mapRunAt(store, frame.mapRunArn);
  const planText = run && store.get("items", run.arn);
  if (!run || planText === undefined) return false;
  const progress = newProgress(run, JSON.parse(planText) as PlannedChild[]);
  resetCounts(run);
  for (const { value } of store.list("results", { prefix: `${run.arn}/` })) {
    const child = children.describe(value);
    if (child.status === "SUCCEEDED") {
      count(run, "pending", -1, child.parent!.itemCount);
      count(run, "running", 1, child.parent!.itemCount);
      takeIn(progress, child);
    } else if (child.type === "STANDARD") {
      progress.again.set(child.parent!.index, child.arn);
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

function takeIn(progress: RunProgress, child: ExecutionRecord): void {
  const { index, itemCount } = child.parent!;
  progress.running.delete(index);
  progress.ended.set(index, child.arn);
  count(progress.run, "running", -1, itemCount);
  count(progress.run, countOf(child.status), 1, itemCount);
  if (child.status === "SUCCEEDED") count(progress.run, "resultsWritten", 1, itemCount);
}

function count(
  run: MapRunRecord,
  what: Exclude<keyof MapRunRecord["executions"], "total">,
  executions: number,
  items: number,
): void {
  run.executions[what] += executions;
  run.items[what] += executions * items;
}

function saveRun(execution: Execution, run: MapRunRecord): void {
  const { collection, key, value } = mapRunChange(run);
  execution.change(collection, key, value);
}

function endRun(execution: Execution, frame: Frame, run: MapRunRecord, status: MapRunRecord["status"]): void {
  run.status = status;
  run.stopMs = execution.home.clock.now();
  run.frame = frame.id;
  saveRun(execution, run);
}

/** A run that succeeded needs its rows no more; those of one that failed wait for a redrive. */
function dropRows(execution: Execution, { run, ended }: RunProgress): void {
  execution.change("items", run.arn, undefined);
  for (const index of ended.keys()) execution.change("results", resultKey(run.arn, index), undefined);
}

function overTolerance(run: MapRunRecord): boolean {
  const failed = run.items.failed + run.items.timedOut + run.items.aborted;
  if (failed === 0) return false;
  const byCount = run.toleratedFailureCount > 0 ? failed > run.toleratedFailureCount : true;
  const byPercentage =
    run.toleratedFailurePercentage > 0 ? (100 * failed) / run.items.total > run.toleratedFailurePercentage : true;
  // With both limits set, either of them ends the run; with one, that one; with none, the first failure.
  if (run.toleratedFailureCount > 0 && run.toleratedFailurePercentage > 0) return byCount || byPercentage;
  return byCount && byPercentage;
}

/** Too many failed: what still runs is stopped, results are written as far as there are any, and the state fails. */
async function exceeded(
  execution: Execution,
  frame: Frame,
  state: CompiledState,
  progress: RunProgress,
): Promise<never> {
  const { run, plan } = progress;
  const { children } = execution.home;
  const open = children.open(run);
  await children.stop(run);
  for (const child of open)
    if (!progress.ended.has(child.parent!.index)) takeIn(progress, children.describe(child.arn));
  const pending = plan.slice(progress.nextIndex).map(([, input]) => input);
  let failure: { error: string | undefined; cause: string | undefined } = {
    error: "States.ExceedToleratedFailureThreshold",
    cause: "The specified tolerated failure threshold was exceeded",
  };
  try {
    await write(execution, frame, state, progress, pending);
  } catch (error) {
    if (!(error instanceof StatesError)) throw error;
    failure = { error: error.error, cause: error.cause };
  }
  endRun(execution, frame, run, "FAILED");
  execution.progress.delete(frame.id);
  execution.recordEvent(frame, history.mapRunFailed(failure));
  throw new StatesError(failure.error, failure.cause);
}

function childrenOf(execution: Execution, { ended }: RunProgress): ExecutionRecord[] {
  return [...ended.entries()].sort(([a], [b]) => a - b).map(([, arn]) => execution.home.children.describe(arn));
}

/** @returns The state's result, when a `ResultWriter` takes the children's. */
async function write(
  execution: Execution,
  frame: Frame,
  state: CompiledState,
  progress: RunProgress,
  pending: string[],
): Promise<Json | undefined> {
  const target = await writerTarget(execution, frame, state);
  if (!target) return undefined;
  const children = childrenOf(execution, progress);
  return writeResults(execution.home.host, progress.run, target, {
    succeeded: children.filter((child) => child.status === "SUCCEEDED"),
    failed: children.filter((child) => child.status !== "SUCCEEDED"),
    pending,
  });
}

async function finish(execution: Execution, frame: Frame, state: CompiledState, progress: RunProgress): Promise<void> {
  const { run } = progress;
  let result: Json;
  try {
    result =
      (await write(execution, frame, state, progress, [])) ??
      childrenOf(execution, progress)
        .filter((child) => child.status === "SUCCEEDED")
        .map((child) => JSON.parse(child.output!) as Json);
  } catch (error) {
    if (!(error instanceof StatesError)) throw error;
    endRun(execution, frame, run, "FAILED");
    execution.progress.delete(frame.id);
    execution.recordEvent(frame, history.mapRunFailed({ error: error.error, cause: error.cause }));
    throw error;
  }
  const startedId = frame.pointer;
  endRun(execution, frame, run, "SUCCEEDED");
  dropRows(execution, progress);
  execution.progress.delete(frame.id);
  execution.settle(frame);
  execution.recordEvent(frame, history.mapRunSucceeded());
  execution.recordAfter(frame.pointer, history.mapStateSucceeded());
  const completion = await state.data.complete(execution.scope(frame, state), result);
  await execution.exit(frame, state, completion, state.next, startedId);
}

async function writerTarget(
  execution: Execution,
  frame: Frame,
  state: CompiledState,
): Promise<{ bucket: string; prefix: string } | undefined> {
  const writer = state.raw["ResultWriter"];
  if (!isObject(writer) || Object.keys(writer).length === 0) return undefined;
  const name = state.data.language === "JSONata" ? "ResultWriter/Arguments" : "ResultWriter/Parameters";
  const parameters = await state.data.template(execution.scope(frame, state), name);
  if (!isObject(parameters) || typeof parameters["Bucket"] !== "string") return undefined;
  return { bucket: parameters["Bucket"], prefix: String(parameters["Prefix"] ?? "") };
}

/** Failures a run may have: by count, at least 0, or in percent, 0 to 100. */
export async function tolerated(
  scope: DataScope,
  state: CompiledState,
  name: "ToleratedFailureCount" | "ToleratedFailurePercentage",
): Promise<number> {
  const byCount = name === "ToleratedFailureCount";
  const value = await state.data.scalar(scope, { name, type: byCount ? "integer" : "number" });
  if (value === undefined) return 0;
  const number = typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || (byCount && !Number.isInteger(number))) {
    const text = typeof value === "string" ? value : toText(value);
    throw new RuntimeError(
      scope,
      `The ${name}Path field refers to value "${text}" which is not a valid ${byCount ? "integer" : "float"}: ${String(state.raw[`${name}Path`] ?? state.raw[name])}`,
    );
  }
  if (byCount && number < 0) throw new RuntimeError(scope, "ToleratedFailureCount cannot be negative.");
  if (!byCount && (number < 0 || number > 100)) {
    throw new RuntimeError(scope, "ToleratedFailurePercentage must be between 0 and 100.");
  }
  return number;
}

async function readFromS3(execution: Execution, scope: DataScope, state: CompiledState): Promise<Json[]> {
  const reader = state.raw["ItemReader"] as JsonObject;
  const name = state.data.language === "JSONata" ? "ItemReader/Arguments" : "ItemReader/Parameters";
  const parameters = (await state.data.template(scope, name)) ?? {};
  const maxItems = await state.data.scalar(scope, { name: "ItemReader/ReaderConfig/MaxItems", type: "integer" });
  const config = { ...(isObject(reader["ReaderConfig"]) ? reader["ReaderConfig"] : {}) } as ReaderConfig;
  if (maxItems !== undefined) config.MaxItems = readMaxItems(maxItems, reader);
  return readItems(execution.home.host, String(reader["Resource"]), parameters as JsonObject, config);
}

function readMaxItems(value: Json, reader: JsonObject): number {
  const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
  const path = isObject(reader["ReaderConfig"]) ? reader["ReaderConfig"]["MaxItemsPath"] : undefined;
  if (typeof number !== "number" || !Number.isInteger(number)) {
    const text = typeof value === "string" ? value : toText(value);
    throw new StatesError(
      "States.ItemReaderFailed",
      `The MaxItemsPath field refers to value "${text}" which is not a valid integer: ${String(path)}`,
    );
  }
  if (number < 0) throw new StatesError("States.ItemReaderFailed", "field MaxItems must be positive");
  return number;
}

/** Selects each item and gathers batches. */
async function planChildren(
  execution: Execution,
  frame: Frame,
  state: CompiledState,
  scope: DataScope,
  items: Json[],
): Promise<PlannedChild[]> {
  const selected: string[] = [];
  for (let i = 0; i < items.length; i++) {
    selected.push(toText(await iterationInput(execution, frame, state, i, items[i]!)));
  }
  if (!isObject(state.raw["ItemBatcher"])) return selected.map((input) => [1, input]);
  const maxItems = Number(
    (await state.data.scalar(scope, { name: "ItemBatcher/MaxItemsPerBatch", type: "integer" })) ?? Infinity,
  );
  const maxBytes = Number(
    (await state.data.scalar(scope, { name: "ItemBatcher/MaxInputBytesPerBatch", type: "integer" })) ?? Infinity,
  );
  const shared = await state.data.template(scope, "ItemBatcher/BatchInput");
  const head = shared === undefined ? "{" : `{"BatchInput":${toText(shared)},`;
  const plan: PlannedChild[] = [];
  let batch: string[] = [];
  const emptyBytes = Buffer.byteLength(`${head}"Items":[]}`);
  let bytes = emptyBytes;
  const close = () => {
    if (batch.length > 0) plan.push([batch.length, `${head}"Items":[${batch.join(",")}]}`]);
    batch = [];
    bytes = emptyBytes;
  };
  for (const item of selected) {
    const itemBytes = Buffer.byteLength(item) + 1;
    if (batch.length >= maxItems || (batch.length > 0 && bytes + itemBytes > maxBytes)) close();
    batch.push(item);
    bytes += itemBytes;
  }
  close();
  return plan;
}
