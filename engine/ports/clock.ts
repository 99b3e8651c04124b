/** Time as the engine sees it. Everything that waits, retries or times out goes through one `Clock`. */

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `fire` once when `now()` has reached `atMs`. Returns a function that cancels it. */
  at(atMs: number, fire: () => void): () => void;
  /** A clock that can stand still does so until the returned function is called. */
  hold?(): () => void;
}

/** Node holds a timer's delay in 31 bits; longer waits are cut into laps. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A clock in whose hands a run can be left. */
export interface DrivenClock extends Clock {
  /**
   * Lets time pass until `done()` says so, nothing is left to wait for, or the next thing is later than `untilMs`.
   * @returns Whether `done()` became true.
   */
  run(done: () => boolean, untilMs?: number): Promise<boolean>;
}

/** How often a run on the machine's own clock looks whether it is done. */
const LOOK_EVERY_MS = 20;

/** The machine's own clock, driven by waiting. */
export const realDrivenClock: DrivenClock = {
  now: () => realClock.now(),
  at: (atMs, fire) => realClock.at(atMs, fire),
  async run(done, untilMs = Infinity) {
    while (!done() && Date.now() <= untilMs) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    return done();
  },
};

/** The machine's own clock. Its timers keep the process alive. */
export const realClock: Clock = {
  now: () => Date.now(),
  at(atMs, fire) {
    let handle: NodeJS.Timeout;
    const lap = () => {
      const leftMs = atMs - Date.now();
      handle = leftMs > LONGEST_TIMER_MS ? setTimeout(lap, LONGEST_TIMER_MS) : setTimeout(fire, Math.max(0, leftMs));
    };
    lap();
    return () => clearTimeout(handle);
  },
};

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
