/** `events:putEvents`. One entry that was not taken fails the whole call. */
import { isObject, type Json } from "../values/json.ts";
import type { Integration } from "./integration.ts";

export const eventsPutEvents: Integration = {
  service: "events",
  action: "putEvents",
  patterns: ["requestResponse", "waitForTaskToken"],
  errorPrefix: "EventBridge",
  apiCall(input, call) {
    const entries = Array.isArray(input["Entries"]) ? input["Entries"] : [];
    return {
      service: "events",
      action: "putEvents",
      input: {
        ...input,
        Entries: entries.map((entry): Json => {
          if (!isObject(entry)) return entry;
          const detail = entry["Detail"];
          const resources = Array.isArray(entry["Resources"]) ? entry["Resources"] : [];
          return {
            ...entry,
            ...(detail === undefined || typeof detail === "string" ? {} : { Detail: JSON.stringify(detail) }),
            // AWS adds the machine and the execution that the event comes from.
            Resources: [...resources, call.stateMachineArn, call.executionArn],
          };
        }),
      },
    };
  },
  result: (output) =>
    typeof output["FailedEntryCount"] === "number" && output["FailedEntryCount"] > 0
      ? { failure: { error: "EventBridge.FailedEntry", cause: JSON.stringify(output) } }
      : { output },
};
