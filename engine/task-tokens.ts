/** Task tokens: finds the task that an open token stands for, and takes the answers that come with a token. */
import type { TaskOwner } from "./execution/engine-for-execution.ts";
import { isTokenOfOurs } from "./ports/chance.ts";
import type { TaskAnswer } from "./ports/task-host.ts";
import { EngineError } from "./values/engine-error.ts";
import type { Json } from "./values/json.ts";
import type { Failure } from "./values/states-error.ts";

interface OpenToken {
  owner: TaskOwner;
  frameId: number;
}

export class TaskTokens {
  readonly #open = new Map<string, OpenToken>();
  readonly #withdraw: (token: string) => void;

  /** @param withdraw - Called with each token that closes: no worker should take its task any more. */
  constructor(withdraw: (token: string) => void) {
    this.#withdraw = withdraw;
  }

  opened(token: string, owner: TaskOwner, frameId: number): void {
    this.#open.set(token, { owner, frameId });
  }

  closed(token: string): void {
    this.#open.delete(token);
    this.#withdraw(token);
  }

  succeed(token: string, output: string): void {
    let json: Json;
    try {
      json = JSON.parse(output) as Json;
    } catch {
      throw new EngineError("InvalidOutput", `Invalid Output: '${output}'`);
    }
    this.#answer(token, { status: "succeeded", output: json });
  }

  fail(token: string, failure: Failure): void {
    this.#answer(token, { status: "failed", ...failure });
  }

  heartbeat(token: string): void {
    const { owner, frameId } = this.#find(token);
    owner.heartbeat(frameId);
  }

  #answer(token: string, answer: TaskAnswer): void {
    const { owner, frameId } = this.#find(token);
    const wait = owner.frames.get(frameId)?.wait;
    if (wait?.kind !== "task") throw timedOut();
    owner.taskAnswered(frameId, wait.invocationId, answer, true);
  }

  #find(token: string): OpenToken {
    const open = this.#open.get(token);
    if (open) return open;
    // A token that was ours has expired; any other was never valid.
    if (isTokenOfOurs(token)) throw timedOut();
    throw new EngineError("InvalidToken", "Invalid Token: 'Invalid token'");
  }
}

function timedOut(): EngineError {
  return new EngineError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'");
}
