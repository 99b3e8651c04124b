/** Activities: tasks that wait until a worker takes them. */
import type { TaskOwner } from "./execution/engine-for-execution.ts";
import type { Clock } from "./ports/clock.ts";
import type { Store } from "./ports/store.ts";
import type { TaskCall } from "./ports/task-host.ts";
import type { Frame } from "./records/frame.ts";
import { activityArn, type Place } from "./values/arn.ts";
import { EngineError } from "./values/engine-error.ts";
import { toText } from "./values/json.ts";

interface ActivityRecord {
  arn: string;
  name: string;
  createdMs: number;
  tags: { key: string; value: string }[];
}

interface WaitingTask {
  token: string;
  input: string;
  owner: TaskOwner;
  frame: Frame;
}

interface WaitingWorker {
  workerName: string | undefined;
  resolve(task: { taskToken: string; input: string } | undefined): void;
  cancel(): void;
}

export class Activities {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #place: Place;
  readonly #tasks = new Map<string, WaitingTask[]>();
  /** ARN of the activity that a waiting task belongs to, by token. */
  readonly #waiting = new Map<string, string>();
  readonly #workers = new Map<string, WaitingWorker[]>();

  constructor({ store, clock, place }: { store: Store; clock: Clock; place: Place }) {
    this.#store = store;
    this.#clock = clock;
    this.#place = place;
  }

  /** Creates an activity, or finds the one that has the name already. */
  create(name: string, tags: ActivityRecord["tags"] = []): ActivityRecord {
    const arn = activityArn(this.#place, name);
    const existing = this.get(arn);
    if (existing) return existing;
    const record = { arn, name, createdMs: this.#clock.now(), tags };
    this.put(record);
    return record;
  }

  put(record: ActivityRecord): void {
    this.#store.write([{ collection: "activities", key: record.arn, value: JSON.stringify(record) }]);
  }

  get(arn: string): ActivityRecord | undefined {
    const text = this.#store.get("activities", arn);
    return text === undefined ? undefined : (JSON.parse(text) as ActivityRecord);
  }

  list(): ActivityRecord[] {
    return this.#store.list("activities", { prefix: "" }).map(({ value }) => JSON.parse(value) as ActivityRecord);
  }

  delete(arn: string): void {
    this.#store.write([{ collection: "activities", key: arn, value: undefined }]);
  }

  /** A Task state has work for a worker. */
  offer(owner: TaskOwner, frame: Frame, call: TaskCall): void {
    if (!this.get(call.resource)) {
      owner.taskAnswered(frame.id, call.invocationId, {
        status: "failed",
        unscheduled: true,
        error: "States.Runtime",
        cause: `The activity ARN '${call.resource}' does not exist.`,
      });
      return;
    }
    // After a restart, a task that a worker had taken waits for that worker only.
    if (frame.wait?.kind === "task" && !frame.wait.untaken) return;
    const task: WaitingTask = { token: call.taskToken, input: toText(call.input), owner, frame };
    const worker = this.#workers.get(call.resource)?.shift();
    if (worker) this.#hand(worker, task);
    else {
      const tasks = this.#tasks.get(call.resource);
      if (tasks) tasks.push(task);
      else this.#tasks.set(call.resource, [task]);
      this.#waiting.set(task.token, call.resource);
    }
  }

  /**
   * A worker asks for work and waits for it.
   * @param waitMs - How long. AWS: 60 s.
   * @returns Undefined when no work came.
   * @throws {EngineError} ActivityDoesNotExist.
   */
  take(
    arn: string,
    workerName: string | undefined,
    waitMs: number,
  ): Promise<{ taskToken: string; input: string } | undefined> {
    if (!this.get(arn)) throw new EngineError("ActivityDoesNotExist", `Activity Does Not Exist: '${arn}'`);
    return new Promise((resolve) => {
      const workers = this.#workers.get(arn) ?? [];
      this.#workers.set(arn, workers);
      const worker: WaitingWorker = {
        workerName,
        resolve,
        cancel: this.#clock.at(this.#clock.now() + waitMs, () => {
          workers.splice(workers.indexOf(worker), 1);
          resolve(undefined);
        }),
      };
      const task = this.#tasks.get(arn)?.shift();
      if (task) this.#hand(worker, task);
      else workers.push(worker);
    });
  }

  #hand(worker: WaitingWorker, task: WaitingTask): void {
    worker.cancel();
    this.#waiting.delete(task.token);
    task.owner.activityTaken(task.frame, worker.workerName);
    worker.resolve({ taskToken: task.token, input: task.input });
  }

  /** The task is no longer wanted. */
  withdraw(token: string): void {
    const arn = this.#waiting.get(token);
    if (arn === undefined) return;
    this.#waiting.delete(token);
    const tasks = this.#tasks.get(arn)!;
    const at = tasks.findIndex((task) => task.token === token);
    if (at >= 0) tasks.splice(at, 1);
  }
}
