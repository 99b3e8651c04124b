/** `apigateway:invoke`: an HTTP call, answered with headers, body and status. */
import type { Integration } from "./integration.ts";

export const apigatewayInvoke: Integration = {
  service: "apigateway",
  action: "invoke",
  patterns: ["requestResponse", "waitForTaskToken"],
  errorPrefix: "ApiGateway",
  apiCall: (input) => ({ service: "apigateway", action: "invoke", input }),
  result: (output) => ({ output }),
};
