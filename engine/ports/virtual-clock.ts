/** A clock for tests, on which days of waits pass at once and in the same way each time. */
import type { DrivenClock } from "./clock.ts";

interface VirtualTimer {
  atMs: number;
  sequence: number;
  fire: (() => void) | undefined;
}

/**
 * A clock that stands still while work is going on and jumps to the next timer when nothing is left to do. Timers that
 * are due together fire in the order in which they were set, so a run is the same every time.
 *
 * Work that leaves the event loop (a worker, a socket) has to hold the clock for as long as it takes: `hold()`.
 */
export class VirtualClock implements DrivenClock {
  #nowMs: number;
  #sequence = 0;
  #holds = 0;
  readonly #heap: VirtualTimer[] = [];

  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  at(atMs: number, fire: () => void): () => void {
    const timer: VirtualTimer = { atMs, sequence: this.#sequence++, fire };
    push(this.#heap, timer);
    return () => {
      timer.fire = undefined;
    };
  }

  /** Keeps time still until the returned function is called. */
  hold(): () => void {
    this.#holds++;
    let held = true;
    return () => {
      if (held) this.#holds--;
      held = false;
    };
  }

  /**
   * Lets time pass until `done()` says so, no timer is left, or the next one is later than `untilMs`.
   * @returns Whether `done()` became true.
   */
  async run(done: () => boolean, untilMs = Infinity): Promise<boolean> {
    for (;;) {
      // One turn of the event loop lets every promise that can settle do so before time moves.
      await new Promise((resolve) => setImmediate(resolve));
      if (done()) return true;
      if (this.#holds > 0) continue;
      if (this.#fireNext(untilMs)) continue;
      // A second turn: what was promised from within the first one may still be on its way.
      await new Promise((resolve) => setImmediate(resolve));
      if (done()) return true;
      if (this.#holds === 0 && !this.#fireNext(untilMs)) return false;
    }
  }

  /** Moves to the next timer and fires all that are due then. */
  #fireNext(untilMs: number): boolean {
    while (this.#heap[0] && !this.#heap[0].fire) pop(this.#heap);
    const next = this.#heap[0];
    if (!next || next.atMs > untilMs) return false;
    pop(this.#heap);
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.fire!();
    while (this.#heap.length > 0 && this.#heap[0]!.atMs <= this.#nowMs) pop(this.#heap)!.fire?.();
    return true;
  }
}

function before(a: VirtualTimer, b: VirtualTimer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
}

function push(heap: VirtualTimer[], timer: VirtualTimer): void {
  let i = heap.length;
  heap.push(timer);
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!before(timer, heap[parent]!)) break;
    heap[i] = heap[parent]!;
    i = parent;
  }
  heap[i] = timer;
}

function pop(heap: VirtualTimer[]): VirtualTimer | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (!top || !last || heap.length === 0) return top;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
    if (!before(heap[child]!, last)) break;
    heap[i] = heap[child]!;
    i = child;
  }
  heap[i] = last;
  return top;
}
