/** Athena: `startQueryExecution` (with `.sync`), `stopQueryExecution`, `getQueryExecution`, `getQueryResults`. */
import { isObject } from "../values/json.ts";
import type { Integration } from "./integration.ts";

function plain(action: string): Integration {
  return {
    service: "athena",
    action,
    patterns: ["requestResponse"],
    errorPrefix: "Athena",
    apiCall: (input) => ({ service: "athena", action, input }),
    result: (output) => ({ output }),
  };
}

export const athenaIntegrations: Integration[] = [
  {
    ...plain("startQueryExecution"),
    patterns: ["requestResponse", "sync"],
    job: {
      pollSeconds: 1,
      describe: (submitted) => ({
        service: "athena",
        action: "getQueryExecution",
        input: { QueryExecutionId: submitted["QueryExecutionId"]! },
      }),
      ended(description) {
        const query = isObject(description["QueryExecution"]) ? description["QueryExecution"] : {};
        const state = isObject(query["Status"]) ? query["Status"]["State"] : undefined;
        if (state === "SUCCEEDED") return { output: description };
        if (state === "FAILED" || state === "CANCELLED") {
          return { failure: { error: "States.TaskFailed", cause: JSON.stringify(description) } };
        }
        return undefined;
      },
    },
  },
  plain("stopQueryExecution"),
  plain("getQueryExecution"),
  plain("getQueryResults"),
];
