/** Nested executions: `states:startExecution`, carried out by this very engine. */
import type { StartOptions } from "./execution-starts.ts";
import type { TaskAnswer, TaskCall } from "./ports/task-host.ts";
import type { ExecutionRecord } from "./records/execution-record.ts";
import { EngineError } from "./values/engine-error.ts";
import { isObject, type Json, type JsonObject, toText } from "./values/json.ts";
import type { Failure } from "./values/states-error.ts";

const LONGEST_NAME = 80;

export class NestedExecutions {
  readonly #start: (options: StartOptions) => ExecutionRecord;
  readonly #ended: (arn: string) => Promise<ExecutionRecord>;

  constructor(start: (options: StartOptions) => ExecutionRecord, ended: (arn: string) => Promise<ExecutionRecord>) {
    this.#start = start;
    this.#ended = ended;
  }

  async start(call: TaskCall): Promise<TaskAnswer> {
    const input = isObject(call.input) ? call.input : {};
    const given = input["Input"];
    try {
      const record = this.#start({
        stateMachineArn: String(input["StateMachineArn"]),
        name: typeof input["Name"] === "string" ? input["Name"] : ownName(call.invocationId),
        input: given === undefined ? undefined : typeof given === "string" ? given : toText(given),
      });
      const output = { ExecutionArn: record.arn, StartDate: record.startMs };
      return { status: call.pattern === "requestResponse" ? "succeeded" : "submitted", output };
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      return { status: "failed", error: `StepFunctions.${error.code}Exception`, cause: error.message };
    }
  }

  /** Waits for the nested execution to end. */
  async follow(call: TaskCall, submitted: Json): Promise<TaskAnswer> {
    const record = await this.#ended(String((submitted as { ExecutionArn?: string }).ExecutionArn));
    const outcome = outcomeOf(record, call.resource);
    return "failure" in outcome
      ? { status: "failed", ...outcome.failure }
      : { status: "succeeded", output: outcome.output };
  }
}

/** A name for an execution whose caller gave none: the same after a restart, so that a call is not made twice. */
function ownName(invocationId: string): string {
  const id = invocationId.slice(invocationId.lastIndexOf(":") + 1).replaceAll("/", "-");
  return id.length <= LONGEST_NAME ? id : id.slice(-LONGEST_NAME);
}

/** The result of a `.sync` call: the execution's output as text for `.sync`, as JSON for `.sync:2`. */
function outcomeOf(record: ExecutionRecord, resource: string): { output: Json } | { failure: Failure } {
  const version2 = resource.endsWith(":2");
  const json = (text: string | undefined): Json =>
    text === undefined ? null : version2 ? (JSON.parse(text) as Json) : text;
  const document: JsonObject = {
    ExecutionArn: record.arn,
    Input: json(record.input),
    InputDetails: { Included: true },
    Name: record.name,
    ...(record.output === undefined ? {} : { Output: json(record.output), OutputDetails: { Included: true } }),
    ...(record.error === undefined ? {} : { Error: record.error }),
    ...(record.cause === undefined ? {} : { Cause: record.cause }),
    StartDate: record.startMs,
    StateMachineArn: record.stateMachineArn,
    Status: record.status,
    StopDate: record.stopMs ?? null,
  };
  if (record.status === "SUCCEEDED") return { output: document };
  return { failure: { error: "States.TaskFailed", cause: JSON.stringify(document) } };
}
