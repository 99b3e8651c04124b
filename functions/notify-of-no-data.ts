import { z } from "zod";
import type { SentMail } from "../aws/reports/mail.ts";
import { sendOnce } from "../aws/reports/sends.ts";
import { hashOf } from "../reports/json.ts";
import { noDataMail } from "../reports/mail.ts";
import { reportPlan } from "../reports/plan.ts";
import { task } from "./task.ts";

const notifyOfNoDataInput = z.object({ plan: reportPlan, execution: z.string(), arrived: z.array(z.string()) });

/**
 * Tells the readers of a report that its day has no rows, and again only when what arrived has changed.
 *
 * @throws {MailNotSent} When the topic does not take the e-mail.
 * @throws {LedgerBusy} When another execution is sending it at this moment.
 */
export async function notifyOfNoData({
  plan,
  execution,
  arrived,
}: z.output<typeof notifyOfNoDataInput>): Promise<SentMail> {
  const { report, date, forceMail: isForced } = plan;
  const version = `no-data-${hashOf(arrived).slice(0, 16)}`;
  return sendOnce({ report, date, version, execution, isForced }, noDataMail(plan, arrived));
}

export const handler = task(notifyOfNoDataInput, notifyOfNoData);
