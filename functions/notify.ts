/**
 * SST: no extra settings (256 MB, 60 s). Environment: REPORTS_TOPIC_ARN.
 * AWS: sns:Publish on the topic, s3:GetObject on `reports/*` of the results bucket.
 */
import { z } from "zod";
import { sendMail } from "../aws/mail.ts";
import { readText } from "../aws/objects.ts";
import { failureMail, noDataMail, publishedMail } from "../reports/mail.ts";
import type { ReportPlan } from "../reports/plan.ts";
import config from "../sluice.config.ts";
import { task } from "./task.ts";

const plan = z.custom<ReportPlan>(
  (plan) => typeof plan === "object" && plan !== null && "report" in plan,
  "a plan of Plan report",
);

export const notifyInput = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("published"),
    plan,
    published: z.object({
      version: z.int(),
      link: z.string(),
      linkExpiresAt: z.string(),
      mail: z.object({ bucket: z.string(), key: z.string() }),
    }),
  }),
  z.object({ outcome: z.literal("no-data"), plan }),
  z.object({
    outcome: z.literal("failed"),
    /** What the execution was started with, whatever that is. */
    input: z.unknown(),
    startedAt: z.string(),
    execution: z.string(),
    error: z.string(),
    cause: z.string(),
  }),
]);

/**
 * Tells the readers of a report how it went.
 *
 * @throws {MailNotSent} When the topic does not take the e-mail.
 */
export async function notify(
  input: z.output<typeof notifyInput>,
): Promise<{ mailSubject: string; mailMessageId: string }> {
  const { report, mail } = await mailFor(input);
  return { mailSubject: mail.subject, mailMessageId: await sendMail(report, mail) };
}

async function mailFor(input: z.output<typeof notifyInput>) {
  switch (input.outcome) {
    case "published":
      return {
        report: input.plan.report,
        mail: publishedMail(await readText(input.published.mail), input.published),
      };
    case "no-data":
      return { report: input.plan.report, mail: noDataMail(input.plan) };
    case "failed":
      return failureMail(config, input);
  }
}

export const handler = task(notifyInput, notify);
