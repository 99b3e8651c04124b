/** `sqs:sendMessage`. A message body that is not text is sent as JSON text. */
import type { Integration } from "./integration.ts";

export const sqsSendMessage: Integration = {
  service: "sqs",
  action: "sendMessage",
  patterns: ["requestResponse", "waitForTaskToken"],
  errorPrefix: "SQS",
  apiCall: (input) => ({
    service: "sqs",
    action: "sendMessage",
    input: {
      ...input,
      MessageBody:
        typeof input["MessageBody"] === "string" ? input["MessageBody"] : JSON.stringify(input["MessageBody"] ?? null),
    },
  }),
  result: (output) => ({
    output: {
      ...(output["MD5OfMessageBody"] === undefined ? {} : { MD5OfMessageBody: output["MD5OfMessageBody"] }),
      ...(output["MessageId"] === undefined ? {} : { MessageId: output["MessageId"] }),
      ...(output["SequenceNumber"] === undefined ? {} : { SequenceNumber: output["SequenceNumber"] }),
    },
  }),
};
