/** The decision whether an e-mail is sent: once for each version of what it is about, and topic. */

/** The ledger's item about one e-mail. */
export interface SendItem {
  /** `sending`: an execution is about to, or ended in between. `failed`: the topic did not take it. */
  status: "sending" | "sent" | "failed";
  /** The ARN of the execution that sent it, or tried to. */
  execution: string;
  /** When that began, in milliseconds since 1970. */
  claimedAtMs: number;
  mailSubject: string;
  /** The topic's id, once it is sent. */
  mailMessageId?: string;
}

interface Sender {
  execution: string;
  nowMs: number;
  /** Send it again though it was sent. */
  isForced: boolean;
}

/** No task that sends runs longer: one that began before that is over. */
const CLAIM_MS = 90_000;

/**
 * @returns `busy` when another execution is just sending it, so that nobody knows yet whether it will be sent.
 */
export function judgeSend(
  item: SendItem | undefined,
  { execution, nowMs, isForced }: Sender,
): "send" | "sent" | "busy" {
  if (!item || item.status === "failed") return "send";
  const isOurs = item.execution === execution;
  // A task of ours that is tried again after the topic took the mail must not send it twice, forced or not.
  if (item.status === "sent") return isForced && !isOurs ? "send" : "sent";
  return isOurs || nowMs - item.claimedAtMs > CLAIM_MS ? "send" : "busy";
}
