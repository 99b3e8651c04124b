/** Work that is in progress, so that closing can wait for it. */
export class InProgress {
  readonly #names = new Map<Promise<unknown>, string>();

  /**
   * Takes note of work until it has settled.
   *
   * @param name - For people, in case it does not settle.
   * @returns The same work.
   */
  track<T>(name: string, work: Promise<T>): Promise<T> {
    this.#names.set(work, name);
    const done = () => void this.#names.delete(work);
    work.then(done, done);
    return work;
  }

  /**
   * Waits for all work, and for what is added meanwhile. Never rejects.
   *
   * @returns Names of the work that has not settled in time.
   */
  async settled(withinMs = Number.POSITIVE_INFINITY): Promise<string[]> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = Number.isFinite(withinMs) ? setTimeout(resolve, withinMs) : undefined;
    let isLate = false;
    void late.then(() => {
      isLate = true;
    });
    while (this.#names.size > 0 && !isLate) await Promise.race([Promise.allSettled(this.#names.keys()), late]);
    clearTimeout(timer);
    return [...this.#names.values()];
  }
}
