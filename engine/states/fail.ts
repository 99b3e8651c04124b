/** Fail: ends its branch with an error of the author's choosing. It has no exit event. */
import { StatesError } from "../values/states-error.ts";
import type { StateBehaviour } from "./state-behaviour.ts";

export const fail: StateBehaviour = {
  async run(execution, frame, state) {
    const scope = execution.scope(frame, state);
    const error = await state.data.scalar(scope, { name: "Error", type: "string" });
    const cause = await state.data.scalar(scope, { name: "Cause", type: "string" });
    throw new StatesError(text(error), text(cause));
  },
};

function text(value: unknown): string | undefined {
  return value === undefined ? undefined : typeof value === "string" ? value : JSON.stringify(value);
}
