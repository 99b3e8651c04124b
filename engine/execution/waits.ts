/**
 * The waits of one execution's frames: for times, for tasks that were handed out, and for their heartbeats. A wait is
 * carried out only after it is in the journal, and again after a restart.
 */
import type { TaskAnswer, TaskCall } from "../ports/task-host.ts";
import type { Frame, Wait } from "../records/frame.ts";
import * as history from "../records/history.ts";
import type { Json } from "../values/json.ts";
import { type Failure, StatesError } from "../values/states-error.ts";
import type { RunningExecution } from "./running-execution.ts";
import { behaviourOf } from "./state-behaviours.ts";

type TaskWait = Wait & { kind: "task" };

export class Waits {
  readonly #execution: RunningExecution;
  /** Functions that cancel timers, by frame. */
  readonly #timers = new Map<number, (() => void)[]>();

  constructor(execution: RunningExecution) {
    this.#execution = execution;
  }

  /** Sets the timers of a waiting frame and hands out its call. */
  carryOut(frame: Frame, resumed: boolean): void {
    const execution = this.#execution;
    const { wait } = frame;
    if (!wait || execution.over || execution.frames.get(frame.id) !== frame) return;
    if (wait.kind === "timer") {
      this.#setTimer(frame, wait, wait.untilMs, async () => {
        const state = execution.stateOf(frame);
        execution.settle(frame);
        if (wait.purpose === "retry") execution.ready(frame);
        else await execution.attempt(frame, state, () => behaviourOf(state).timerFired!(execution, frame, state));
      });
    } else if (wait.kind === "task") {
      execution.home.tokens.opened(wait.taskToken, execution, frame.id);
      if (wait.timeoutAtMs !== undefined) {
        this.#setTimer(frame, wait, wait.timeoutAtMs, () => this.#timedOut(frame, false));
      }
      this.#watchHeartbeat(frame, wait);
      const call = this.#taskCall(frame, wait);
      if (wait.submitted !== undefined) {
        execution.home.tasks.follow(execution, frame, call, JSON.parse(wait.submitted) as Json);
      } else execution.home.tasks.callOut(execution, frame, call);
    } else if (wait.kind === "mapRun" && resumed) {
      // Takes in the children that ended meanwhile, and starts those that are due.
      execution.post(async () => {
        const state = execution.stateOf(frame);
        await execution.attempt(frame, state, () => behaviourOf(state).goOn!(execution, frame, state));
      });
    }
  }

  /** Cancels the timers of a frame. */
  cancel(frame: Frame): void {
    for (const cancel of this.#timers.get(frame.id) ?? []) cancel();
    this.#timers.delete(frame.id);
  }

  cancelAll(): void {
    for (const timers of this.#timers.values()) for (const cancel of timers) cancel();
    this.#timers.clear();
  }

  /** Takes the answer to a call or to a token. Ignored when nobody waits for it any more. */
  async taskAnswered(frameId: number, invocationId: string, answer: TaskAnswer, byToken: boolean): Promise<void> {
    const execution = this.#execution;
    const frame = execution.frames.get(frameId);
    if (frame?.wait?.kind !== "task" || frame.wait.invocationId !== invocationId) return;
    const state = execution.stateOf(frame);
    if (byToken && state.resource!.pattern === "waitForTaskToken" && frame.wait.submitted === undefined) {
      // The token's holder was faster than the call that handed the token out. Its answer waits for that call's answer.
      frame.wait.early = answer;
      execution.touch(frame);
      return;
    }
    await execution.attempt(frame, state, () => behaviourOf(state).answered!(execution, frame, state, answer));
  }

  /** @returns Whether a task was still waiting. */
  heartbeat(frameId: number): boolean {
    const execution = this.#execution;
    const frame = execution.frames.get(frameId);
    if (frame?.wait?.kind !== "task") return false;
    const { wait } = frame;
    if (wait.heartbeatMs !== undefined) {
      wait.heartbeatAtMs = execution.home.clock.now() + wait.heartbeatMs;
      execution.post(() => execution.touch(frame));
    }
    return true;
  }

  /** Records that an activity worker took the task. */
  activityTaken(frame: Frame, workerName: string | undefined): void {
    const execution = this.#execution;
    if (frame.wait?.kind !== "task" || !frame.wait.untaken) return;
    frame.wait.untaken = undefined;
    execution.recordEvent(frame, history.taskStarted(execution.stateOf(frame).resource!, workerName));
    if (frame.wait.heartbeatMs !== undefined) {
      frame.wait.heartbeatAtMs = execution.home.clock.now() + frame.wait.heartbeatMs;
      const { wait } = frame;
      execution.afterWrite(() => this.#watchHeartbeat(frame, wait));
    }
  }

  #setTimer(frame: Frame, wait: Wait, atMs: number, fire: () => Promise<void> | void): void {
    const execution = this.#execution;
    const cancel = execution.home.clock.at(atMs, () => {
      execution.post(async () => {
        if (execution.frames.get(frame.id) === frame && frame.wait === wait) await fire();
      });
    });
    const timers = this.#timers.get(frame.id);
    if (timers) timers.push(cancel);
    else this.#timers.set(frame.id, [cancel]);
  }

  #watchHeartbeat(frame: Frame, wait: TaskWait): void {
    if (wait.heartbeatAtMs === undefined) return;
    this.#setTimer(frame, wait, wait.heartbeatAtMs, async () => {
      // A heartbeat moves the deadline and leaves the timer as it is, so look again when the timer fires.
      if (this.#execution.home.clock.now() < wait.heartbeatAtMs!) this.#watchHeartbeat(frame, wait);
      else await this.#timedOut(frame, true);
    });
  }

  async #timedOut(frame: Frame, heartbeat: boolean): Promise<void> {
    const execution = this.#execution;
    const state = execution.stateOf(frame);
    const failure: Failure = { error: "States.Timeout" };
    execution.recordEvent(frame, history.taskTimedOut(state.resource!, failure));
    await execution.fail(frame, state, new StatesError("States.Timeout", undefined, heartbeat));
  }

  #taskCall(frame: Frame, wait: TaskWait): TaskCall {
    const { record, home } = this.#execution;
    const state = this.#execution.stateOf(frame);
    const resource = state.resource!;
    return {
      service: resource.service,
      action: resource.action,
      resource: String(state.raw["Resource"]),
      pattern: resource.pattern,
      input: JSON.parse(wait.parameters) as Json,
      region: home.place.region,
      taskToken: wait.taskToken,
      invocationId: wait.invocationId,
      executionArn: record.arn,
      stateMachineArn: record.stateMachineArn,
      stateName: frame.state,
      roleArn: wait.roleArn,
    };
  }
}
