/** An execution as its states see it. */
import type { Completion, DataScope } from "../data/state-data.ts";
import type { CompiledState, StateGroup } from "../definition/machine.ts";
import type { Collection } from "../ports/store.ts";
import type { ExecutionRecord } from "../records/execution-record.ts";
import type { Frame, Wait } from "../records/frame.ts";
import type { NewEvent } from "../records/history.ts";
import type { Json } from "../values/json.ts";
import type { ExecutionHome } from "./engine-for-states.ts";

export interface Execution {
  readonly record: ExecutionRecord;
  readonly home: ExecutionHome;
  readonly frames: ReadonlyMap<number, Frame>;
  /** In-memory progress of Map and Parallel states, by frame; rebuilt from the journal after a restart. */
  readonly progress: Map<number, unknown>;

  // --- Where a frame stands ---

  stateOf(frame: Frame): CompiledState;
  /** Key of a frame's row in the store. */
  frameKey(frameId: number): string;
  /** Everything that the state's expressions can see. */
  scope(
    frame: Frame,
    state: CompiledState,
    more?: { item?: { index: number; value: Json }; taskToken?: string },
  ): DataScope;

  // --- History ---

  /** Records an event that follows the frame's last one. */
  recordEvent(frame: Frame, event: NewEvent): number;
  recordAfter(previousEventId: number, event: NewEvent): number;

  // --- Branches and iterations ---

  newFrame(
    parent: Frame | null,
    index: number,
    group: StateGroup,
    input: Json,
    inputText: string,
    pointer: number,
  ): Frame;
  dropFrame(frame: Frame): void;
  /** Children of a frame, nested ones included, innermost first. */
  descendants(frame: Frame): Frame[];

  // --- Waiting ---

  waitFor(frame: Frame, wait: Wait): void;
  /** Replaces a frame's wait by a changed one; its token stays open. */
  waitOn(frame: Frame, wait: Wait): void;
  /** Ends the waiting of a frame; late answers and timers no longer find it. */
  settle(frame: Frame): void;

  // --- Going on ---

  /** Leaves a state and goes on to the next one, or ends the frame. */
  exit(
    frame: Frame,
    state: CompiledState,
    completion: Completion,
    next: string | undefined,
    after?: number,
  ): Promise<void>;
  /** Runs part of a state; what it throws is the state's failure. */
  attempt(frame: Frame, state: CompiledState, part: () => Promise<void>): Promise<void>;

  // --- The journal ---

  /** Adds a row to the next write. */
  change(collection: Collection, key: string, value: string | undefined): void;
  /** Runs `effect` once everything decided so far is in the store. */
  afterWrite(effect: () => void): void;
  /** Queues work for the execution's next turn. */
  post(message: () => Promise<void> | void): void;
}
