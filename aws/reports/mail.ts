/** E-mails to the readers of a report, through the topic they subscribed to. */
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { MailNotSent } from "../../lake/errors.ts";
import { environment } from "../environment.ts";

const sns = new SNSClient({ maxAttempts: 5 });

export interface Mail {
  /** At most 99 characters of printable ASCII that start with a letter or digit: SNS refuses others. */
  subject: string;
  /** Printable ASCII and line ends. */
  text: string;
}

/** The part of a state's output that is about its e-mail. */
export interface SentMail {
  mailSubject: string;
  /** SNS's. It says that the topic took the mail, not that anyone has it. */
  mailMessageId: string;
}

/**
 * Sends a mail to the subscribers of one report.
 *
 * @param report - Subscriptions filter by it.
 * @throws {MailNotSent} When the topic does not take it.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export async function sendMail(report: string, { subject, text }: Mail): Promise<SentMail> {
  const topic = environment("REPORTS_TOPIC_ARN");
  try {
    const { MessageId } = await sns.send(
      new PublishCommand({
        TopicArn: topic,
        Subject: subject,
        Message: text,
        MessageAttributes: { report: { DataType: "String", StringValue: report } },
      }),
    );
    return { mailSubject: subject, mailMessageId: MessageId! };
  } catch (error) {
    throw new MailNotSent(subject, error);
  }
}
