/** Wait: until a time, or for a number of seconds. */
import { parseTimestamp } from "../data/timestamp.ts";
import { toText } from "../values/json.ts";
import { badFieldValue, RuntimeError } from "../values/states-error.ts";
import type { StateBehaviour } from "./state-behaviour.ts";

/** AWS refuses a longer wait, and any date that is further away. */
const LONGEST_WAIT_SECONDS = 2 ** 31 - 1;

export const wait: StateBehaviour = {
  async run(execution, frame, state) {
    const scope = execution.scope(frame, state);
    const nowMs = execution.home.clock.now();
    const suffix = state.data.language === "JSONPath" ? "Path" : "";
    let untilMs: number;
    if (state.data.has("Seconds")) {
      const seconds = await state.data.scalar(scope, { name: "Seconds", type: "integer" });
      if (typeof seconds !== "number" || !Number.isInteger(seconds) || seconds < 0) {
        throw badFieldValue(
          scope,
          state.data.language,
          "Seconds",
          `The Seconds${suffix} parameter is not a valid non-negative integer: ${toText(seconds ?? null)}`,
        );
      }
      untilMs = nowMs + seconds * 1000;
    } else {
      const timestamp = await state.data.scalar(scope, { name: "Timestamp", type: "timestamp" });
      const parsed = typeof timestamp === "string" ? parseTimestamp(timestamp) : undefined;
      if (parsed === undefined) {
        throw badFieldValue(
          scope,
          state.data.language,
          "Timestamp",
          `The Timestamp${suffix} parameter does not reference a valid ISO-8601 extended offset date-time format string: ${String(state.raw["TimestampPath"] ?? state.raw["Timestamp"])} == ${typeof timestamp === "string" ? timestamp : toText(timestamp ?? null)}`,
        );
      }
      untilMs = parsed;
    }
    if (untilMs - nowMs > LONGEST_WAIT_SECONDS * 1000) throw new RuntimeError(scope, "Wait state delay is too long.");
    if (untilMs <= nowMs) await this.timerFired!(execution, frame, state);
    else execution.waitFor(frame, { kind: "timer", untilMs, purpose: "wait" });
  },

  async timerFired(execution, frame, state) {
    const scope = execution.scope(frame, state);
    const completion = await state.data.complete(scope, state.data.selectInput(scope));
    await execution.exit(frame, state, completion, state.next);
  },
};
