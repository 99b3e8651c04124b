import { z } from "zod";
import { readText } from "../aws/objects.ts";
import { type SentMail, sendMail } from "../aws/reports/mail.ts";
import { publishedMail } from "../reports/mail.ts";
import { reportPlan } from "../reports/plan.ts";
import { task } from "./task.ts";

const notifyInput = z.object({
  plan: reportPlan,
  published: z.object({
    version: z.int(),
    link: z.string(),
    linkExpiresAt: z.string(),
    mail: z.object({ bucket: z.string(), key: z.string() }),
  }),
});

/**
 * Sends the readers of a report its summary and its link.
 *
 * @throws {MailNotSent} When the topic does not take the e-mail.
 */
export async function notify({ plan, published }: z.output<typeof notifyInput>): Promise<SentMail> {
  return sendMail(plan.report, publishedMail(await readText(published.mail), published));
}

export const handler = task(notifyInput, notify);
