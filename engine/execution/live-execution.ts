/**
 * One open execution. It works through messages (a task ended, a timer fired) and ready frames one at a time. Its
 * decisions are written in one transaction before anything they ask for is carried out. So after a crash the journal
 * holds either all of a step or nothing of it, and nothing was started outside that the journal does not know.
 *
 * The class holds the parts of an execution together. Each part is a file beside this one.
 */
import type { Completion, DataScope } from "../data/state-data.ts";
import type { CompiledMachine, CompiledState, StateGroup } from "../definition/machine.ts";
import { type Collection, serialKey } from "../ports/store.ts";
import type { TaskAnswer } from "../ports/task-host.ts";
import type { ExecutionRecord, ExecutionStatus } from "../records/execution-record.ts";
import { type Frame, frameToText, type Wait } from "../records/frame.ts";
import * as history from "../records/history.ts";
import { childEndChanges, type MapRunLimits } from "../records/map-run-record.ts";
import type { Json, JsonObject } from "../values/json.ts";
import { type Failure, StatesError } from "../values/states-error.ts";
import { executionContext, stateScope } from "./context-object.ts";
import { deadlineMs } from "./deadline.ts";
import type { ExecutionEngine } from "./engine-for-execution.ts";
import { stateFailed } from "./failure.ts";
import { FrameTree } from "./frame-tree.ts";
import { HistoryWriter } from "./history-writer.ts";
import type { RunningExecution } from "./running-execution.ts";
import { behaviourOf } from "./state-behaviours.ts";
import { StepJournal } from "./step-journal.ts";
import { exitState } from "./transition.ts";
import { Turns } from "./turns.ts";
import { Waits } from "./waits.ts";

export class LiveExecution implements RunningExecution {
  readonly home: ExecutionEngine;
  readonly record: ExecutionRecord;
  readonly progress = new Map<number, unknown>();
  over = false;

  readonly #machine: CompiledMachine;
  readonly #root: StateGroup;
  readonly #input: Json;
  readonly #context: JsonObject;
  readonly #tree: FrameTree;
  readonly #journal = new StepJournal(this);
  readonly #history = new HistoryWriter(this);
  readonly #waits = new Waits(this);
  readonly #turns = new Turns(this, this.#journal, (frame) => this.#step(frame));
  #cancelDeadline: (() => void) | undefined;

  constructor(home: ExecutionEngine, record: ExecutionRecord, machine: CompiledMachine) {
    this.home = home;
    this.record = record;
    this.#machine = machine;
    const root = machine.groups.get(record.group);
    if (!root) throw new Error(`The definition of ${record.arn} has no state group "${record.group}"`);
    this.#root = root;
    this.#input = JSON.parse(record.input) as Json;
    this.#context = executionContext(record, this.#input);
    this.#tree = new FrameTree(record.serial);
  }

  get frames(): ReadonlyMap<number, Frame> {
    return this.#tree.frames;
  }

  get lastEventId(): number {
    return this.#history.lastEventId;
  }

  get nextFrameId(): number {
    return this.#tree.nextFrameId;
  }

  /** Whether nothing is left to do until a timer fires or an answer comes. */
  get waiting(): boolean {
    return this.#turns.idle && this.frames.size > 0;
  }

  // --- Beginning ---

  /** Begins at the first state. The caller has written the execution's record. */
  start(): void {
    this.post(() => {
      this.recordAfter(0, history.executionStarted(this.record.input, this.record.roleArn, this.record));
      this.newFrame(null, 0, this.#root, this.#input, this.record.input, 0);
    });
    this.#setDeadline();
  }

  /** Takes up where the journal ends. */
  resume(position: { lastEventId: number; nextFrameId: number }): void {
    this.#history.lastEventId = position.lastEventId;
    this.#tree.load(this.home.store, position.nextFrameId);
    if (this.frames.size === 0) {
      this.start();
      return;
    }
    this.#setDeadline();
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
    this.#history.lastEventId = lastEventId;
    const frame = this.#tree.loadRoot(this.home.store);
    if (!frame) throw new Error(`The journal no longer holds where ${this.record.arn} failed`);
    frame.wait = undefined;
    frame.retries = {};
    frame.retryCount = 0;
    frame.redriven = true;
    this.#setDeadline();
    this.post(() => {
      frame.pointer = this.recordAfter(this.lastEventId, history.executionRedriven(this.record.redriveCount));
      this.touch(frame);
      this.ready(frame);
    });
  }

  #setDeadline(): void {
    const atMs = deadlineMs(this.record, this.#machine);
    if (atMs === undefined) return;
    this.#cancelDeadline = this.home.clock.at(atMs, () =>
      this.post(() => {
        this.recordAfter(0, history.executionTimedOut());
        this.end("TIMED_OUT", {});
      }),
    );
  }

