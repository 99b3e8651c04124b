/** The world of a case: recorded answers to its tasks, functions that behave as described, objects in S3. */

import { createHash } from "node:crypto";
import {
  type Clock,
  type Engine,
  EngineError,
  type Json,
  type TaskAnswer,
  type TaskCall,
  type TaskHost,
} from "../../engine/index.ts";
import { isObject, toText } from "../../engine/values/json.ts";
import type { LambdaBehaviour, RecordedTask, Surroundings, TaskStep } from "./case.ts";
import { matches } from "./match.ts";

const NEVER = new Promise<never>(() => undefined);

export class CaseHost implements TaskHost {
  readonly #surroundings: Surroundings;
  readonly #clock: Clock;
  readonly #unused: RecordedTask[];
  /** Recorded tasks whose end is still to come, by invocation. */
  readonly #open = new Map<string, RecordedTask>();

  constructor(surroundings: Surroundings, clock: Clock) {
    this.#surroundings = surroundings;
    this.#clock = clock;
    this.#unused = [...(surroundings.tasks ?? [])].filter(({ event }) => event !== "ActivityScheduled");
  }

  intercepts(call: TaskCall): boolean {
    return (
      call.service !== "activity" &&
      (this.#unused.some(({ state }) => state === call.stateName) || this.#open.has(call.invocationId))
    );
  }

  async invoke(call: TaskCall): Promise<TaskAnswer> {
    const task = this.#take(call);
    if (!task) return this.#behave(call);
    const submitted = task.steps.find(({ result }) => result === "submitted");
    if (submitted && call.pattern !== "requestResponse") {
      this.#open.set(call.invocationId, task);
      return { status: "submitted", output: payloadOf(submitted.output) };
    }
    return answerOf(task.steps.at(-1)!);
  }

  follow(call: TaskCall): Promise<TaskAnswer> | undefined {
    const task = this.#open.get(call.invocationId);
    this.#open.delete(call.invocationId);
    const last = task?.steps.at(-1);
    return last && last.result !== "submitted" ? answerOf(last) : undefined;
  }

  /** The first unused recording of the state; among several, one whose arguments are the same. */
  #take(call: TaskCall): RecordedTask | undefined {
    const candidates = this.#unused.filter(({ state }) => state === call.stateName);
    const same = candidates.find((task) => matches((task.parameters ?? task.input ?? null) as Json, call.input, {}));
    const task = same ?? candidates[0];
    if (task) this.#unused.splice(this.#unused.indexOf(task), 1);
    return task;
  }

