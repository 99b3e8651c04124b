/** `glue:startJobRun`, and `.sync`, which waits for the run to end. */
import { isObject, type JsonObject } from "../values/json.ts";
import type { Integration } from "./integration.ts";

export const glueStartJobRun: Integration = {
  service: "glue",
  action: "startJobRun",
  patterns: ["requestResponse", "sync"],
  errorPrefix: "Glue",
  apiCall: (input) => ({ service: "glue", action: "startJobRun", input }),
  result: (output) => ({ output }),
  job: {
    pollSeconds: 1,
    describe: (submitted, call) => ({
      service: "glue",
      action: "getJobRun",
      input: { JobName: (call.input as JsonObject)["JobName"]!, RunId: submitted["JobRunId"]! },
    }),
    ended(description) {
      const run = isObject(description["JobRun"]) ? description["JobRun"] : description;
      switch (run["JobRunState"]) {
        case "SUCCEEDED":
          return { output: run };
        case "FAILED":
        case "STOPPED":
        case "TIMEOUT":
        case "ERROR":
        case "EXPIRED":
          return { failure: { error: "States.TaskFailed", cause: JSON.stringify(run) } };
        default:
          return undefined;
      }
    },
  },
};
