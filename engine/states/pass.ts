/** Pass: hands on its input, or a fixed result. */
import type { Json } from "../values/json.ts";
import type { StateBehaviour } from "./state-behaviour.ts";

export const pass: StateBehaviour = {
  async run(execution, frame, state) {
    const scope = execution.scope(frame, state);
    const fixed = state.data.language === "JSONPath" ? (state.raw["Result"] as Json | undefined) : undefined;
    const result = fixed ?? (await state.data.arguments(scope));
    await execution.exit(frame, state, await state.data.complete(scope, result), state.next);
  },
};
