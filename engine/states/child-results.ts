/** Results of a Map's iterations or a Parallel's branches so far: in memory, and each as a row in the journal. */
import { serialKey } from "../ports/store.ts";
import type { Frame } from "../records/frame.ts";
import type { Json } from "../values/json.ts";
import type { Execution } from "./execution.ts";
import type { EndedChild } from "./state-behaviour.ts";

export interface ChildResults {
  values: (Json | undefined)[];
  count: number;
  /** Results that have a row in the journal. */
  rows: Set<number>;
  /** A Map's items. */
  items?: Json[];
  /** The next item to start on. */
  nextIndex: number;
  running: number;
}

export function childResults(execution: Execution, frame: Frame): ChildResults {
  let results = execution.progress.get(frame.id) as ChildResults | undefined;
  if (!results) {
    results = { values: [], count: 0, rows: new Set(), nextIndex: 0, running: 0 };
    execution.progress.set(frame.id, results);
  }
  return results;
}

/** @param pointer - Id of the event that tells of the child's end; needed after a restart. */
export function keepResult(execution: Execution, frame: Frame, child: EndedChild, pointer: number): ChildResults {
  const results = childResults(execution, frame);
  results.values[child.frame.index] = child.output;
  results.count++;
  results.rows.add(child.frame.index);
  execution.change("results", rowKey(execution, frame, child.frame.index), `${pointer}\n${child.outputText}`);
  return results;
}

/**
 * Reads the rows back.
 * @returns The newest pointer among them, 0 when there is none.
 */
export function readResults(execution: Execution, frame: Frame): number {
  const results = childResults(execution, frame);
  const prefix = `${execution.frameKey(frame.id)}/`;
  let newest = 0;
  for (const { key, value } of execution.home.store.list("results", { prefix })) {
    const index = Number(key.slice(prefix.length));
    const lineEnd = value.indexOf("\n");
    results.values[index] = JSON.parse(value.slice(lineEnd + 1)) as Json;
    results.count++;
    results.rows.add(index);
    newest = Math.max(newest, Number(value.slice(0, lineEnd)));
  }
  return newest;
}

export function forgetResults(execution: Execution, frame: Frame): void {
  const results = execution.progress.get(frame.id) as ChildResults | undefined;
  if (!results?.rows) return;
  for (const index of results.rows) execution.change("results", rowKey(execution, frame, index), undefined);
  if (results.items) execution.change("items", execution.frameKey(frame.id), undefined);
  execution.progress.delete(frame.id);
}

function rowKey(execution: Execution, frame: Frame, index: number): string {
  return `${execution.frameKey(frame.id)}/${serialKey(index)}`;
}
