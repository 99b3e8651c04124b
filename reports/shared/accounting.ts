/** The proof that nothing got lost between the raw objects and the numbers of a report. */
import type { DayAccounting } from "../../lake/batch/day-accounting.ts";
import { ReportIncomplete } from "../../lake/errors.ts";
import type { ReportPlan } from "../plan.ts";
import { integerOf, type ResultRow, textOf } from "../query/result-csv.ts";
import { countText } from "../text/number-text.ts";
import { arrivalLines } from "./arrival-lines.ts";

/**
 * Holds the ledger against what the query engine counts in the partitions.
 *
 * @param counted - Result of `daily-rows`.
 * @throws {ReportIncomplete} When a date has other rows than the ledger says, or the ledger does not add up.
 */
export function checkAccounting(plan: ReportPlan, ledger: DayAccounting, counted: readonly ResultRow[]): void {
  const fail = (reason: string): never => {
    throw new ReportIncomplete(plan.report, plan.date, reason);
  };
  if (ledger.lines !== ledger.comments + ledger.rows + ledger.rejected)
    fail(
      `the ledger has ${countText(ledger.lines)} lines but ${countText(ledger.comments)} comments + ` +
        `${countText(ledger.rows)} rows + ${countText(ledger.rejected)} rejected`,
    );
  for (const { date, rows } of ledger.rowsByDate) {
    const row = counted.find((candidate) => textOf(candidate, "date") === date);
    const found = row ? integerOf(row, "row_count") : 0n;
    if (found !== rows)
      fail(`date=${date} has ${countText(found)} rows for Athena and ${countText(rows)} in the ledger`);
  }
}

/** The lines that a report prints about it. */
export function accountingLines(ledger: DayAccounting, requests: bigint): string[] {
  const dates = ledger.rowsByDate.map(({ date }) => date).join(" and ");
  const rows = ledger.rowsByDate.reduce((sum, { rows }) => sum + rows, 0n);
  const objects = `${countText(ledger.objects)} log object${ledger.objects === 1n ? "" : "s"}`;
  const batches = `${countText(ledger.batches)} batch${ledger.batches === 1n ? "" : "es"}`;
  const missing = [
    ...(ledger.truncatedObjects > 0n ? [`${countText(ledger.truncatedObjects)} cut (the last lines are missing)`] : []),
    ...(ledger.quarantinedObjects > 0n ? [`${countText(ledger.quarantinedObjects)} quarantined`] : []),
  ];
  return [
    `${objects} in ${batches}: ${countText(ledger.lines)} lines = ${countText(ledger.comments)} comments + ` +
      `${countText(ledger.rows)} rows + ${countText(ledger.rejected)} rejected.`,
    `UTC ${dates}: ${countText(rows)} rows in the ledger, ${countText(rows)} counted by Athena (equal); ` +
      `${countText(requests)} of them lie in the day of this report.`,
    ...(missing.length > 0 ? [`Not in these numbers: of the log objects, ${missing.join(" and ")}.`] : []),
    ...arrivalLines(
      ledger.arrived,
      ledger.rowsByDate.map(({ date }) => date),
    ),
  ];
}

/** @throws {ReportIncomplete} When two queries of one report did not see the same requests. */
export function mustAgree(plan: ReportPlan, what: string, found: bigint, requests: bigint): void {
  if (found !== requests)
    throw new ReportIncomplete(
      plan.report,
      plan.date,
      `its queries did not see the same rows: ${countText(requests)} requests by status, ${countText(found)} by ${what}`,
    );
}
