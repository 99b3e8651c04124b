/** The world outside the engine, which carries out the calls of Task states. */
import type { Json, JsonObject } from "../values/json.ts";
import type { Failure } from "../values/states-error.ts";

/** The end that a Task state waits for: of the call, of the job it started, or the return of a token. */
export type IntegrationPattern = "requestResponse" | "sync" | "waitForTaskToken";

/** One call of a Task state. */
export interface TaskCall {
  /** AWS service, such as `lambda`, `sqs`, `aws-sdk:s3`, or `activity`. */
  service: string;
  /** API action in lower camel case, such as `invoke`, `putEvents`. */
  action: string;
  /** The `Resource` field as the definition has it. */
  resource: string;
  pattern: IntegrationPattern;
  /** The call's arguments, after the state's own templates. */
  input: Json;
  region: string;
  /** Completes a `.waitForTaskToken` task through `engine.sendTaskSuccess` and `sendTaskFailure`. */
  taskToken: string;
  /**
   * The same for the same attempt of the same state, after a restart as well. A host that has to be exact can use it
   * to recognise a call that was under way when the process died.
   */
  invocationId: string;
  executionArn: string;
  stateMachineArn: string;
  stateName: string;
  /** The role in the state's `Credentials`. */
  roleArn?: string | undefined;
}

/** The end of a call, in the shapes that the state machine sees (`{ ExecutedVersion, Payload, StatusCode }`, ...). */
export type TaskAnswer =
  | { status: "succeeded"; output: Json }
  /** The job was taken on: `.sync` goes on with `follow`, `.waitForTaskToken` waits for its token. */
  | { status: "submitted"; output: Json }
  /** `unscheduled`: nobody was there to take the call. */
  | ({ status: "failed"; unscheduled?: boolean | undefined } & Failure);

/** Carries out calls. Errors are answers: an exception is a bug and fails the state with `States.TaskFailed`. */
export interface TaskHost {
  invoke(call: TaskCall): Promise<TaskAnswer>;
  /**
   * Waits for a submitted job to end. Called again after a restart. Undefined when nothing but the token can end it.
   * @param submitted - The output of the answer `submitted`.
   */
  follow?(call: TaskCall, submitted: Json): Promise<TaskAnswer> | undefined;
  /** True for a call that the engine would answer itself (child executions) but the host wants to. */
  intercepts?(call: TaskCall): boolean;
  /** The object at a key of a bucket, for an `ItemReader`. Null when there is none. */
  readObject?(bucket: string, key: string): Promise<Uint8Array | null>;
  /** One page after another of `ListObjectsV2`, for an `ItemReader`. */
  listObjects?(input: JsonObject): AsyncIterable<JsonObject>;
  /** Stores an object, for a `ResultWriter`. */
  writeObject?(bucket: string, key: string, body: string): Promise<void>;
}
