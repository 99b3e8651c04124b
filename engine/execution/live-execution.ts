/**
 * One open execution. It works through messages (a task ended, a timer fired) and ready frames one at a time; what it
 * decided is written in one transaction before anything it asked for is carried out. So after a crash the journal shows
 * either all of a step or nothing of it, and nothing outside was told to do what the journal does not know.
 */

import type { Completion, DataScope } from "../data/state-data.ts";
import type { CompiledMachine, CompiledState, StateGroup } from "../definition/machine.ts";
import { type Collection, serialKey } from "../ports/store.ts";
import type { TaskAnswer } from "../ports/task-host.ts";
import type { ExecutionRecord, ExecutionStatus } from "../records/execution-record.ts";
import { type Frame, frameFromText, frameToText, type Wait } from "../records/frame.ts";
import * as history from "../records/history.ts";
import { childEndChanges, type MapRunLimits } from "../records/map-run-record.ts";
import { exceedsBytes, type Json, type JsonObject, PAYLOAD_LIMIT_BYTES, toText } from "../values/json.ts";
import { type Failure, payloadTooLarge, QueryEvaluationError, StatesError } from "../values/states-error.ts";
import type { ExecutionEngine } from "./execution-engine.ts";
import { decideCatch, decideRetry, failureOf, isFinal } from "./retry.ts";
import type { RunningExecution } from "./running-execution.ts";
import { behaviourOf } from "./state-behaviours.ts";
import { StepJournal } from "./step-journal.ts";
import { checkVariables } from "./variable-limits.ts";
import { Waits } from "./waits.ts";

/** Writes are gathered up to this many before they go to the journal, if nothing asks for them sooner. */
const CHANGES_PER_WRITE = 512;
/** A turn gives way to the rest of the process after this many steps. */
const STEPS_PER_BREATH = 64;
/** States that a Retry can stand in; only they know how often it did. */
const RETRYABLE: ReadonlySet<string> = new Set(["Task", "Parallel", "Map"]);
const EXPRESS_LIMIT_MS = 5 * 60 * 1000;

/** Unwinds a step whose execution has ended meanwhile. */
class ExecutionOver extends Error {
  override readonly name = "ExecutionOver";
}

export class LiveExecution implements RunningExecution {
  readonly home: ExecutionEngine;
  readonly record: ExecutionRecord;
  readonly machine: CompiledMachine;
  readonly root: StateGroup;
  readonly input: Json;
  readonly frames = new Map<number, Frame>();
  /** In-memory progress of Map and Parallel states, by frame; rebuilt from the journal after a restart. */
  readonly progress = new Map<number, unknown>();
  lastEventId = 0;
  nextFrameId = 1;
  over = false;

  readonly #key: string;
  readonly #ready: Frame[] = [];
  readonly #mailbox: (() => Promise<void> | void)[] = [];
  readonly #journal: StepJournal;
  readonly #waits = new Waits(this);
  #deadline: (() => void) | undefined;
  #running: Promise<void> | undefined;
  readonly #executionContext: JsonObject;

