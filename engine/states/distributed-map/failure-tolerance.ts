/** The failures that a distributed Map tolerates: reads the limits, and compares them with the counts of a run. */
import type { DataScope } from "../../data/state-data.ts";
import type { CompiledState } from "../../definition/machine.ts";
import type { MapRunRecord } from "../../records/map-run-record.ts";
import { toText } from "../../values/json.ts";
import { RuntimeError } from "../../values/states-error.ts";

/** A limit on failures: a count of at least 0, or a percentage from 0 to 100. */
export async function readTolerance(
  scope: DataScope,
  state: CompiledState,
  name: "ToleratedFailureCount" | "ToleratedFailurePercentage",
): Promise<number> {
  const byCount = name === "ToleratedFailureCount";
  const value = await state.data.scalar(scope, { name, type: byCount ? "integer" : "number" });
  if (value === undefined) return 0;
  const number = typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || (byCount && !Number.isInteger(number))) {
    const text = typeof value === "string" ? value : toText(value);
    throw new RuntimeError(
      scope,
      `The ${name}Path field refers to value "${text}" which is not a valid ${byCount ? "integer" : "float"}: ${String(state.raw[`${name}Path`] ?? state.raw[name])}`,
    );
  }
  if (byCount && number < 0) throw new RuntimeError(scope, "ToleratedFailureCount cannot be negative.");
  if (!byCount && (number < 0 || number > 100)) {
    throw new RuntimeError(scope, "ToleratedFailurePercentage must be between 0 and 100.");
  }
  return number;
}

/** Whether more items have failed than the run tolerates. */
export function overTolerance(run: MapRunRecord): boolean {
  const failed = run.items.failed + run.items.timedOut + run.items.aborted;
  if (failed === 0) return false;
  const byCount = run.toleratedFailureCount > 0 ? failed > run.toleratedFailureCount : true;
  const byPercentage =
    run.toleratedFailurePercentage > 0 ? (100 * failed) / run.items.total > run.toleratedFailurePercentage : true;
  // With both limits set, either of them ends the run; with one, that one; with none, the first failure.
  if (run.toleratedFailureCount > 0 && run.toleratedFailurePercentage > 0) return byCount || byPercentage;
  return byCount && byPercentage;
}
