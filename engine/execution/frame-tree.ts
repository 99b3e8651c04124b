/** The frames of one execution: the machine itself, its branches and its iterations, each below the one it belongs to. */
import type { StateGroup } from "../definition/machine.ts";
import { type Store, serialKey } from "../ports/store.ts";
import { type Frame, frameFromText } from "../records/frame.ts";
import type { Json, JsonObject } from "../values/json.ts";

/** The machine itself is the first frame of its execution. */
const ROOT_FRAME_ID = 1;

export class FrameTree {
  readonly frames = new Map<number, Frame>();
  nextFrameId = 1;
  readonly #executionKey: string;

  constructor(executionSerial: number) {
    this.#executionKey = serialKey(executionSerial);
  }

  /** Key of a frame's row in the store. */
  key(frameId: number): string {
    return `${this.#executionKey}/${serialKey(frameId)}`;
  }

  /** Reads all frames back after a restart. */
  load(store: Store, nextFrameId: number): void {
    this.nextFrameId = nextFrameId;
    for (const { value } of store.list("frames", { prefix: `${this.#executionKey}/` })) {
      const frame = frameFromText(value, (parent) => this.frames.get(parent)!.variables);
      this.frames.set(frame.id, frame);
    }
  }

  /** Reads the machine's own frame back, which is all that is kept of an execution that failed. */
  loadRoot(store: Store): Frame | undefined {
    const row = store.get("frames", this.key(ROOT_FRAME_ID));
    if (row === undefined) return undefined;
    const frame = frameFromText(row, () => ({}));
    this.nextFrameId = frame.id + 1;
    this.frames.set(frame.id, frame);
    return frame;
  }

  create(
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
    return frame;
  }

  /** Children of a frame, nested ones included, innermost first. */
  descendants(frame: Frame): Frame[] {
    const found: Frame[] = [];
    for (const child of this.frames.values()) {
      if (child.parent === frame.id) found.push(...this.descendants(child), child);
    }
    return found;
  }
}
