/** The children that a distributed Map plans: one for each item, or one for each batch of items. */
import type { DataScope } from "../../data/state-data.ts";
import type { CompiledState } from "../../definition/machine.ts";
import type { Frame } from "../../records/frame.ts";
import { isObject, type Json, toText } from "../../values/json.ts";
import type { Execution } from "../execution.ts";
import { iterationInput } from "../map-fields.ts";

/** A child that is to run: how many items it holds, and its input as text. */
export type PlannedChild = [itemCount: number, input: string];

/** Selects each item and gathers batches. */
export async function planChildren(
  execution: Execution,
  frame: Frame,
  state: CompiledState,
  scope: DataScope,
  items: Json[],
): Promise<PlannedChild[]> {
  const selected: string[] = [];
  for (let i = 0; i < items.length; i++) {
    selected.push(toText(await iterationInput(execution, frame, state, i, items[i]!)));
  }
  if (!isObject(state.raw["ItemBatcher"])) return selected.map((input) => [1, input]);
  const limit = async (name: string) =>
    Number((await state.data.scalar(scope, { name: `ItemBatcher/${name}`, type: "integer" })) ?? Infinity);
  const maxItems = await limit("MaxItemsPerBatch");
  const maxBytes = await limit("MaxInputBytesPerBatch");
  const shared = await state.data.template(scope, "ItemBatcher/BatchInput");
  return batches(selected, shared, { maxItems, maxBytes });
}

/** @param items - Texts of JSON values. */
function batches(
  items: readonly string[],
  shared: Json | undefined,
  { maxItems, maxBytes }: { maxItems: number; maxBytes: number },
): PlannedChild[] {
  const head = shared === undefined ? "{" : `{"BatchInput":${toText(shared)},`;
  const plan: PlannedChild[] = [];
  let batch: string[] = [];
  const emptyBytes = Buffer.byteLength(`${head}"Items":[]}`);
  let bytes = emptyBytes;
  const close = () => {
    if (batch.length > 0) plan.push([batch.length, `${head}"Items":[${batch.join(",")}]}`]);
    batch = [];
    bytes = emptyBytes;
  };
  for (const item of items) {
    const itemBytes = Buffer.byteLength(item) + 1;
    if (batch.length >= maxItems || (batch.length > 0 && bytes + itemBytes > maxBytes)) close();
    batch.push(item);
    bytes += itemBytes;
  }
  close();
  return plan;
}
