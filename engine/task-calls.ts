/** The calls of Task states: hands each one to whoever carries it out, and delivers the answer to its execution. */
import type { Activities } from "./activities.ts";
import type { TaskOwner } from "./execution/engine-for-execution.ts";
import type { NestedExecutions } from "./nested-executions.ts";
import type { TaskAnswer, TaskCall, TaskHost } from "./ports/task-host.ts";
import type { Frame } from "./records/frame.ts";
import type { Json } from "./values/json.ts";

export class TaskCalls {
  readonly #host: TaskHost;
  readonly #activities: Activities;
  readonly #nested: NestedExecutions;
  #closed = false;

  constructor(host: TaskHost, activities: Activities, nested: NestedExecutions) {
    this.#host = host;
    this.#activities = activities;
    this.#nested = nested;
  }

  /** Ignores all answers from now on. */
  close(): void {
    this.#closed = true;
  }

  callOut(owner: TaskOwner, frame: Frame, call: TaskCall): void {
    const answer = this.#handOut(owner, frame, call);
    if (answer) this.#deliver(owner, frame, call, answer);
  }

  /** Activities and nested executions stay in the engine; the host carries out everything else. */
  #handOut(owner: TaskOwner, frame: Frame, call: TaskCall): Promise<TaskAnswer> | undefined {
    if (!this.#host.intercepts?.(call)) {
      if (call.service === "activity") {
        this.#activities.offer(owner, frame, call);
        return undefined;
      }
      if (call.service === "states") return this.#nested.start(call);
    }
    return this.#host.invoke(call);
  }

  follow(owner: TaskOwner, frame: Frame, call: TaskCall, submitted: Json): void {
    const answer =
      call.service === "states" && call.pattern === "sync" && !this.#host.intercepts?.(call)
        ? this.#nested.follow(call, submitted)
        : this.#host.follow?.(call, submitted);
    if (answer) this.#deliver(owner, frame, call, answer);
  }

  #deliver(owner: TaskOwner, frame: Frame, call: TaskCall, answer: Promise<TaskAnswer>): void {
    answer.then(
      (given) => {
        if (!this.#closed) owner.taskAnswered(frame.id, call.invocationId, given);
      },
      (error: unknown) => {
        if (this.#closed) return;
        const cause = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        owner.taskAnswered(frame.id, call.invocationId, { status: "failed", error: "States.TaskFailed", cause });
      },
    );
  }
}
