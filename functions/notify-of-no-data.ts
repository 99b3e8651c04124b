import { z } from "zod";
import { type SentMail, sendMail } from "../aws/reports/mail.ts";
import { noDataMail } from "../reports/mail.ts";
import { reportPlan } from "../reports/plan.ts";
import { task } from "./task.ts";

const notifyOfNoDataInput = z.object({ plan: reportPlan, arrived: z.array(z.string()) });

/**
 * Tells the readers of a report that its day has no rows.
 *
 * @throws {MailNotSent} When the topic does not take the e-mail.
 */
export async function notifyOfNoData({ plan, arrived }: z.output<typeof notifyOfNoDataInput>): Promise<SentMail> {
  return sendMail(plan.report, noDataMail(plan, arrived));
}

export const handler = task(notifyOfNoDataInput, notifyOfNoData);
