/** Integrations: the `Resource` a Task state names, what it may wait for, and the shapes of its API call and answer. */
import type { IntegrationPattern, TaskCall } from "../ports/task-host.ts";
import type { Json, JsonObject } from "../values/json.ts";
import type { Failure } from "../values/states-error.ts";

/** A call of an AWS API: service and action as in `aws-sdk:<service>:<action>`, input in the shapes of the JS SDK. */
export interface ApiCall {
  service: string;
  /** Lower camel case: `putEvents`. */
  action: string;
  input: JsonObject;
  region: string;
  roleArn?: string | undefined;
}

/** One optimised integration of Step Functions with one action of a service. */
export interface Integration {
  service: string;
  action: string;
  patterns: readonly IntegrationPattern[];
  /** The API call that a Task state's arguments stand for. */
  apiCall(input: JsonObject, call: TaskCall): { service: string; action: string; input: JsonObject };
  /** The answer as the state machine sees it; a `Failure` when the service reported one inside its answer. */
  result(output: JsonObject, call: TaskCall): { output: Json } | { failure: Failure };
  /** Prefix of error names, such as `DynamoDB`. */
  errorPrefix: string;
  /** For `.sync`: how to follow a job. */
  job?: JobIntegration;
}

interface JobIntegration {
  /** Seconds between two looks. */
  pollSeconds: number;
  /** The call that describes the job, made from the answer to the call that started it. */
  describe(submitted: JsonObject, call: TaskCall): { service: string; action: string; input: JsonObject };
  /** Undefined while the job runs. */
  ended(description: JsonObject): { output: Json } | { failure: Failure } | undefined;
}