  constructor(home: ExecutionEngine, record: ExecutionRecord, machine: CompiledMachine) {
    this.home = home;
    this.record = record;
    this.machine = machine;
    const root = machine.groups.get(record.group);
    if (!root) throw new Error(`The definition of ${record.arn} has no state group "${record.group}"`);
    this.root = root;
    this.input = JSON.parse(record.input) as Json;
    this.#key = serialKey(record.serial);
    this.#journal = new StepJournal(this);
    this.#executionContext = {
      Id: record.arn,
      Input: this.input,
      StartTime: new Date(record.startMs).toISOString(),
      Name: record.name,
      RoleArn: record.roleArn,
      // Express executions cannot be redriven.
      ...(record.type === "STANDARD" ? { RedriveCount: record.redriveCount } : {}),
      ...(record.redriveMs === undefined ? {} : { RedriveTime: new Date(record.redriveMs).toISOString() }),
    };
  }

  /** Begins at the first state. The caller has written the execution's record. */
  start(): void {
    this.post(() => {
      this.recordAfter(0, history.executionStarted(this.record.input, this.record.roleArn, this.record));
      this.newFrame(null, 0, this.root, this.input, this.record.input, 0);
    });
    this.#armDeadline();
  }

  /** Takes up where the journal ends. */
  resume(position: { lastEventId: number; nextFrameId: number }): void {
    this.lastEventId = position.lastEventId;
    this.nextFrameId = position.nextFrameId;
    for (const { value } of this.home.store.list("frames", { prefix: `${this.#key}/` })) {
      const frame = frameFromText(value, (parent) => this.frames.get(parent)!.variables);
      this.frames.set(frame.id, frame);
    }
    if (this.frames.size === 0) {
      this.start();
      return;
    }
    this.#armDeadline();
    this.post(async () => {
      for (const frame of [...this.frames.values()]) {
        if (!frame.wait) this.ready(frame);
        else {
          if (frame.wait.kind === "children" || frame.wait.kind === "mapRun") {
            await behaviourOf(this.stateOf(frame)).restore!(this, frame, this.stateOf(frame));
          }
          this.afterWrite(() => this.#waits.carryOut(frame, true));
        }
      }
    });
  }

  /** Runs a failed execution again from the state it failed in; what that state did before is not kept. */
  redrive(lastEventId: number): void {
    this.lastEventId = lastEventId;
    const row = this.home.store.get("frames", this.frameKey(ROOT_FRAME_ID));
    if (row === undefined) throw new Error(`The journal no longer holds where ${this.record.arn} failed`);
    const frame = frameFromText(row, () => ({}));
    this.nextFrameId = frame.id + 1;
    this.frames.set(frame.id, frame);
    frame.wait = undefined;
    frame.retries = {};
    frame.retryCount = 0;
    frame.redriven = true;
    this.#armDeadline();
    this.post(() => {
      frame.pointer = this.recordAfter(this.lastEventId, history.executionRedriven(this.record.redriveCount));
      this.touch(frame);
      this.ready(frame);
    });
  }

  #armDeadline(): void {
    const { timeoutSeconds } = this.machine;
    const limitMs = Math.min(
      this.record.group === "" && timeoutSeconds !== undefined ? timeoutSeconds * 1000 : Infinity,
      this.record.type === "EXPRESS" ? EXPRESS_LIMIT_MS : Infinity,
    );
    if (limitMs === Infinity) return;
    const startMs = this.record.redriveMs ?? this.record.startMs;
    this.#deadline = this.home.clock.at(startMs + limitMs, () =>
      this.post(() => {
        this.recordAfter(0, history.executionTimedOut());
        this.end("TIMED_OUT", {});
      }),
    );
  }

  /** Whether nothing is left to do until a timer fires or an answer comes. */
  get waiting(): boolean {
    return this.#running === undefined && this.frames.size > 0;
  }

  /** Queues work and sees that it is done. */
  post(message: () => Promise<void> | void): void {
    if (this.over) return;
    this.#mailbox.push(message);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    const release = this.home.clock.hold?.();
    // Starting is synchronous for the caller, working is not.
    await null;
    try {
      for (let steps = 1; !this.over; steps++) {
        const message = this.#mailbox.shift();
        const frame = message ? undefined : this.#ready.shift();
        if (!message && !frame) break;
        try {
          if (message) await message();
          else if (this.frames.get(frame!.id) === frame && !frame!.wait) await this.#step(frame!);
        } catch (error) {
          if (!(error instanceof ExecutionOver)) throw error;
        }
        if (this.#journal.changeCount >= CHANGES_PER_WRITE) this.#journal.write();
        if (steps % STEPS_PER_BREATH === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      this.#journal.write();
    } finally {
      this.#running = undefined;
      release?.();
    }
    if (!this.over && (this.#mailbox.length > 0 || this.#ready.length > 0)) this.#running ??= this.#run();
    if (this.over) this.home.executionEnded(this.record);
  }

  change(collection: Collection, key: string, value: string | undefined): void {
    this.#journal.change(collection, key, value);
  }

  /** Runs `effect` once everything decided so far is in the journal. */
  afterWrite(effect: () => void): void {
    this.#journal.afterWrite(effect);
  }

  /** Puts a frame among those that go on. */
  ready(frame: Frame): void {
    this.#ready.push(frame);
  }

  frameKey(frameId: number): string {
    return `${this.#key}/${serialKey(frameId)}`;
  }

  stateOf(frame: Frame): CompiledState {
    const state = this.machine.groups.get(frame.group)!.states.get(frame.state);
    if (!state) throw new Error(`The definition of ${this.record.arn} has no state "${frame.state}"`);
    return state;
  }

  newFrame(
    parent: Frame | null,
    index: number,
    group: StateGroup,
    input: Json,
    inputText: string,
    pointer: number,
  ): Frame {
    const frame: Frame = {
      id: this.nextFrameId++,
      parent: parent?.id ?? null,
      index,
      group: group.path,
      state: group.startAt,
      input,
      inputText,
      variables: Object.create(parent?.variables ?? null) as JsonObject,
      variableBytes: 0,
      pointer,
      enteredEventId: 0,
      enteredAfter: 0,
      enteredMs: 0,
      retries: {},
      retryCount: 0,
      wait: undefined,
    };
    this.frames.set(frame.id, frame);
    this.touch(frame);
    this.ready(frame);
    return frame;
  }

  touch(frame: Frame): void {
    this.#journal.touch(frame);
  }

  /** Records an event that follows the frame's last one. */
  recordEvent(frame: Frame, event: history.NewEvent): number {
    frame.pointer = this.recordAfter(frame.pointer, event);
    this.touch(frame);
    return frame.pointer;
  }

  recordAfter(previousEventId: number, event: history.NewEvent): number {
    const full = this.record.type === "STANDARD" && this.lastEventId + 1 >= history.LAST_EVENT_ID;
    if (full) {
      this.#append(previousEventId, history.executionFailed({ error: "States.Runtime", cause: HISTORY_FULL }));
      this.end("FAILED", { error: "States.Runtime", cause: HISTORY_FULL });
      throw new ExecutionOver();
    }
    return this.#append(previousEventId, event);
  }

  #append(previousEventId: number, event: history.NewEvent): number {
    const id = ++this.lastEventId;
    const whole: history.HistoryEvent = { timestamp: this.home.clock.now(), id, previousEventId, ...event };
    // Express executions have no history to ask for; their events only reach the log.
    if (this.record.type === "STANDARD") {
      this.change("events", `${this.#key}/${serialKey(id)}`, JSON.stringify(whole));
    }
    this.home.eventRecorded(this.record, whole);
    return id;
  }

  async #step(frame: Frame): Promise<void> {
    const state = this.stateOf(frame);
    if (frame.enteredEventId === 0) {
      frame.enteredAfter = frame.pointer;
      frame.enteredMs = this.home.clock.now();
      frame.enteredEventId = this.recordEvent(frame, history.stateEntered(state.type, state.name, frame.inputText));
    }
    await this.attempt(frame, state, () => behaviourOf(state).run(this, frame, state));
  }

  /** Runs part of a state; what it throws is the state's failure. */
  async attempt(frame: Frame, state: CompiledState, part: () => Promise<void>): Promise<void> {
    try {
      await part();
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      await this.fail(frame, state, error);
    }
  }

  scope(
    frame: Frame,
    state: CompiledState,
    more: { item?: { index: number; value: Json }; taskToken?: string } = {},
  ): DataScope {
    const nowMs = this.home.clock.now();
    const item = more.item ?? this.#mapItem(frame);
    return {
      stateName: state.name,
      enteredEventId: frame.enteredEventId,
      input: frame.input,
      context: {
        Execution: this.#executionContext,
        StateMachine: { Id: this.record.stateMachineArn, Name: this.record.stateMachineName },
        State: {
          Name: state.name,
          EnteredTime: new Date(frame.enteredMs).toISOString(),
          ...(RETRYABLE.has(state.type) ? { RetryCount: frame.retryCount } : {}),
        },
        ...(item ? { Map: { Item: { Index: item.index, Value: item.value } } } : {}),
        ...(more.taskToken === undefined ? {} : { Task: { Token: more.taskToken } }),
      },
      variables: frame.variables,
      chance: this.home.chance,
      nowMs,
    };
  }

  /** The item of the innermost Map around a frame. */
  #mapItem(frame: Frame): { index: number; value: Json } | undefined {
    for (let child = frame; child.parent !== null; ) {
      const parent = this.frames.get(child.parent)!;
      const item = behaviourOf(this.stateOf(parent)).itemOf?.(this, parent, child.index);
      if (item !== undefined) return { index: child.index, value: item.value };
      child = parent;
    }
    return undefined;
  }

  /** Leaves a state and goes on to the next one, or ends the frame. */
  async exit(
    frame: Frame,
    state: CompiledState,
    { output, assigned }: Completion,
    next: string | undefined,
    after: number = frame.pointer,
  ): Promise<void> {
    const outputText = output === frame.input ? frame.inputText : toText(output);
    if (exceedsBytes(outputText, PAYLOAD_LIMIT_BYTES)) throw payloadTooLarge(state.name);
    if (assigned) checkVariables(this.frames, frame, assigned);
    frame.pointer = this.recordAfter(after, history.stateExited(state.type, state.name, outputText, assigned));
    if (assigned) Object.assign(frame.variables, assigned);
    if (next === undefined) {
      await this.#frameEnded(frame, output, outputText);
      return;
    }
    frame.state = next;
    frame.input = output;
    frame.inputText = outputText;
    frame.enteredEventId = 0;
    frame.retries = {};
    frame.retryCount = 0;
    frame.lastFailure = undefined;
    frame.redriven = undefined;
    frame.mapRunArn = undefined;
    this.touch(frame);
    this.ready(frame);
  }

  async #frameEnded(frame: Frame, output: Json, outputText: string): Promise<void> {
    if (frame.parent === null) {
      this.recordAfter(frame.pointer, history.executionSucceeded(outputText));
      this.end("SUCCEEDED", {}, outputText);
      return;
    }
    const parent = this.frames.get(frame.parent)!;
    this.dropFrame(frame);
    const state = this.stateOf(parent);
    await this.attempt(parent, state, () =>
      behaviourOf(state).childEnded!(this, parent, state, { frame, output, outputText }),
    );
  }

  /** A state failed: it is tried again, caught, or takes down what is around it. */
  async fail(frame: Frame, state: CompiledState, error: StatesError): Promise<void> {
    this.settle(frame);
    if (error instanceof QueryEvaluationError && error.state === state.name) {
      const after = frame.pointer === frame.enteredEventId ? frame.enteredAfter : frame.pointer;
      frame.pointer = this.recordAfter(after, history.evaluationFailed(failureOf(error), error.state, error.location));
    }
    const failure = failureOf(error);
    const final = isFinal(error);
    if (!final) {
      const retry = decideRetry(state, frame.retries, failure, this.home.chance);
      if (retry) {
        frame.retries[retry.retrier] = (frame.retries[retry.retrier] ?? 0) + 1;
        frame.retryCount++;
        frame.lastFailure = failure;
        this.waitFor(frame, { kind: "timer", untilMs: this.home.clock.now() + retry.delayMs, purpose: "retry" });
        return;
      }
    }
    // A Map or a Parallel whose own fields could not be read fails without an event of its own.
    if (!final || frame.pointer !== frame.enteredEventId) {
      if (state.type === "Map") this.recordEvent(frame, history.mapStateFailed());
      if (state.type === "Parallel") this.recordEvent(frame, history.parallelStateFailed());
    }
    const catcher = final ? -1 : decideCatch(state.catch, failure);
    if (catcher < 0) return this.#frameFailed(frame, error);
    try {
      const errorOutput: JsonObject = {
        Error: failure.error ?? null,
        Cause: failure.cause ?? (failure.error === "States.Timeout" ? "" : null),
      };
      const completion = await state.data.caught(this.scope(frame, state), catcher, errorOutput);
      await this.exit(frame, state, completion, state.catch[catcher]!.next);
    } catch (inCatcher) {
      if (!(inCatcher instanceof StatesError)) throw inCatcher;
      await this.#frameFailed(frame, inCatcher);
    }
  }

  async #frameFailed(frame: Frame, error: StatesError): Promise<void> {
    if (frame.parent === null) {
      const failure = failureOf(error);
      this.recordAfter(frame.pointer, history.executionFailed(failure));
      this.end("FAILED", failure);
      return;
    }
    const parent = this.frames.get(frame.parent)!;
    const state = this.stateOf(parent);
    behaviourOf(state).childFailed!(this, parent, state, frame);
    await this.fail(parent, state, error);
  }

  /** Ends the waiting of a frame; late answers and timers no longer find it. */
  settle(frame: Frame): void {
    if (frame.wait?.kind === "task") this.home.tokens.closed(frame.wait.taskToken);
    frame.wait = undefined;
    this.#waits.cancel(frame);
    this.#journal.touch(frame);
  }

  /** Puts a changed wait in the place of a frame's wait; its token stays open. */
  waitOn(frame: Frame, wait: Wait): void {
    this.#waits.cancel(frame);
    this.waitFor(frame, wait);
  }

  dropFrame(frame: Frame): void {
    const state = this.stateOf(frame);
    behaviourOf(state).forget?.(this, frame);
    this.settle(frame);
    this.frames.delete(frame.id);
    this.#journal.forget(frame);
    this.change("frames", this.frameKey(frame.id), undefined);
    this.progress.delete(frame.id);
  }

  /** Children of a frame, nested ones included, innermost first. */
  descendants(frame: Frame): Frame[] {
    const found: Frame[] = [];
    for (const child of this.frames.values()) {
      if (child.parent === frame.id) found.push(...this.descendants(child), child);
    }
    return found;
  }

  waitFor(frame: Frame, wait: Wait): void {
    frame.wait = wait;
    this.touch(frame);
    this.afterWrite(() => this.#waits.carryOut(frame, false));
  }

  /** The answer to a call, or the word of a token's holder. Ignored when nobody waits for it any more. */
  taskAnswered(frameId: number, invocationId: string, answer: TaskAnswer, byToken = false): void {
    this.post(() => this.#waits.taskAnswered(frameId, invocationId, answer, byToken));
  }

  /** @returns Whether a task was still waiting. */
  heartbeat(frameId: number): boolean {
    return this.#waits.heartbeat(frameId);
  }

  /** An activity worker took the task. */
  activityTaken(frame: Frame, workerName: string | undefined): void {
    this.post(() => this.#waits.activityTaken(frame, workerName));
  }

  /** A child execution of a distributed Map ended. */
  childExecutionEnded(child: ExecutionRecord): void {
    this.post(async () => {
      const frame = this.frames.get(child.parent!.frame);
      if (frame?.wait?.kind !== "mapRun" || frame.wait.mapRunArn !== child.mapRunArn) return;
      const state = this.stateOf(frame);
      await this.attempt(frame, state, () => behaviourOf(state).childExecutionEnded!(this, frame, state, child));
    });
  }

  /** UpdateMapRun changed the limits of a map run. */
  mapRunUpdated(frame: Frame, limits: Partial<MapRunLimits>): void {
    this.post(() => behaviourOf(this.stateOf(frame)).mapRunUpdated?.(this, frame, limits));
  }

  stop(failure: Failure): void {
    this.post(() => {
      this.recordAfter(0, history.executionAborted(failure));
      this.end("ABORTED", failure);
    });
  }

  /** Forgets the execution without ending it: the journal keeps it for the next process. */
  abandon(): void {
    this.over = true;
    this.#deadline?.();
    this.#waits.cancelAll();
    this.#journal.abandon();
  }

  end(status: ExecutionStatus, failure: Failure, output?: string): void {
    this.over = true;
    const { record } = this;
    record.status = status;
    record.stopMs = this.home.clock.now();
    record.output = output;
    record.error = failure.error;
    record.cause = failure.cause;
    record.lastEventId = this.lastEventId;
    this.#deadline?.();
    const redrivable = status !== "SUCCEEDED" && record.type === "STANDARD";
    for (const frame of [...this.frames.values()].reverse()) {
      behaviourOf(this.stateOf(frame)).forget?.(this, frame);
      this.settle(frame);
      // A redrive goes on from where the machine itself stood.
      const kept = redrivable && frame.parent === null;
      this.change("frames", this.frameKey(frame.id), kept ? frameToText(frame) : undefined);
    }
    this.frames.clear();
    this.change("open", this.#key, undefined);
    this.change("executions", record.arn, JSON.stringify(record));
    for (const { collection, key, value } of childEndChanges(record)) this.change(collection, key, value);
  }
}

/** The machine itself is the first frame of its execution. */
const ROOT_FRAME_ID = 1;

const HISTORY_FULL = "The execution reached the maximum number of history events (25000).";
