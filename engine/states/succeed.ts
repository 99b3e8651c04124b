/** Succeed: ends its branch. */
import type { StateBehaviour } from "./state-behaviour.ts";

export const succeed: StateBehaviour = {
  async run(execution, frame, state) {
    const scope = execution.scope(frame, state);
    const completion = await state.data.complete(scope, state.data.selectInput(scope));
    await execution.exit(frame, state, completion, undefined);
  },
};
