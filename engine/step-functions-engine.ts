/** The engine: starts, resumes, stops and describes executions. Each part of that work is a file beside this one. */
import { Activities } from "./activities.ts";
import type { ExecutionEngine } from "./execution/engine-for-execution.ts";
import type { LiveExecution } from "./execution/live-execution.ts";
import { listExecutions, readHistory } from "./execution-queries.ts";
import { ExecutionStarts, type StartOptions } from "./execution-starts.ts";
import { type EventListener, Listeners, type StatusListener } from "./listeners.ts";
import { LiveExecutions } from "./live-executions.ts";
import { MapRunChildren } from "./map-run-children.ts";
import { MapRuns } from "./map-runs.ts";
import { NestedExecutions } from "./nested-executions.ts";
import { type Chance, trueChance } from "./ports/chance.ts";
import { type Clock, realClock } from "./ports/clock.ts";
import { MemoryStore } from "./ports/memory-store.ts";
import type { Store } from "./ports/store.ts";
import type { TaskHost } from "./ports/task-host.ts";
import type { ExecutionRecord, ExecutionStatus } from "./records/execution-record.ts";
import type { HistoryEvent } from "./records/history.ts";
import { StateMachines } from "./state-machines.ts";
import { TaskCalls } from "./task-calls.ts";
import { TaskTokens } from "./task-tokens.ts";
import type { Place } from "./values/arn.ts";
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

export class Engine {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly store: Store;
  readonly host: TaskHost;
  readonly place: Place;
  readonly stateMachines: StateMachines;
  readonly activities: Activities;
  readonly mapRuns: MapRuns;

  readonly #executions: LiveExecutions;
  readonly #starts: ExecutionStarts;
  readonly #children: MapRunChildren;
  readonly #tasks: TaskCalls;
  readonly #tokens: TaskTokens;
  readonly #listeners = new Listeners();

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
    this.#executions = new LiveExecutions(this.store);
    this.mapRuns = new MapRuns(this.store, this.#executions);
    this.#children = new MapRunChildren(this, this.stateMachines, this.#executions, () => this.#starts);
    const nested = new NestedExecutions(
      (start) => this.startExecution(start),
      (arn) => this.ended(arn),
    );
    this.#tasks = new TaskCalls(this.host, this.activities, nested);
    this.#tokens = new TaskTokens((token) => this.activities.withdraw(token));
    this.#starts = new ExecutionStarts(this.#home(), this.stateMachines, this.#executions, this.#listeners);
  }

  /** The engine as executions see it. */
  #home(): ExecutionEngine {
    const { clock, chance, store, host, place } = this;
    return {
      clock,
      chance,
      store,
      host,
      place,
      children: this.#children,
      tasks: this.#tasks,
      tokens: this.#tokens,
      stopNested: (arn) => this.#executions.get(arn)?.stop({}),
      eventRecorded: (record, event) => this.#listeners.eventRecorded(record, event),
      executionEnded: (record) => this.#executionEnded(record),
    };
  }

  #executionEnded(record: ExecutionRecord): void {
    if (!this.#executions.remove(record)) return;
    this.#listeners.statusChanged(record);
    this.#executions.tellEnd(record);
    this.#children.ended(record);
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
    return this.#starts.start(options);
  }

  /** @throws {EngineError} ExecutionDoesNotExist. */
  stopExecution(arn: string, failure: Failure = {}): Promise<ExecutionRecord> {
    return this.#executions.stop(arn, failure);
  }

  /**
   * Settles with the execution's record once it has ended.
   * @throws {EngineError} ExecutionDoesNotExist.
   */
  ended(arn: string): Promise<ExecutionRecord> {
    return this.#executions.ended(arn);
  }

  /** Goes on with every execution that was open when the process ended. Call it once, before anything else. */
  resume(): ExecutionRecord[] {
    return this.#starts.resume();
  }

  /**
   * Runs an execution that failed again from where it failed.
   * @throws {EngineError} ExecutionDoesNotExist, ExecutionNotRedrivable.
   */
  redrive(arn: string): ExecutionRecord {
    return this.#starts.redrive(arn);
  }

  /** Lets go of the store. Open executions stay open and go on with `resume` in the next process. */
  close(): void {
    this.#tasks.close();
    this.#executions.abandonAll();
    this.store.close();
  }

  // --- Describing ---

  describe(arn: string): ExecutionRecord | undefined {
    return this.#executions.describe(arn);
  }

  live(arn: string): LiveExecution | undefined {
    return this.#executions.get(arn);
  }

  openRecords(): Iterable<ExecutionRecord> {
    return this.#executions.records();
  }

  get openExecutions(): number {
    return this.#executions.size;
  }

  /**
   * Events in order of their ids.
   * @param options - `after`: begin behind this id (before it, when `reverse`).
   * @throws {EngineError} ExecutionDoesNotExist.
   */
  history(arn: string, options: { after?: number; limit?: number; reverse?: boolean } = {}): HistoryEvent[] {
    return readHistory(this.store, this.#executions.existing(arn), options);
  }

  /** Executions of a state machine (or of a map run), newest first. */
  listExecutions(
    ownerArn: string,
    options: { status?: ExecutionStatus | undefined; after?: string | undefined; limit: number },
  ): { records: ExecutionRecord[]; next: string | undefined } {
    return listExecutions(this.store, this.#executions, ownerArn, options);
  }

  /** Calls `listener` at every start and end of an execution. Returns a function that stops it. */
  onStatusChange(listener: StatusListener): () => void {
    return this.#listeners.onStatusChange(listener);
  }

  /** Calls `listener` for every event as it is recorded, those of Express executions too: for logs and metrics. */
  onEvent(listener: EventListener): () => void {
    return this.#listeners.onEvent(listener);
  }

  // --- Task tokens ---

  /** @throws {EngineError} InvalidOutput, InvalidToken, TaskTimedOut. */
  sendTaskSuccess(token: string, output: string): void {
    this.#tokens.succeed(token, output);
  }

  /** @throws {EngineError} InvalidToken, TaskTimedOut. */
  sendTaskFailure(token: string, failure: Failure): void {
    this.#tokens.fail(token, failure);
  }

  /** @throws {EngineError} InvalidToken, TaskTimedOut. */
  sendTaskHeartbeat(token: string): void {
    this.#tokens.heartbeat(token);
  }
}
