/** The executions that this process runs: finds them, stops them, and waits for their ends. */
import type { LiveExecution } from "./execution/live-execution.ts";
import type { Store } from "./ports/store.ts";
import type { ExecutionRecord } from "./records/execution-record.ts";
import { EngineError } from "./values/engine-error.ts";
import type { Failure } from "./values/states-error.ts";

export class LiveExecutions {
  readonly #store: Store;
  readonly #byArn = new Map<string, LiveExecution>();
  readonly #bySerial = new Map<number, LiveExecution>();
  readonly #waitingForEnd = new Map<string, ((record: ExecutionRecord) => void)[]>();

  constructor(store: Store) {
    this.#store = store;
  }

  get size(): number {
    return this.#byArn.size;
  }

  *records(): Iterable<ExecutionRecord> {
    for (const live of this.#byArn.values()) yield live.record;
  }

  get(arn: string): LiveExecution | undefined {
    return this.#byArn.get(arn);
  }

  bySerial(serial: number): LiveExecution | undefined {
    return this.#bySerial.get(serial);
  }

  /** The record of an execution, open or ended. */
  describe(arn: string): ExecutionRecord | undefined {
    const live = this.#byArn.get(arn);
    if (live) return live.record;
    const text = this.#store.get("executions", arn);
    return text === undefined ? undefined : (JSON.parse(text) as ExecutionRecord);
  }

  /** @throws {EngineError} ExecutionDoesNotExist. */
  existing(arn: string): ExecutionRecord {
    const record = this.describe(arn);
    if (!record) throw new EngineError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
    return record;
  }

  /** @throws {EngineError} ExecutionDoesNotExist. */
  stop(arn: string, failure: Failure): Promise<ExecutionRecord> {
    const record = this.existing(arn);
    const live = this.#byArn.get(arn);
    if (!live) return Promise.resolve(record);
    const ended = this.ended(arn);
    live.stop(failure);
    return ended;
  }

  /**
   * Settles with the execution's record once it has ended.
   * @throws {EngineError} ExecutionDoesNotExist.
   */
  ended(arn: string): Promise<ExecutionRecord> {
    const record = this.existing(arn);
    if (!this.#byArn.has(arn)) return Promise.resolve(record);
    return new Promise((resolve) => {
      const waiting = this.#waitingForEnd.get(arn);
      if (waiting) waiting.push(resolve);
      else this.#waitingForEnd.set(arn, [resolve]);
    });
  }

  add(execution: LiveExecution): void {
    this.#byArn.set(execution.record.arn, execution);
    this.#bySerial.set(execution.record.serial, execution);
  }

  /** @returns Whether the execution was live. False for one that was abandoned. */
  remove(record: ExecutionRecord): boolean {
    this.#bySerial.delete(record.serial);
    return this.#byArn.delete(record.arn);
  }

  /** Settles what `ended` promised. */
  tellEnd(record: ExecutionRecord): void {
    const waiting = this.#waitingForEnd.get(record.arn);
    this.#waitingForEnd.delete(record.arn);
    for (const resolve of waiting ?? []) resolve(record);
  }

  /** Lets go of all executions without ending them. */
  abandonAll(): void {
    for (const live of this.#byArn.values()) live.abandon();
    this.#byArn.clear();
  }
}
