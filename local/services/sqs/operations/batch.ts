/** A batch call, such as SendMessageBatch: one call with up to ten entries. */
import type { BatchResultErrorEntry } from "@aws-sdk/client-sqs";
import { ServiceError } from "../../../service-error.ts";

const MOST_ENTRIES = 10;

/** Carries out each entry on its own: one that fails does not stop the others. */
export function eachEntry<Entry extends { Id?: string | undefined }, Result>(
  entries: Entry[] | undefined,
  carryOut: (entry: Entry) => Result,
) {
  if (!entries || entries.length === 0)
    throw new ServiceError("EmptyBatchRequest", "There should be at least one entry in the request.");
  if (entries.length > MOST_ENTRIES) {
    const why = `Maximum number of entries per request are ${MOST_ENTRIES}. You have sent ${entries.length}.`;
    throw new ServiceError("TooManyEntriesInBatchRequest", why);
  }
  const repeated = entries.find((entry, index) => entries.some((other, at) => at < index && other.Id === entry.Id));
  if (repeated) throw new ServiceError("BatchEntryIdsNotDistinct", `Id ${repeated.Id} repeated.`);
  const Successful: (Result & { Id: string })[] = [];
  const Failed: BatchResultErrorEntry[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id ?? "", ...carryOut(entry) });
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code === "QueueDoesNotExist") throw error;
      Failed.push({ Id: entry.Id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, ...(Failed.length > 0 && { Failed }) };
}
