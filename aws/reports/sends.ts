/** The ledger of e-mails: a report that is made again does not tell everybody again. */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { judgeSend, type SendItem } from "../../lake/batch/send.ts";
import { LedgerBusy } from "../../lake/errors.ts";
import { documents } from "../clients.ts";
import { environment } from "../environment.ts";
import { type Mail, type SentMail, sendMail } from "./mail.ts";

/** What the e-mail is about, and who sends it. */
interface Send {
  report: string;
  date: string;
  /** Of the report, such as "v2"; a mail about something else has a name of its own that says what it says. */
  version: string;
  /** The ARN of the execution. */
  execution: string;
  isForced: boolean;
}

/**
 * Sends a mail to the subscribers of a report, unless this version's was sent to the topic before.
 *
 * @returns That mail, and when it was sent if that was before.
 * @throws {MailNotSent} When the topic does not take it. Whoever asks next may send it.
 * @throws {LedgerBusy} When another execution is sending it at this moment.
 */
export async function sendOnce(send: Send, mail: Mail): Promise<SentMail & { mailSentBefore?: string }> {
  const { execution, isForced } = send;
  const found = await findSend(send);
  const nowMs = Date.now();
  switch (judgeSend(found, { execution, nowMs, isForced })) {
    case "sent":
      return {
        mailSubject: found!.mailSubject,
        mailMessageId: found!.mailMessageId!,
        mailSentBefore: new Date(found!.claimedAtMs).toISOString(),
      };
    case "busy":
      throw new LedgerBusy("send the e-mail", 1);
  }
  const claim: SendItem = { status: "sending", execution, claimedAtMs: nowMs, mailSubject: mail.subject };
  await putSend(send, claim, found);
  const sent = await sendMail(send.report, mail).catch(async (error) => {
    await putSend(send, { ...claim, status: "failed" }, claim);
    throw error;
  });
  await putSend(send, { ...claim, status: "sent", mailMessageId: sent.mailMessageId }, claim);
  return sent;
}

const keyOf = ({ report, date, version }: Send) => ({
  pk: `report#${report}#${date}`,
  sk: `sent#${environment("REPORTS_TOPIC_ARN").split(":").at(-1)}#${version}`,
});

async function findSend(send: Send): Promise<SendItem | undefined> {
  const { Item } = await documents.send(
    new GetCommand({ TableName: environment("LEDGER_TABLE"), Key: keyOf(send), ConsistentRead: true }),
  );
  return Item as SendItem | undefined;
}

/** @param former - The item that this one replaces: another execution may have been faster. */
async function putSend(send: Send, item: SendItem, former: SendItem | undefined): Promise<void> {
  try {
    await documents.send(
      new PutCommand({
        TableName: environment("LEDGER_TABLE"),
        Item: { ...keyOf(send), ...item },
        ...(former
          ? {
              ConditionExpression: "execution = :execution AND claimedAtMs = :claimedAtMs",
              ExpressionAttributeValues: { ":execution": former.execution, ":claimedAtMs": former.claimedAtMs },
            }
          : { ConditionExpression: "attribute_not_exists(pk)" }),
      }),
    );
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) throw new LedgerBusy("send the e-mail", 1);
    throw error;
  }
}
