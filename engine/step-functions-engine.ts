/** The engine: starts, resumes, stops and tells of executions. */

import { Activities } from "./activities.ts";
import { type ExecutionHome, LiveExecution } from "./execution/live-execution.ts";
import { childOutcome } from "./integrations/states.ts";
import { MapRuns } from "./map-runs.ts";
import { type Chance, trueChance } from "./ports/chance.ts";
import { type Clock, realClock } from "./ports/clock.ts";
import { MemoryStore } from "./ports/memory-store.ts";
import { type Change, type Store, serialKey } from "./ports/store.ts";
import type { TaskAnswer, TaskCall, TaskHost } from "./ports/task-host.ts";
import type { ExecutionRecord, ExecutionStatus } from "./records/execution-record.ts";
import type { Frame } from "./records/frame.ts";
import { type HistoryEvent, LAST_EVENT_ID } from "./records/history.ts";
import { checkInput, checkName } from "./request-checks.ts";
import { type ResolvedMachine, StateMachines } from "./state-machines.ts";
import { executionArn, type Place, unqualified } from "./values/arn.ts";
import { EngineError } from "./values/engine-error.ts";
import { isObject, type Json, toText } from "./values/json.ts";
import type { Failure } from "./values/states-error.ts";

export interface EngineOptions {
  host: TaskHost;
  /** Default: memory, which forgets. */
  store?: Store;
  clock?: Clock;
  chance?: Chance;
  region?: string;
  accountId?: string;
  partition?: string;
}

export interface StartOptions {
  /** A state machine, or one of its versions or aliases. */
  stateMachineArn: string;
  /** Default: a UUID. */
  name?: string | undefined;
  /** Text of a JSON value; default `{}`. */
  input?: string | undefined;
  traceHeader?: string | undefined;
}

export type StatusListener = (record: Readonly<ExecutionRecord>) => void;
export type EventListener = (record: Readonly<ExecutionRecord>, event: HistoryEvent) => void;

interface OpenToken {
  execution: LiveExecution;
  frameId: number;
}

/** An execution can be redriven for two weeks. */
const REDRIVE_LIMIT_MS = 14 * 24 * 3600 * 1000;

export class Engine implements ExecutionHome {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly store: Store;
  readonly host: TaskHost;
  readonly place: Place;
  readonly stateMachines: StateMachines;
  readonly activities: Activities;
  readonly mapRuns: MapRuns;

  readonly #live = new Map<string, LiveExecution>();
  readonly #bySerial = new Map<number, LiveExecution>();
  readonly #tokens = new Map<string, OpenToken>();
  readonly #ends = new Map<string, ((record: ExecutionRecord) => void)[]>();
  readonly #statusListeners = new Set<StatusListener>();
  readonly #eventListeners = new Set<EventListener>();
  #nextSerial: number;
  #closed = false;

  constructor(options: EngineOptions) {
    this.host = options.host;
    this.store = options.store ?? new MemoryStore();
    this.clock = options.clock ?? realClock;
    this.chance = options.chance ?? trueChance;
    this.place = {
      partition: options.partition ?? "aws",
      region: options.region ?? "us-east-1",
      accountId: options.accountId ?? "000000000000",
    };
    this.stateMachines = new StateMachines(this.store);
    this.activities = new Activities(this);
    this.mapRuns = new MapRuns(this);
    this.#nextSerial = Number(this.store.get("counters", "execution") ?? "1");
  }

  get region(): string {
    return this.place.region;
  }

  // --- Starting and stopping ---

