/** `sns:publish`. A message that is not text is published as JSON text. */
import type { Integration } from "./integration.ts";

export const snsPublish: Integration = {
  service: "sns",
  action: "publish",
  patterns: ["requestResponse", "waitForTaskToken"],
  errorPrefix: "SNS",
  apiCall: (input) => ({
    service: "sns",
    action: "publish",
    input: {
      ...input,
      Message: typeof input["Message"] === "string" ? input["Message"] : JSON.stringify(input["Message"] ?? null),
    },
  }),
  result: (output) => ({ output }),
};
