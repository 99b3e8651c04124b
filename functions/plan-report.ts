import { z } from "zod";
import { planOf, type ReportPlan, type ReportRequest } from "../reports/plan.ts";
import config from "../sluice.config.ts";
import { task } from "./task.ts";

const planReportInput = z.object({
  report: z.string(),
  date: z.string().nullish(),
  scheduledTime: z.string().nullish(),
  startedAt: z.string(),
  forceMail: z.boolean().nullish(),
});

/**
 * Decides which day a report covers and which queries it asks.
 *
 * @throws {NoSuchReport} When the configuration does not have the report.
 * @throws {RangeError} When the date is not a date.
 */
export async function planReport(request: ReportRequest): Promise<ReportPlan> {
  return planOf(config, request);
}

export const handler = task(planReportInput, planReport);
