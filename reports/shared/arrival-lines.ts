/** What arrived on the days of a report, and what has become of it: also what gave no row and so is in no number. */
import { type ArrivalAccounting, reasonsText } from "../../lake/batch/day-accounting.ts";
import { countText } from "../text/number-text.ts";

/** The line that a report prints about it. */
export function arrivalLines(arrived: ArrivalAccounting, utcDates: readonly string[]): string[] {
  const on = `Arrived on UTC ${utcDates.join(" and ")}`;
  if (arrived.objects === 0n) return [`${on}: no log objects.`];
  const counts: [bigint, string][] = [
    [arrived.recordedObjects, "recorded"],
    [arrived.truncatedObjects, "cut"],
    [arrived.quarantinedObjects, "quarantined"],
    [arrived.passedOverObjects, "empty"],
    [arrived.unfinishedObjects, "not yet read"],
  ];
  const became = counts.filter(([count]) => count > 0n).map(([count, what]) => `${countText(count)} ${what}`);
  const batches = `${countText(arrived.batches)} batch${arrived.batches === 1n ? "" : "es"}`;
  const rejected = arrived.rejectedLines > 0n ? `; ${countText(arrived.rejectedLines)} lines rejected` : "";
  return [`${on}: ${objectsText(arrived.objects)} in ${batches}, of which ${became.join(", ")}${rejected}.`];
}

/** What a reader has to know before the numbers; nothing on a good day. */
export function arrivalNotices(arrived: ArrivalAccounting): string[] {
  const notices: string[] = [];
  const reasons = Object.entries(arrived.reasons).length > 0 ? ` (${reasonsText(arrived.reasons)})` : "";
  const lost = arrived.quarantinedObjects + arrived.truncatedObjects;
  if (lost > 0n)
    notices.push(
      `${countText(lost)} of the ${objectsText(arrived.objects)} that arrived could not be read, or not to the end${reasons}.`,
    );
  if (arrived.refusedRows > 0n)
    notices.push(
      `${countText(arrived.refusedRows)} rows are not in these numbers: their batches were refused, as too many of their lines were rejected.`,
    );
  if (arrived.unfinishedObjects > 0n)
    notices.push(`${countText(arrived.unfinishedObjects)} log objects that arrived are not in the lake yet.`);
  return notices;
}

function objectsText(count: bigint): string {
  return `${countText(count)} log object${count === 1n ? "" : "s"}`;
}
