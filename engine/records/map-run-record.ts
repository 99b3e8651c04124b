/** The record of a map run, which is a distributed Map's work on its items: the source of DescribeMapRun. */
import { type Change, type Store, serialKey } from "../ports/store.ts";
import { mapRunArn, type Place, withoutLabel } from "../values/arn.ts";
import type { ExecutionRecord, ExecutionStatus, ExecutionType } from "./execution-record.ts";

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

export interface MapRunLimits {
  maxConcurrency: number;
  toleratedFailureCount: number;
  toleratedFailurePercentage: number;
}

export interface MapRunRecord extends MapRunLimits {
  arn: string;
  label: string;
  executionArn: string;
  /** Serial number of the execution that the Map is in. */
  serial: number;
  frame: number;
  /** With the label behind a slash. */
  stateMachineArn: string;
  childType: ExecutionType;
  status: "RUNNING" | "SUCCEEDED" | "FAILED" | "ABORTED";
  startMs: number;
  stopMs?: number | undefined;
  executions: MapRunCounts;
  items: MapRunCounts;
  redriveCount: number;
  redriveMs?: number | undefined;
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

/** @param given - `label` is the state's `Label`, or an id in its place. */
export function newMapRun(
  parent: { record: ExecutionRecord; frameId: number },
  at: { place: Place; id: string; nowMs: number },
  given: MapRunLimits & { label: string; childType: ExecutionType },
): MapRunRecord {
  const { record } = parent;
  return {
    arn: mapRunArn(at.place, withoutLabel(record.stateMachineName), given.label, at.id),
    executionArn: record.arn,
    serial: record.serial,
    frame: parent.frameId,
    stateMachineArn: `${withoutLabel(record.stateMachineArn)}/${given.label}`,
    status: "RUNNING",
    startMs: at.nowMs,
    executions: noCounts(),
    items: noCounts(),
    redriveCount: 0,
    ...given,
  };
}

export function mapRunAt(store: Store, arn: string): MapRunRecord | undefined {
  const text = store.get("mapRuns", arn);
  return text === undefined ? undefined : (JSON.parse(text) as MapRunRecord);
}

/** The row that keeps a map run. */
export function mapRunChange(run: MapRunRecord): Change {
  return { collection: "mapRuns", key: run.arn, value: JSON.stringify(run) };
}

/** Key of the row that names the child that worked on an item, once that child has ended. */
export function resultKey(mapRunArn: string, index: number): string {
  return `${mapRunArn}/${serialKey(index)}`;
}

/** Rows written together with the end of a map run's child, so that no crash can lose the child's result. */
export function childEndChanges({ arn, parent, mapRunArn }: ExecutionRecord): Change[] {
  return parent ? [{ collection: "results", key: resultKey(mapRunArn!, parent.index), value: arn }] : [];
}

/** The count that a child of this status is part of. */
export function countOf(status: ExecutionStatus): "succeeded" | "failed" | "timedOut" | "aborted" | "running" {
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
