/** `lambda:invoke`, and Lambda functions named by ARN. */
import type { TaskCall } from "../ports/task-host.ts";
import type { Json, JsonObject } from "../values/json.ts";
import type { Failure } from "../values/states-error.ts";
import type { Integration } from "./integration.ts";

/**
 * The failure of a state whose function failed: the error's type as its name, the whole error document as the cause.
 * @param payload - The response body of an invocation with `FunctionError`, as text.
 */
function functionFailure(payload: string): Failure {
  let document: { errorType?: unknown; errorMessage?: unknown } | null = null;
  try {
    document = JSON.parse(payload) as { errorType?: unknown; errorMessage?: unknown } | null;
  } catch {
    // Not JSON: the function was cut off. AWS has only one name for that.
  }
  const type = typeof document === "object" && document !== null ? document.errorType : undefined;
  if (typeof type === "string" && type !== "") return { error: type, cause: payload };
  if (typeof document?.errorMessage === "string" && /Task timed out after/.test(document.errorMessage)) {
    return { error: "Sandbox.Timedout", cause: payload };
  }
  return { error: "Lambda.Unknown", cause: payload };
}

function textOf(payload: unknown): string {
  if (typeof payload === "string") return payload;
  if (payload instanceof Uint8Array) return Buffer.from(payload).toString("utf8");
  return payload === undefined || payload === null ? "" : JSON.stringify(payload);
}

function parsed(text: string): Json {
  if (text === "") return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

export const lambdaInvoke: Integration = {
  service: "lambda",
  action: "invoke",
  patterns: ["requestResponse", "waitForTaskToken"],
  errorPrefix: "Lambda",
  apiCall(input, call) {
    const { Payload, ...rest } = byArn(call)
      ? ({ FunctionName: call.resource, Payload: call.input } as JsonObject)
      : input;
    return {
      service: "lambda",
      action: "invoke",
      input: { ...rest, Payload: JSON.stringify(Payload === undefined ? {} : Payload) },
    };
  },
  result(output, call) {
    const text = textOf(output["Payload"]);
    if (output["FunctionError"]) return { failure: functionFailure(text) };
    if (byArn(call)) return { output: parsed(text) };
    return {
      output: {
        ExecutedVersion: output["ExecutedVersion"] ?? "$LATEST",
        Payload: parsed(text),
        StatusCode: output["StatusCode"] ?? 200,
      },
    };
  },
};

function byArn(call: TaskCall): boolean {
  return call.resource.includes(":lambda:") && call.resource.includes(":function:");
}