  async #behave(call: TaskCall): Promise<TaskAnswer> {
    const byArn = call.resource.includes(":function:");
    const name = byArn ? call.resource : isObject(call.input) ? String(call.input["FunctionName"]) : "";
    const plain = (name.includes(":function:") ? name.split(":function:")[1]! : name).split(":")[0]!;
    const behaviour = this.#surroundings.lambdas?.[plain];
    if (call.service !== "lambda" || !behaviour) {
      return {
        status: "failed",
        error: "States.TaskFailed",
        cause: `The case has no answer for "${call.stateName}" (${call.resource})`,
      };
    }
    const event = byArn ? call.input : isObject(call.input) ? (call.input["Payload"] ?? {}) : {};
    return this.#runLambda(behaviour, event, byArn);
  }

  async #runLambda(behaviour: LambdaBehaviour, event: Json, byArn: boolean): Promise<TaskAnswer> {
    const succeed = (value: Json): TaskAnswer => ({
      status: "succeeded",
      output: byArn
        ? value
        : {
            ExecutedVersion: "$LATEST",
            Payload: value,
            SdkHttpMetadata: { AllHttpHeaders: {}, HttpHeaders: {}, HttpStatusCode: 200 },
            SdkResponseMetadata: { RequestId: "RequestId" },
            StatusCode: 200,
          },
    });
    switch (behaviour.behaviour) {
      case "echo":
        return succeed(event);
      case "const":
        return succeed(behaviour.value);
      case "delay":
        await new Promise<void>(
          (resolve) => void this.#clock.at(this.#clock.now() + behaviour.seconds * 1000, resolve),
        );
        return this.#runLambda(behaviour.then, event, byArn);
      case "raw_bytes":
        return succeed(behaviour.repeat.repeat(behaviour.count));
      case "prefix_python_repr":
        return succeed(`${behaviour.prefix}${pythonRepr(event)}`);
      case "raise": {
        const document = behaviour.payload ?? { errorMessage: behaviour.errorMessage, errorType: behaviour.errorType };
        return {
          status: "failed",
          error: behaviour.errorType,
          cause: typeof document === "string" ? document : byArn ? pythonJson(document) : toText(document),
        };
      }
    }
  }

  async readObject(bucket: string, key: string): Promise<Uint8Array | null> {
    const object = this.#surroundings.s3?.find((candidate) => candidate.bucket === bucket && candidate.key === key);
    return object ? Buffer.from(object.body, "utf8") : null;
  }

  async *listObjects(input: { [name: string]: Json }) {
    const objects = (this.#surroundings.s3 ?? [])
      .filter(({ bucket, key }) => bucket === input["Bucket"] && key.startsWith(String(input["Prefix"] ?? "")))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    for (const { key, body } of objects) {
      yield {
        Etag: `"${createHash("md5").update(body).digest("hex")}"`,
        Key: key,
        LastModified: String(Math.floor(this.#clock.now() / 1000)),
        Size: Buffer.byteLength(body),
        StorageClass: "STANDARD",
      };
    }
  }

  async writeObject(): Promise<void> {}
}

/** Recorded payloads are JSON text; only those that are objects were parsed. */
function payloadOf(recorded: Json | undefined): Json {
  if (typeof recorded !== "string") return recorded ?? null;
  try {
    return JSON.parse(recorded) as Json;
  } catch {
    return recorded;
  }
}

function answerOf(step: TaskStep): Promise<TaskAnswer> {
  switch (step.result) {
    case "succeeded":
      return Promise.resolve({ status: "succeeded", output: payloadOf(step.output) });
    case "failed":
      return Promise.resolve({ status: "failed", error: step.error, cause: step.cause });
    default:
      return NEVER;
  }
}

/** JSON as Python's `json.dumps` spaces it. */
export function pythonJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  if (isObject(value)) {
    return `{${Object.entries(value)
      .map(([key, item]) => `${asciiJson(key)}: ${pythonJson(item)}`)
      .join(", ")}}`;
  }
  return asciiJson(value);
}

function asciiJson(value: Json): string {
  return JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function pythonRepr(value: Json): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(", ")}]`;
  if (isObject(value))
    return `{${Object.entries(value)
      .map(([key, item]) => `${pythonRepr(key)}: ${pythonRepr(item)}`)
      .join(", ")}}`;
  return String(value);
}

/** Workers that carry out the case's recorded activity tasks, one recording after the other. */
export function startActivityWorkers(engine: Engine, surroundings: Surroundings): void {
  for (const arn of surroundings.activities ?? []) {
    engine.activities.create(arn.split(":").at(-1)!);
    const recorded = (surroundings.tasks ?? []).filter(
      ({ event, resource }) => event === "ActivityScheduled" && resource === arn,
    );
    void work(engine, arn, recorded);
  }
}

const A_YEAR_MS = 365 * 24 * 3600 * 1000;

async function work(engine: Engine, arn: string, recorded: RecordedTask[]): Promise<void> {
  for (const task of recorded) {
    const started = task.steps.find(({ result }) => result === "started");
    const last = task.steps.at(-1)!;
    const taken = await engine.activities.take(arn, started?.workerName, A_YEAR_MS);
    if (!taken) return;
    try {
      if (last.result === "succeeded") engine.sendTaskSuccess(taken.taskToken, toText(payloadOf(last.output)));
      else if (last.result === "failed")
        engine.sendTaskFailure(taken.taskToken, { error: last.error, cause: last.cause });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
    }
  }
}