  /**
   * Starts an execution. The same name with the same input gives the open execution again.
   * @throws {EngineError} StateMachineDoesNotExist, InvalidName, InvalidExecutionInput, ExecutionAlreadyExists.
   */
  startExecution(options: StartOptions): ExecutionRecord {
    const resolved = this.stateMachines.resolve(options.stateMachineArn, this.chance.random());
    if (!resolved) {
      throw new EngineError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${options.stateMachineArn}'`);
    }
    const input = options.input ?? "{}";
    checkInput(input);
    if (options.name !== undefined) checkName(options.name);
    const name = options.name ?? this.chance.uuid();
    const { machine } = resolved;
    const arn = executionArn(
      this.place,
      machine.name,
      name,
      machine.type === "EXPRESS" ? { uuid: this.chance.uuid() } : undefined,
    );
    const existing = this.describe(arn);
    if (existing) {
      if (existing.status === "RUNNING" && existing.input === input) return existing;
      throw new EngineError("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
    }
    return this.#open({ arn, name, input, resolved, group: "", traceHeader: options.traceHeader });
  }

  /** Starts a child of a distributed Map. */
  startChild(
    parent: LiveExecution,
    frame: Frame,
    child: {
      mapRunArn: string;
      label: string;
      group: string;
      type: ExecutionRecord["type"];
      index: number;
      itemCount: number;
      input: string;
    },
  ): ExecutionRecord {
    const name = this.chance.uuid();
    const machineName = `${parent.record.stateMachineName.split("/")[0]}/${child.label}`;
    const arn = executionArn(
      this.place,
      machineName,
      name,
      child.type === "EXPRESS" ? { uuid: this.chance.uuid() } : undefined,
    );
    const { record } = parent;
    return this.#open({
      arn,
      name,
      input: child.input,
      resolved: {
        machine: {
          ...this.stateMachines.get(unqualified(record.stateMachineArn).arn.split("/")[0]!)!,
          arn: `${record.stateMachineArn.split("/")[0]}/${child.label}`,
          name: machineName,
          type: child.type,
        },
        revisionId: record.revisionId,
      },
      group: child.group,
      mapRunArn: child.mapRunArn,
      parent: { serial: record.serial, frame: frame.id, index: child.index, itemCount: child.itemCount },
    });
  }

  #open(given: {
    arn: string;
    name: string;
    input: string;
    resolved: ResolvedMachine;
    group: string;
    traceHeader?: string | undefined;
    mapRunArn?: string;
    parent?: ExecutionRecord["parent"];
  }): ExecutionRecord {
    const { machine, revisionId, versionArn, aliasArn } = given.resolved;
    const compiled = this.stateMachines.compiled(machine.arn.split("/")[0]!, revisionId);
    const record: ExecutionRecord = {
      serial: this.#nextSerial++,
      arn: given.arn,
      name: given.name,
      stateMachineArn: machine.arn,
      stateMachineName: machine.name,
      revisionId,
      group: given.group,
      versionArn,
      aliasArn,
      type: machine.type,
      roleArn: machine.roleArn,
      status: "RUNNING",
      startMs: this.clock.now(),
      input: given.input,
      traceHeader: given.traceHeader,
      redriveCount: 0,
      mapRunArn: given.mapRunArn,
      parent: given.parent,
    };
    const key = serialKey(record.serial);
    this.store.write([
      { collection: "counters", key: "execution", value: String(this.#nextSerial) },
      { collection: "executions", key: record.arn, value: JSON.stringify(record) },
      { collection: "executionIndex", key: indexKey(record), value: record.arn },
      { collection: "open", key, value: JSON.stringify({ arn: record.arn, lastEventId: 0, nextFrameId: 1 }) },
    ]);
    const execution = new LiveExecution(this, record, compiled);
    this.#live.set(record.arn, execution);
    this.#bySerial.set(record.serial, execution);
    this.#tellStatus(record);
    execution.start();
    return record;
  }

  /** @throws {EngineError} ExecutionDoesNotExist. */
  stopExecution(arn: string, failure: Failure = {}): Promise<ExecutionRecord> {
    const record = this.#existing(arn);
    const live = this.#live.get(arn);
    if (!live) return Promise.resolve(record);
    const ended = this.ended(arn);
    live.stop(failure);
    return ended;
  }

  /** Settles with the execution's record once it has ended. */
  ended(arn: string): Promise<ExecutionRecord> {
    const record = this.#existing(arn);
    if (!this.#live.has(arn)) return Promise.resolve(record);
    return new Promise((resolve) => {
      const waiting = this.#ends.get(arn);
      if (waiting) waiting.push(resolve);
      else this.#ends.set(arn, [resolve]);
    });
  }

  /** Goes on with every execution that was open when the process ended. Call it once, before anything else. */
  resume(): ExecutionRecord[] {
    const resumed: { execution: LiveExecution; position: { lastEventId: number; nextFrameId: number } }[] = [];
    for (const { value } of this.store.list("open", { prefix: "" })) {
      const position = JSON.parse(value) as { arn: string; lastEventId: number; nextFrameId: number };
      const record = JSON.parse(this.store.get("executions", position.arn)!) as ExecutionRecord;
      const compiled = this.stateMachines.compiled(record.stateMachineArn.split("/")[0]!, record.revisionId);
      const execution = new LiveExecution(this, record, compiled);
      this.#live.set(record.arn, execution);
      this.#bySerial.set(record.serial, execution);
      resumed.push({ execution, position });
    }
    for (const { execution, position } of resumed) execution.resume(position);
    return resumed.map(({ execution }) => execution.record);
  }

  /** Lets go of the store. Open executions stay open and go on with `resume` in the next process. */
  close(): void {
    this.#closed = true;
    for (const live of this.#live.values()) live.abandon();
    this.#live.clear();
    this.store.close();
  }

  /**
   * Runs an execution that failed again from where it failed.
   * @throws {EngineError} ExecutionDoesNotExist, ExecutionNotRedrivable.
   */
  redrive(arn: string): ExecutionRecord {
    const record = this.#existing(arn);
    const { type, status, stopMs = 0, lastEventId = 0 } = record;
    if (type === "EXPRESS" || status === "RUNNING" || status === "SUCCEEDED") {
      throw new EngineError("ExecutionNotRedrivable", `Execution is ${status} and cannot be redriven`);
    }
    if (this.clock.now() - stopMs > REDRIVE_LIMIT_MS) {
      throw new EngineError(
        "ExecutionNotRedrivable",
        "Execution has exceeded the redrivable period and cannot be redriven",
      );
    }
    if (lastEventId >= LAST_EVENT_ID - 1) {
      throw new EngineError("ExecutionNotRedrivable", "Execution has too many history events and cannot be redriven");
    }
    const again: ExecutionRecord = {
      ...record,
      status: "RUNNING",
      redriveCount: record.redriveCount + 1,
      redriveMs: this.clock.now(),
      stopMs: undefined,
      output: undefined,
      error: undefined,
      cause: undefined,
    };
    const compiled = this.stateMachines.compiled(again.stateMachineArn.split("/")[0]!, again.revisionId);
    this.store.write([
      { collection: "executions", key: arn, value: JSON.stringify(again) },
      { collection: "open", key: serialKey(again.serial), value: JSON.stringify({ arn, lastEventId, nextFrameId: 2 }) },
    ]);
    const execution = new LiveExecution(this, again, compiled);
    this.#live.set(arn, execution);
    this.#bySerial.set(again.serial, execution);
    this.#tellStatus(again);
    execution.redrive(lastEventId);
    return again;
  }

  // --- Telling ---

  describe(arn: string): ExecutionRecord | undefined {
    const live = this.#live.get(arn);
    if (live) return live.record;
    const text = this.store.get("executions", arn);
    return text === undefined ? undefined : (JSON.parse(text) as ExecutionRecord);
  }

  #existing(arn: string): ExecutionRecord {
    const record = this.describe(arn);
    if (!record) throw new EngineError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
    return record;
  }

  live(arn: string): LiveExecution | undefined {
    return this.#live.get(arn);
  }

  *openRecords(): Iterable<ExecutionRecord> {
    for (const live of this.#live.values()) yield live.record;
  }

  get openExecutions(): number {
    return this.#live.size;
  }

  /**
   * Events in order of their ids.
   * @param after - Begin behind this id (before it, when `reverse`).
   * @throws {EngineError} ExecutionDoesNotExist.
   */
  history(
    arn: string,
    { after, limit, reverse }: { after?: number; limit?: number; reverse?: boolean } = {},
  ): HistoryEvent[] {
    const key = serialKey(this.#existing(arn).serial);
    const rows = this.store.list("events", {
      prefix: `${key}/`,
      after: after === undefined ? undefined : `${key}/${serialKey(after)}`,
      limit,
      reverse,
    });
    return rows.map(({ value }) => JSON.parse(value) as HistoryEvent);
  }

  /** Executions of a state machine (or of a map run), newest first. */
  listExecutions(
    ownerArn: string,
    { status, after, limit }: { status?: ExecutionStatus | undefined; after?: string | undefined; limit: number },
  ): { records: ExecutionRecord[]; next: string | undefined } {
    const records: ExecutionRecord[] = [];
    let position = after;
    for (;;) {
      const rows = this.store.list("executionIndex", { prefix: `${ownerArn}|`, after: position, limit: 100 });
      for (const { key, value } of rows) {
        if (records.length === limit) return { records, next: position };
        position = key;
        const record = this.describe(value);
        if (record && (status === undefined || record.status === status)) records.push(record);
      }
      if (rows.length < 100) return { records, next: undefined };
    }
  }

  /** Tells of every start and end. Returns a function that stops it. */
  onStatusChange(listener: StatusListener): () => void {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  }

  /** Tells of every event as it is recorded, those of Express executions too: for logs and metrics. */
  onEvent(listener: EventListener): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  #tellStatus(record: ExecutionRecord): void {
    for (const listener of this.#statusListeners) listener(record);
  }

  // --- Task tokens ---

  /** @throws {EngineError} InvalidToken, TaskTimedOut. */
  sendTaskSuccess(token: string, output: string): void {
    let json: Json;
    try {
      json = JSON.parse(output) as Json;
    } catch {
      throw new EngineError("InvalidOutput", `Invalid Output: '${output}'`);
    }
    this.#answerToken(token, { status: "succeeded", output: json });
  }

  sendTaskFailure(token: string, failure: Failure): void {
    this.#answerToken(token, { status: "failed", ...failure });
  }

  sendTaskHeartbeat(token: string): void {
    const { execution, frameId } = this.#openToken(token);
    execution.heartbeat(frameId);
  }

  #answerToken(token: string, answer: TaskAnswer): void {
    const { execution, frameId } = this.#openToken(token);
    const wait = execution.frames.get(frameId)?.wait;
    if (wait?.kind !== "task")
      throw new EngineError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'");
    execution.taskAnswered(frameId, wait.invocationId, answer, true);
  }

  #openToken(token: string): OpenToken {
    const open = this.#tokens.get(token);
    if (open) return open;
    // Tokens of ours begin alike; one that was ours has expired, any other was never valid.
    if (token.startsWith("AQCEAAAAKgAAAAMAAAAAAAAAA")) {
      throw new EngineError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'");
    }
    throw new EngineError("InvalidToken", "Invalid Token: 'Invalid token'");
  }

  // --- What executions ask of the engine ---

  tokenOpened(token: string, execution: LiveExecution, frameId: number): void {
    this.#tokens.set(token, { execution, frameId });
  }

  tokenClosed(token: string): void {
    this.#tokens.delete(token);
    this.activities.withdraw(token);
  }

  eventRecorded(record: ExecutionRecord, event: HistoryEvent): void {
    for (const listener of this.#eventListeners) listener(record, event);
  }

  stopNested(executionArn: string): void {
    this.#live.get(executionArn)?.stop({});
  }

  callOut(execution: LiveExecution, frame: Frame, call: TaskCall): void {
    const answer = this.#handOut(execution, frame, call);
    if (answer) this.#deliver(execution, frame, call, answer);
  }

  #handOut(execution: LiveExecution, frame: Frame, call: TaskCall): Promise<TaskAnswer> | undefined {
    if (!this.host.intercepts?.(call)) {
      if (call.service === "activity") {
        this.activities.offer(execution, frame, call);
        return undefined;
      }
      if (call.service === "states") return this.#startNested(call);
    }
    return this.host.invoke(call);
  }

  follow(execution: LiveExecution, frame: Frame, call: TaskCall, submitted: Json): void {
    const answer =
      call.service === "states" && call.pattern === "sync" && !this.host.intercepts?.(call)
        ? this.#followNested(call, submitted)
        : this.host.follow?.(call, submitted);
    if (answer) this.#deliver(execution, frame, call, answer);
  }

  #deliver(execution: LiveExecution, frame: Frame, call: TaskCall, answer: Promise<TaskAnswer>): void {
    answer.then(
      (given) => {
        if (!this.#closed) execution.taskAnswered(frame.id, call.invocationId, given);
      },
      (error: unknown) => {
        if (this.#closed) return;
        const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        execution.taskAnswered(frame.id, call.invocationId, {
          status: "failed",
          error: "States.TaskFailed",
          cause: message,
        });
      },
    );
  }

  /** `states:startExecution`: a child in this very engine. */
  async #startNested(call: TaskCall): Promise<TaskAnswer> {
    const input = isObject(call.input) ? call.input : {};
    const given = input["Input"];
    try {
      const record = this.startExecution({
        stateMachineArn: String(input["StateMachineArn"]),
        // A name of our own that is the same after a restart, so that a call under way is not made twice.
        name: typeof input["Name"] === "string" ? input["Name"] : nestedName(call.invocationId),
        input: given === undefined ? undefined : typeof given === "string" ? given : toText(given),
      });
      const output = { ExecutionArn: record.arn, StartDate: record.startMs };
      return { status: call.pattern === "requestResponse" ? "succeeded" : "submitted", output };
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      return { status: "failed", error: `StepFunctions.${error.code}Exception`, cause: error.message };
    }
  }

  async #followNested(call: TaskCall, submitted: Json): Promise<TaskAnswer> {
    const record = await this.ended(String((submitted as { ExecutionArn?: string }).ExecutionArn));
    const outcome = childOutcome(
      {
        executionArn: record.arn,
        stateMachineArn: record.stateMachineArn,
        name: record.name,
        status: record.status,
        input: record.input,
        output: record.output,
        error: record.error,
        cause: record.cause,
        startDateMs: record.startMs,
        stopDateMs: record.stopMs,
      },
      call.resource,
    );
    return "failure" in outcome
      ? { status: "failed", ...outcome.failure }
      : { status: "succeeded", output: outcome.output };
  }

  endChanges(execution: LiveExecution): Change[] {
    return this.mapRuns.endChanges(execution.record);
  }

  executionEnded(execution: LiveExecution): void {
    const { record } = execution;
    if (!this.#live.delete(record.arn)) return;
    this.#bySerial.delete(record.serial);
    this.#tellStatus(record);
    const waiting = this.#ends.get(record.arn);
    this.#ends.delete(record.arn);
    for (const resolve of waiting ?? []) resolve(record);
    if (record.parent) this.mapRuns.childEnded(record);
  }

  liveBySerial(serial: number): LiveExecution | undefined {
    return this.#bySerial.get(serial);
  }
}

/** Newest first: the start counts down. */
function indexKey(record: ExecutionRecord): string {
  const owner = record.mapRunArn ?? record.stateMachineArn;
  return `${owner}|${serialKey(1e12 - 1 - record.serial)}`;
}

function nestedName(invocationId: string): string {
  const id = invocationId.slice(invocationId.lastIndexOf(":") + 1).replaceAll("/", "-");
  return id.length <= 80 ? id : id.slice(-80);
}
