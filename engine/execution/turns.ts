/** The turns of an execution: messages and ready frames are worked off one at a time, and each turn ends in a write. */
import type { Frame } from "../records/frame.ts";
import type { RunningExecution } from "./running-execution.ts";
import type { StepJournal } from "./step-journal.ts";

/** Rows that are gathered, at most, before they are written. The end of a turn writes sooner. */
const CHANGES_PER_WRITE = 512;
/** Steps after which a turn gives way to the rest of the process. */
const STEPS_PER_BREATH = 64;

/** Unwinds a step whose execution has ended in the middle of it. */
export class ExecutionOver extends Error {
  override readonly name = "ExecutionOver";
}

export class Turns {
  readonly #execution: RunningExecution;
  readonly #journal: StepJournal;
  readonly #step: (frame: Frame) => Promise<void>;
  readonly #ready: Frame[] = [];
  readonly #mailbox: (() => Promise<void> | void)[] = [];
  #running: Promise<void> | undefined;

  constructor(execution: RunningExecution, journal: StepJournal, step: (frame: Frame) => Promise<void>) {
    this.#execution = execution;
    this.#journal = journal;
    this.#step = step;
  }

  get idle(): boolean {
    return this.#running === undefined;
  }

  /** Queues a frame for its next step. */
  ready(frame: Frame): void {
    this.#ready.push(frame);
  }

  /** Queues work and sees that it is done. */
  post(message: () => Promise<void> | void): void {
    if (this.#execution.over) return;
    this.#mailbox.push(message);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    const execution = this.#execution;
    const release = execution.home.clock.hold?.();
    // Starting is synchronous for the caller, working is not.
    await null;
    try {
      for (let steps = 1; !execution.over; steps++) {
        const message = this.#mailbox.shift();
        const frame = message ? undefined : this.#ready.shift();
        if (!message && !frame) break;
        try {
          if (message) await message();
          else if (execution.frames.get(frame!.id) === frame && !frame!.wait) await this.#step(frame!);
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
    if (!execution.over && (this.#mailbox.length > 0 || this.#ready.length > 0)) this.#running ??= this.#run();
    if (execution.over) execution.home.executionEnded(execution.record);
  }
}
