import { z } from "zod";
import { readText } from "../aws/objects.ts";
import type { SentMail } from "../aws/reports/mail.ts";
import { sendOnce } from "../aws/reports/sends.ts";
import { publishedMail } from "../reports/mail.ts";
import { reportPlan } from "../reports/plan.ts";
import { task } from "./task.ts";

const notifyInput = z.object({
  plan: reportPlan,
  execution: z.string(),
  published: z.object({
    version: z.int(),
    link: z.string(),
    linkExpiresAt: z.string(),
    mail: z.object({ bucket: z.string(), key: z.string() }),
  }),
});

/**
 * Sends the readers of a report its summary and its link, once for each version.
 *
 * @throws {MailNotSent} When the topic does not take the e-mail.
 * @throws {LedgerBusy} When another execution is sending it at this moment.
 */
export async function notify({ plan, execution, published }: z.output<typeof notifyInput>): Promise<SentMail> {
  const { report, date, forceMail: isForced } = plan;
  const mail = publishedMail(await readText(published.mail), published);
  return sendOnce({ report, date, version: `v${published.version}`, execution, isForced }, mail);
}

export const handler = task(notifyInput, notify);
