/** Parallel: runs its branches side by side on the same input and gives their outputs as an array. */
import * as history from "../records/history.ts";
import { type Json, toText } from "../values/json.ts";
import { abortTask } from "./abort-task.ts";
import { childResults, forgetResults, keepResult, readResults } from "./child-results.ts";
import type { StateBehaviour } from "./state-behaviour.ts";

export const parallel: StateBehaviour = {
  async run(execution, frame, state) {
    const input = await state.data.arguments(execution.scope(frame, state));
    const inputText = input === frame.input ? frame.inputText : toText(input);
    execution.recordEvent(frame, history.parallelStateStarted());
    childResults(execution, frame);
    execution.waitFor(frame, { kind: "children", total: state.groups.length, maxConcurrency: 0 });
    for (const [i, group] of state.groups.entries()) {
      execution.newFrame(frame, i, group, input, inputText, frame.pointer);
    }
  },

  async childEnded(execution, frame, state, child) {
    const results = keepResult(execution, frame, child, child.frame.pointer);
    frame.pointer = child.frame.pointer;
    if (results.count < state.groups.length) return;
    const output = results.values as Json[];
    forgetResults(execution, frame);
    execution.settle(frame);
    execution.recordAfter(frame.pointer, history.parallelStateSucceeded());
    const completion = await state.data.complete(execution.scope(frame, state), output);
    await execution.exit(frame, state, completion, state.next);
  },

  childFailed(execution, frame, _state, child) {
    frame.pointer = child.pointer;
    abortTask(execution, child);
    for (const other of execution.descendants(frame)) {
      if (other !== child) abortTask(execution, other);
      execution.dropFrame(other);
    }
    forgetResults(execution, frame);
    execution.settle(frame);
  },

  async restore(execution, frame) {
    const pointer = readResults(execution, frame);
    if (pointer > 0) frame.pointer = pointer;
  },

  forget: forgetResults,
};
