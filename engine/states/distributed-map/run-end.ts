/** The end of a map run: with the children's results, with too many failures, or cut off. */
import type { CompiledState } from "../../definition/machine.ts";
import type { Frame } from "../../records/frame.ts";
import * as history from "../../records/history.ts";
import { type MapRunRecord, resultKey } from "../../records/map-run-record.ts";
import { isObject, type Json } from "../../values/json.ts";
import { type Failure, StatesError } from "../../values/states-error.ts";
import type { Execution } from "../execution.ts";
import { writeResults } from "./result-writer.ts";
import { type RunProgress, saveRun } from "./run-progress.ts";

/** All children have ended, and not too many failed: the Map succeeds with their outputs. */
export async function finishRun(
  execution: Execution,
  frame: Frame,
  state: CompiledState,
  progress: RunProgress,
): Promise<void> {
  const { run } = progress;
  let result: Json;
  try {
    result =
      (await write(execution, frame, state, progress, [])) ??
      progress
        .endedChildren(execution)
        .filter((child) => child.status === "SUCCEEDED")
        .map((child) => JSON.parse(child.output!) as Json);
  } catch (error) {
    if (!(error instanceof StatesError)) throw error;
    failRun(execution, frame, run, { error: error.error, cause: error.cause });
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

/** Too many children failed: stops the others, writes the results that there are, and fails the Map. */
export async function exceedTolerance(
  execution: Execution,
  frame: Frame,
  state: CompiledState,
  progress: RunProgress,
): Promise<never> {
  const { run, plan } = progress;
  const { children } = execution.home;
  const open = children.open(run);
  await children.stop(run);
  for (const { arn, parent } of open) {
    if (!progress.ended.has(parent!.index)) progress.childEnded(children.describe(arn));
  }
  const pending = plan.slice(progress.nextIndex).map(([, input]) => input);
  let failure: Failure = {
    error: "States.ExceedToleratedFailureThreshold",
    cause: "The specified tolerated failure threshold was exceeded",
  };
  try {
    await write(execution, frame, state, progress, pending);
  } catch (error) {
    if (!(error instanceof StatesError)) throw error;
    failure = { error: error.error, cause: error.cause };
  }
  failRun(execution, frame, run, failure);
  throw new StatesError(failure.error, failure.cause);
}

export function failRun(execution: Execution, frame: Frame, run: MapRunRecord, failure: Failure): void {
  endRun(execution, frame, run, "FAILED");
  execution.progress.delete(frame.id);
  execution.recordEvent(frame, history.mapRunFailed(failure));
}

export function endRun(execution: Execution, frame: Frame, run: MapRunRecord, status: MapRunRecord["status"]): void {
  run.status = status;
  run.stopMs = execution.home.clock.now();
  run.frame = frame.id;
  saveRun(execution, run);
}

/** A run that succeeded no longer needs its rows; those of one that failed wait for a redrive. */
function dropRows(execution: Execution, { run, ended }: RunProgress): void {
  execution.change("items", run.arn, undefined);
  for (const index of ended.keys()) execution.change("results", resultKey(run.arn, index), undefined);
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
  const children = progress.endedChildren(execution);
  return writeResults(execution.home.host, progress.run, target, {
    succeeded: children.filter((child) => child.status === "SUCCEEDED"),
    failed: children.filter((child) => child.status !== "SUCCEEDED"),
    pending,
  });
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
