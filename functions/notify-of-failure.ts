import { z } from "zod";
import { type SentMail, sendMail } from "../aws/reports/mail.ts";
import { failureMail } from "../reports/mail.ts";
import config from "../sluice.config.ts";
import { task } from "./task.ts";

const notifyOfFailureInput = z.object({
  /** The execution's input. It may be anything: it may be why the report failed. */
  input: z.unknown(),
  startedAt: z.string(),
  execution: z.string(),
  error: z.string(),
  cause: z.string(),
});

/**
 * Tells the readers of a report that it could not be made.
 *
 * @throws {MailNotSent} When the topic does not take the e-mail.
 */
export async function notifyOfFailure(failure: z.output<typeof notifyOfFailureInput>): Promise<SentMail> {
  const { report, mail } = failureMail(config, failure);
  return sendMail(report, mail);
}

export const handler = task(notifyOfFailureInput, notifyOfFailure);
