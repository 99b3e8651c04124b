/** `states:startExecution`, for a host that carries out nested executions itself; by default the engine does. */
import type { Integration } from "./integration.ts";

export const statesStartExecution: Integration = {
  service: "states",
  action: "startExecution",
  patterns: ["requestResponse", "sync", "waitForTaskToken"],
  errorPrefix: "StepFunctions",
  apiCall(input) {
    const given = input["Input"];
    return {
      service: "sfn",
      action: "startExecution",
      input: { ...input, Input: typeof given === "string" ? given : JSON.stringify(given ?? {}) },
    };
  },
  result: (output) => ({ output }),
};
