/** Fields that inline and distributed Maps have in common. */
import type { DataScope } from "../data/state-data.ts";
import type { CompiledState } from "../definition/machine.ts";
import type { Frame } from "../records/frame.ts";
import { type Json, toText } from "../values/json.ts";
import { RuntimeError } from "../values/states-error.ts";
import type { Execution } from "./execution.ts";

/** The input of an iteration: its item, or what `ItemSelector` (formerly `Parameters`) makes of it. */
export async function iterationInput(
  execution: Execution,
  frame: Frame,
  state: CompiledState,
  index: number,
  value: Json,
): Promise<Json> {
  const scope = execution.scope(frame, state, { item: { index, value } });
  const selector = state.data.has("ItemSelector") ? "ItemSelector" : "Parameters";
  return (await state.data.template(scope, selector)) ?? value;
}

/**
 * `MaxConcurrency`, or what its path or expression gives. 0 means no limit.
 * @returns Undefined for a negative number: AWS accepts it and then starts nothing.
 */
export async function readMaxConcurrency(scope: DataScope, state: CompiledState): Promise<number | undefined> {
  const value = await state.data.scalar(scope, { name: "MaxConcurrency", type: "integer" });
  if (value === undefined) return 0;
  const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number)) {
    const text = typeof value === "string" ? value : toText(value);
    throw new RuntimeError(
      scope,
      `The MaxConcurrencyPath field refers to value "${text}" which is not a valid integer: ${String(state.raw["MaxConcurrencyPath"] ?? state.raw["MaxConcurrency"])}`,
    );
  }
  return number < 0 ? undefined : number;
}

/** Leaves the state where it is until the execution is stopped or times out. */
export function holdFor(execution: Execution, frame: Frame): void {
  execution.waitFor(frame, { kind: "nothing" });
}
