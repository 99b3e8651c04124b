/** Choice: goes on to the state that the first matching rule names. */
import type { JsonObject } from "../values/json.ts";
import { StatesError, stateProblem } from "../values/states-error.ts";
import type { StateBehaviour } from "./state-behaviour.ts";

export const choice: StateBehaviour = {
  async run(execution, frame, state) {
    const { index, completion } = await state.data.choose(execution.scope(frame, state));
    const rules = state.raw["Choices"] as JsonObject[];
    const next = index < 0 ? state.raw["Default"] : rules[index]!["Next"];
    if (typeof next !== "string") {
      throw new StatesError(
        "States.NoChoiceMatched",
        stateProblem(
          { stateName: state.name, enteredEventId: frame.enteredEventId },
          "Failed to transition out of the state. The state does not point to a next state.",
        ),
      );
    }
    await execution.exit(frame, state, completion, next);
  },
};
