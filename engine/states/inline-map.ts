/** Inline Map: one iteration of its processor for each item, inside this execution. */
import type { CompiledState } from "../definition/machine.ts";
import type { Frame } from "../records/frame.ts";
import * as history from "../records/history.ts";
import { type Json, toText } from "../values/json.ts";
import { abortTask } from "./abort-task.ts";
import { type ChildResults, childResults, forgetResults, keepResult, readResults } from "./child-results.ts";
import type { Execution } from "./execution.ts";
import { holdFor, iterationInput, readMaxConcurrency } from "./map-fields.ts";
import type { StateBehaviour } from "./state-behaviour.ts";

/** AWS runs at most this many iterations of an inline Map at a time, whatever the definition allows. */
const INLINE_CONCURRENCY = 40;

export const inlineMap: StateBehaviour = {
  async run(execution, frame, state) {
    const scope = execution.scope(frame, state);
    const maxConcurrency = await readMaxConcurrency(scope, state);
    if (maxConcurrency === undefined) return holdFor(execution, frame);
    const items = await state.data.items(scope);
    execution.recordEvent(frame, history.mapStateStarted(items.length));
    const results = childResults(execution, frame);
    results.items = items;
    execution.change("items", execution.frameKey(frame.id), toText(items));
    execution.waitFor(frame, { kind: "children", total: items.length, maxConcurrency });
    if (items.length === 0) return finish(execution, frame, state, results);
    const slots = Math.min(items.length, maxConcurrency || INLINE_CONCURRENCY, INLINE_CONCURRENCY);
    for (let i = 0; i < slots; i++) await startIteration(execution, frame, state, results, frame.pointer);
  },

  async childEnded(execution, frame, state, child) {
    const lastEventId = child.frame.pointer;
    frame.pointer = execution.recordAfter(
      lastEventId,
      history.mapIteration("Succeeded", state.name, child.frame.index),
    );
    const results = keepResult(execution, frame, child, frame.pointer);
    results.running--;
    if (results.nextIndex < results.items!.length) {
      await startIteration(execution, frame, state, results, lastEventId);
    } else if (results.running === 0) {
      await finish(execution, frame, state, results);
    }
  },

  childFailed(execution, frame, state, child) {
    execution.recordAfter(child.pointer, history.mapIteration("Failed", state.name, child.index));
    frame.pointer = child.pointer;
    for (const other of execution.descendants(frame)) {
      if (other !== child) {
        abortTask(execution, other);
        if (other.parent === frame.id) {
          execution.recordAfter(other.pointer, history.mapIteration("Aborted", state.name, other.index));
        }
      }
      execution.dropFrame(other);
    }
    forgetResults(execution, frame);
    execution.settle(frame);
  },

  itemOf(execution, frame, index) {
    return { value: childResults(execution, frame).items![index]! };
  },

  async restore(execution, frame) {
    const results = childResults(execution, frame);
    results.items = JSON.parse(execution.home.store.get("items", execution.frameKey(frame.id))!) as Json[];
    const pointer = readResults(execution, frame);
    if (pointer > 0) frame.pointer = pointer;
    results.nextIndex = results.rows.size === 0 ? 0 : Math.max(...results.rows) + 1;
    for (const child of execution.frames.values()) {
      if (child.parent !== frame.id) continue;
      results.running++;
      results.nextIndex = Math.max(results.nextIndex, child.index + 1);
    }
  },

  forget: forgetResults,
};

async function startIteration(
  execution: Execution,
  frame: Frame,
  state: CompiledState,
  results: ChildResults,
  after: number,
): Promise<void> {
  const index = results.nextIndex++;
  const value = results.items![index]!;
  const pointer = execution.recordAfter(after, history.mapIteration("Started", state.name, index));
  const input = await iterationInput(execution, frame, state, index, value);
  results.running++;
  execution.newFrame(frame, index, state.groups[0]!, input, toText(input), pointer);
}

async function finish(execution: Execution, frame: Frame, state: CompiledState, results: ChildResults): Promise<void> {
  const output = results.values as Json[];
  forgetResults(execution, frame);
  execution.settle(frame);
  execution.recordAfter(frame.pointer, history.mapStateSucceeded());
  const completion = await state.data.complete(execution.scope(frame, state), output);
  await execution.exit(frame, state, completion, state.next);
}
