import { type BatchRef, claimDateOf } from "../lake/batch/batch.ts";
import { openRejectedDay } from "./ledger.ts";

/** The day of a batch's rejected lines, if it has any and the catalog does not know the day yet. */
export async function newRejectedDays(batch: BatchRef, rejected: number): Promise<string[]> {
  if (rejected === 0) return [];
  const date = claimDateOf(batch);
  const { partition } = await openRejectedDay(batch.source, date);
  return partition === "absent" ? [date] : [];
}