  // --- Turns and the journal ---

  post(message: () => Promise<void> | void): void {
    this.#turns.post(message);
  }

  ready(frame: Frame): void {
    this.#turns.ready(frame);
  }

  change(collection: Collection, key: string, value: string | undefined): void {
    this.#journal.change(collection, key, value);
  }

  touch(frame: Frame): void {
    this.#journal.touch(frame);
  }

  afterWrite(effect: () => void): void {
    this.#journal.afterWrite(effect);
  }

  // --- History ---

  recordEvent(frame: Frame, event: history.NewEvent): number {
    frame.pointer = this.recordAfter(frame.pointer, event);
    this.touch(frame);
    return frame.pointer;
  }

  recordAfter(previousEventId: number, event: history.NewEvent): number {
    return this.#history.record(previousEventId, event);
  }

  // --- Frames ---

  frameKey(frameId: number): string {
    return this.#tree.key(frameId);
  }

  stateOf(frame: Frame): CompiledState {
    const state = this.#machine.groups.get(frame.group)!.states.get(frame.state);
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
    const frame = this.#tree.create(parent, index, group, input, inputText, pointer);
    this.touch(frame);
    this.ready(frame);
    return frame;
  }

  dropFrame(frame: Frame): void {
    behaviourOf(this.stateOf(frame)).forget?.(this, frame);
    this.settle(frame);
    this.#tree.frames.delete(frame.id);
    this.#journal.forget(frame);
    this.change("frames", this.frameKey(frame.id), undefined);
    this.progress.delete(frame.id);
  }

  descendants(frame: Frame): Frame[] {
    return this.#tree.descendants(frame);
  }

  // --- States ---

  async #step(frame: Frame): Promise<void> {
    const state = this.stateOf(frame);
    if (frame.enteredEventId === 0) {
      frame.enteredAfter = frame.pointer;
      frame.enteredMs = this.home.clock.now();
      frame.enteredEventId = this.recordEvent(frame, history.stateEntered(state.type, state.name, frame.inputText));
    }
    await this.attempt(frame, state, () => behaviourOf(state).run(this, frame, state));
  }

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
    return stateScope(this, this.#context, frame, state, more);
  }

  exit(
    frame: Frame,
    state: CompiledState,
    completion: Completion,
    next: string | undefined,
    after: number = frame.pointer,
  ): Promise<void> {
    return exitState(this, frame, state, completion, next, after);
  }

  fail(frame: Frame, state: CompiledState, error: StatesError): Promise<void> {
    return stateFailed(this, frame, state, error);
  }

  // --- Waiting ---

  waitFor(frame: Frame, wait: Wait): void {
    frame.wait = wait;
    this.touch(frame);
    this.afterWrite(() => this.#waits.carryOut(frame, false));
  }

  waitOn(frame: Frame, wait: Wait): void {
    this.#waits.cancel(frame);
    this.waitFor(frame, wait);
  }

  settle(frame: Frame): void {
    if (frame.wait?.kind === "task") this.home.tokens.closed(frame.wait.taskToken);
    frame.wait = undefined;
    this.#waits.cancel(frame);
    this.#journal.touch(frame);
  }

  taskAnswered(frameId: number, invocationId: string, answer: TaskAnswer, byToken = false): void {
    this.post(() => this.#waits.taskAnswered(frameId, invocationId, answer, byToken));
  }

  heartbeat(frameId: number): boolean {
    return this.#waits.heartbeat(frameId);
  }

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

  // --- Ending ---

  stop(failure: Failure): void {
    this.post(() => {
      this.recordAfter(0, history.executionAborted(failure));
      this.end("ABORTED", failure);
    });
  }

  /** Forgets the execution without ending it: the journal keeps it for the next process. */
  abandon(): void {
    this.over = true;
    this.#cancelDeadline?.();
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
    this.#cancelDeadline?.();
    const redrivable = status !== "SUCCEEDED" && record.type === "STANDARD";
    for (const frame of [...this.frames.values()].reverse()) {
      behaviourOf(this.stateOf(frame)).forget?.(this, frame);
      this.settle(frame);
      // A redrive goes on from where the machine itself stood.
      const kept = redrivable && frame.parent === null;
      this.change("frames", this.frameKey(frame.id), kept ? frameToText(frame) : undefined);
    }
    this.#tree.frames.clear();
    this.change("open", serialKey(record.serial), undefined);
    this.change("executions", record.arn, JSON.stringify(record));
    for (const { collection, key, value } of childEndChanges(record)) this.change(collection, key, value);
  }
}
