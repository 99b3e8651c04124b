/** The ways in which an execution begins: it is started, resumed by a later process, or redriven after a failure. */
import type { ExecutionEngine } from "./execution/engine-for-execution.ts";
import { LiveExecution } from "./execution/live-execution.ts";
import type { Listeners } from "./listeners.ts";
import type { LiveExecutions } from "./live-executions.ts";
import { serialKey } from "./ports/store.ts";
import type { ExecutionRecord } from "./records/execution-record.ts";
import { LAST_EVENT_ID } from "./records/history.ts";
import { checkInput, checkName } from "./request-checks.ts";
import type { ResolvedMachine, StateMachines } from "./state-machines.ts";
import { executionArn, withoutLabel } from "./values/arn.ts";
import { EngineError } from "./values/engine-error.ts";

export interface StartOptions {
  /** A state machine, or one of its versions or aliases. */
  stateMachineArn: string;
  /** Default: a UUID. */
  name?: string | undefined;
  /** Text of a JSON value; default `{}`. */
  input?: string | undefined;
  traceHeader?: string | undefined;
}

/** An execution that is to be opened. */
interface NewExecution {
  name: string;
  input: string;
  resolved: ResolvedMachine;
  /** See `ExecutionRecord`. */
  group: string;
  traceHeader?: string | undefined;
  mapRunArn?: string;
  parent?: ExecutionRecord["parent"];
}

/** An execution can be redriven for two weeks. */
const REDRIVE_LIMIT_MS = 14 * 24 * 3600 * 1000;

export class ExecutionStarts {
  readonly #home: ExecutionEngine;
  readonly #stateMachines: StateMachines;
  readonly #live: LiveExecutions;
  readonly #listeners: Listeners;
  #nextSerial: number;

  constructor(home: ExecutionEngine, stateMachines: StateMachines, live: LiveExecutions, listeners: Listeners) {
    this.#home = home;
    this.#stateMachines = stateMachines;
    this.#live = live;
    this.#listeners = listeners;
    this.#nextSerial = Number(home.store.get("counters", "execution") ?? "1");
  }

  /** See `Engine.startExecution`. */
  start(options: StartOptions): ExecutionRecord {
    const { chance } = this.#home;
    const resolved = this.#stateMachines.resolve(options.stateMachineArn, chance.random());
    if (!resolved) {
      throw new EngineError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${options.stateMachineArn}'`);
    }
    const input = options.input ?? "{}";
    checkInput(input);
    if (options.name !== undefined) checkName(options.name);
    const name = options.name ?? chance.uuid();
    const arn = this.#arnOf(resolved.machine, name);
    const existing = this.#live.describe(arn);
    if (existing) {
      if (existing.status === "RUNNING" && existing.input === input) return existing;
      throw new EngineError("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
    }
    return this.#open(arn, { name, input, resolved, group: "", traceHeader: options.traceHeader });
  }

  /** Opens an execution that the engine itself asks for. */
  open(given: NewExecution): ExecutionRecord {
    return this.#open(this.#arnOf(given.resolved.machine, given.name), given);
  }

  #arnOf({ name: machineName, type }: { name: string; type: ExecutionRecord["type"] }, name: string): string {
    const { place, chance } = this.#home;
    return executionArn(place, machineName, name, type === "EXPRESS" ? { uuid: chance.uuid() } : undefined);
  }

  #open(arn: string, given: NewExecution): ExecutionRecord {
    const { machine, revisionId, versionArn, aliasArn } = given.resolved;
    const { store, clock } = this.#home;
    const record: ExecutionRecord = {
      serial: this.#nextSerial,
      arn,
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
      startMs: clock.now(),
      input: given.input,
      traceHeader: given.traceHeader,
      redriveCount: 0,
      mapRunArn: given.mapRunArn,
      parent: given.parent,
    };
    const execution = this.#liveExecution(record);
    this.#nextSerial++;
    const key = serialKey(record.serial);
    store.write([
      { collection: "counters", key: "execution", value: String(this.#nextSerial) },
      { collection: "executions", key: arn, value: JSON.stringify(record) },
      { collection: "executionIndex", key: indexKey(record), value: arn },
      { collection: "open", key, value: JSON.stringify({ arn, lastEventId: 0, nextFrameId: 1 }) },
    ]);
    this.#live.add(execution);
    this.#listeners.statusChanged(record);
    execution.start();
    return record;
  }

  /** See `Engine.resume`. */
  resume(): ExecutionRecord[] {
    const { store } = this.#home;
    const resumed: { execution: LiveExecution; position: { lastEventId: number; nextFrameId: number } }[] = [];
    for (const { value } of store.list("open", { prefix: "" })) {
      const position = JSON.parse(value) as { arn: string; lastEventId: number; nextFrameId: number };
      const record = JSON.parse(store.get("executions", position.arn)!) as ExecutionRecord;
      const execution = this.#liveExecution(record);
      this.#live.add(execution);
      resumed.push({ execution, position });
    }
    for (const { execution, position } of resumed) execution.resume(position);
    return resumed.map(({ execution }) => execution.record);
  }

  /** See `Engine.redrive`. */
  redrive(arn: string): ExecutionRecord {
    const { store, clock } = this.#home;
    const record = this.#live.existing(arn);
    checkRedrivable(record, clock.now());
    const { lastEventId = 0 } = record;
    const again: ExecutionRecord = {
      ...record,
      status: "RUNNING",
      redriveCount: record.redriveCount + 1,
      redriveMs: clock.now(),
      stopMs: undefined,
      output: undefined,
      error: undefined,
      cause: undefined,
    };
    const execution = this.#liveExecution(again);
    store.write([
      { collection: "executions", key: arn, value: JSON.stringify(again) },
      { collection: "open", key: serialKey(again.serial), value: JSON.stringify({ arn, lastEventId, nextFrameId: 2 }) },
    ]);
    this.#live.add(execution);
    this.#listeners.statusChanged(again);
    execution.redrive(lastEventId);
    return again;
  }

  #liveExecution(record: ExecutionRecord): LiveExecution {
    const machine = this.#stateMachines.compiled(withoutLabel(record.stateMachineArn), record.revisionId);
    return new LiveExecution(this.#home, record, machine);
  }
}

/** @throws {EngineError} ExecutionNotRedrivable. */
function checkRedrivable({ type, status, stopMs = 0, lastEventId = 0 }: ExecutionRecord, nowMs: number): void {
  const refuse = (cause: string): never => {
    throw new EngineError("ExecutionNotRedrivable", `Execution ${cause} and cannot be redriven`);
  };
  if (type === "EXPRESS" || status === "RUNNING" || status === "SUCCEEDED") refuse(`is ${status}`);
  if (nowMs - stopMs > REDRIVE_LIMIT_MS) refuse("has exceeded the redrivable period");
  if (lastEventId >= LAST_EVENT_ID - 1) refuse("has too many history events");
}

/** Key under which ListExecutions finds the execution. Newest first: the serial number counts down. */
function indexKey(record: ExecutionRecord): string {
  const owner = record.mapRunArn ?? record.stateMachineArn;
  return `${owner}|${serialKey(1e12 - 1 - record.serial)}`;
}
