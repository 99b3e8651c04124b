/** `dynamodb:getItem`, `putItem`, `updateItem` and `deleteItem`: the API as it is. */
import type { Integration } from "./integration.ts";

export const dynamodbIntegrations: Integration[] = ["getItem", "putItem", "updateItem", "deleteItem"].map((action) => ({
  service: "dynamodb",
  action,
  patterns: ["requestResponse"],
  errorPrefix: "DynamoDB",
  apiCall: (input) => ({ service: "dynamodb", action, input }),
  result: (output) => ({ output }),
}));
