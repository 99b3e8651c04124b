/** `states:startExecution`: child executions. `.sync` gives the child's output as text, `.sync:2` as JSON. */

import type { Json, JsonObject } from "../values/json.ts";
import type { Failure } from "../values/states-error.ts";
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

/**
 * How a `.sync` call tells of a child that ended.
 * @param described - DescribeExecution's answer with dates as milliseconds.
 */
export function childOutcome(described: ChildDescription, resource: string): { output: Json } | { failure: Failure } {
  const version2 = resource.endsWith(":2");
  const json = (text: string | undefined): Json =>
    text === undefined ? null : version2 ? (JSON.parse(text) as Json) : text;
  const document: JsonObject = {
    ExecutionArn: described.executionArn,
    Input: json(described.input),
    InputDetails: { Included: true },
    Name: described.name,
    ...(described.output === undefined ? {} : { Output: json(described.output), OutputDetails: { Included: true } }),
    ...(described.error === undefined ? {} : { Error: described.error }),
    ...(described.cause === undefined ? {} : { Cause: described.cause }),
    StartDate: described.startDateMs,
    StateMachineArn: described.stateMachineArn,
    Status: described.status,
    StopDate: described.stopDateMs ?? null,
  };
  if (described.status === "SUCCEEDED") return { output: document };
  return { failure: { error: "States.TaskFailed", cause: JSON.stringify(document) } };
}

export interface ChildDescription {
  executionArn: string;
  stateMachineArn: string;
  name: string;
  status: string;
  input: string;
  output?: string | undefined;
  error?: string | undefined;
  cause?: string | undefined;
  startDateMs: number;
  stopDateMs?: number | undefined;
}
