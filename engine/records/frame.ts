/**
 * A frame is one thread of an execution: the machine itself, a branch of a Parallel, or an iteration of a Map. It
 * stands in one state. The journal keeps the frames of each open execution.
 */
import type { TaskAnswer } from "../ports/task-host.ts";
import { type Json, type JsonObject, toText } from "../values/json.ts";
import type { Failure } from "../values/states-error.ts";

/** Attempts so far, by the retrier's place in `Retry`: each retrier counts its own. */
export type RetryCounts = Record<number, number>;

/** The event that a frame waits for. */
export type Wait =
  | { kind: "timer"; untilMs: number; purpose: "wait" | "retry" }
  | {
      kind: "task";
      /** Text of the arguments, as the event has it. */
      parameters: string;
      taskToken: string;
      invocationId: string;
      roleArn?: string | undefined;
      timeoutAtMs?: number | undefined;
      heartbeatMs?: number | undefined;
      heartbeatAtMs?: number | undefined;
      /** Text of the job's first answer, once there is one. */
      submitted?: string | undefined;
      /** The answer of the token's holder, when it came before the call that handed the token out was answered. */
      early?: TaskAnswer | undefined;
      /** An activity task that no worker has taken yet. */
      untaken?: boolean | undefined;
    }
  /** For ever: until the execution is stopped or times out. */
  | { kind: "nothing" }
  | { kind: "children"; total: number; maxConcurrency: number }
  | { kind: "mapRun"; mapRunArn: string };

export interface Frame {
  readonly id: number;
  readonly parent: number | null;
  /** Place among the branches or iterations of its parent. */
  readonly index: number;
  /** Path of the state group it runs in. */
  readonly group: string;
  state: string;
  input: Json;
  /** `input` as text, spaced as it came: AWS hands text through untouched. */
  inputText: string;
  /** Variables written here; those of the frames above sit on the prototype chain. */
  variables: JsonObject;
  /** Size of the variables written here, as JSON text. */
  variableBytes: number;
  /** Id of the event that the next one follows. */
  pointer: number;
  /** The event that entered the state; 0 while the state has not been entered. */
  enteredEventId: number;
  /** Id of the event that `enteredEventId` followed. */
  enteredAfter: number;
  enteredMs: number;
  retries: RetryCounts;
  retryCount: number;
  wait: Wait | undefined;
  /** The newest map run of a distributed Map. */
  mapRunArn?: string | undefined;
  /** A redrive has just begun with this state. */
  redriven?: boolean | undefined;
  /** The last failure of the state, while it waits for a retry. */
  lastFailure?: Failure | undefined;
}

/** One line of bookkeeping and the input's text behind it, so that a large input is not escaped a second time. */
export function frameToText(frame: Frame): string {
  const { input: _input, inputText, variables, ...rest } = frame;
  return `${toText({ ...rest, variables: { ...variables } } as unknown as Json)}\n${inputText}`;
}

export function frameFromText(text: string, parentVariables: (parent: number) => JsonObject): Frame {
  const lineEnd = text.indexOf("\n");
  const rest = JSON.parse(text.slice(0, lineEnd)) as Omit<Frame, "input" | "inputText">;
  const inputText = text.slice(lineEnd + 1);
  const above = rest.parent === null ? null : parentVariables(rest.parent);
  return {
    ...rest,
    wait: rest.wait,
    input: JSON.parse(inputText) as Json,
    inputText,
    variables: Object.assign(Object.create(above) as JsonObject, rest.variables),
  };
}
