/** Time. Everything that waits, retries or times out goes through one `Clock`. */

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `fire` once when `now()` has reached `atMs`. Returns a function that cancels it. */
  at(atMs: number, fire: () => void): () => void;
  /** A clock that can stand still does so until the returned function is called. */
  hold?(): () => void;
}

/** A clock that a whole run can be left to. */
export interface DrivenClock extends Clock {
  /**
   * Lets time pass until `done()` says so, nothing is left to wait for, or the next thing is later than `untilMs`.
   * @returns Whether `done()` became true.
   */
  run(done: () => boolean, untilMs?: number): Promise<boolean>;
}

/** Node holds a timer's delay in 31 bits; longer waits are cut into laps. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

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

/** Time between two looks whether a run on the machine's own clock is done. */
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
