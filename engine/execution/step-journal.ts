/**
 * The decisions of an execution that are not written yet. They go to the store in one transaction, and only then is
 * carried out what they ask for.
 */
import { type Change, type Collection, serialKey } from "../ports/store.ts";
import { type Frame, frameToText } from "../records/frame.ts";
import type { RunningExecution } from "./running-execution.ts";

export class StepJournal {
  readonly #execution: RunningExecution;
  #changes: Change[] = [];
  /** Frames that differ from their rows in the store. */
  readonly #touched = new Set<Frame>();
  #effects: (() => void)[] = [];
  #abandoned = false;

  constructor(execution: RunningExecution) {
    this.#execution = execution;
  }

  /** Rows that a write would have now. */
  get changeCount(): number {
    return this.#changes.length + this.#touched.size;
  }

  change(collection: Collection, key: string, value: string | undefined): void {
    this.#changes.push({ collection, key, value });
  }

  touch(frame: Frame): void {
    this.#touched.add(frame);
  }

  /** Forgets a frame that is gone. Its row is removed by a change. */
  forget(frame: Frame): void {
    this.#touched.delete(frame);
  }

  /** Runs `effect` once everything decided so far is in the store. */
  afterWrite(effect: () => void): void {
    this.#effects.push(effect);
  }

  /** Writes what was decided, then carries out what it asks for. */
  write(): void {
    if (this.#abandoned) return;
    const { record, frames, lastEventId, nextFrameId, over } = this.#execution;
    const changes = this.#changes;
    for (const frame of this.#touched) {
      if (frames.get(frame.id) !== frame) continue;
      changes.push({ collection: "frames", key: this.#execution.frameKey(frame.id), value: frameToText(frame) });
    }
    this.#touched.clear();
    if (changes.length > 0) {
      if (!over) {
        const value = JSON.stringify({ arn: record.arn, lastEventId, nextFrameId });
        changes.push({ collection: "open", key: serialKey(record.serial), value });
      }
      this.#changes = [];
      this.#execution.home.store.write(changes);
    }
    const effects = this.#effects;
    this.#effects = [];
    for (const effect of effects) effect();
  }

  /** Writes nothing any more. Decisions that are not in the store yet never happened. */
  abandon(): void {
    this.#abandoned = true;
    this.#changes = [];
    this.#touched.clear();
    this.#effects = [];
  }
}
