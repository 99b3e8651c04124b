/** The sandboxes of one function: as many as calls are under way, up to what this machine bears. */
import { availableParallelism } from "node:os";
import { type Outcome, Sandbox, type SandboxOptions } from "./sandbox.ts";

/** More threads than cores only share the same cores; a few more cover those that wait for an answer of ours. */
const MOST_SANDBOXES = Math.max(4, availableParallelism() * 2);
/** A sandbox without work ends after this time, and gives its memory back. */
const IDLE_LIFE_MS = 60_000;

export class Pool {
  readonly #options: SandboxOptions;
  readonly #idle: { sandbox: Sandbox; timer: NodeJS.Timeout }[] = [];
  readonly #all = new Set<Sandbox>();
  readonly #queue: (() => void)[] = [];
  #busy = 0;
  #closed = false;

  constructor(options: SandboxOptions) {
    this.#options = options;
  }

  /** Waits for a free sandbox where AWS would start one more; the function's time begins when it has one. */
  async invoke(requestId: string, payload: string, clientContext?: string): Promise<Outcome & { logStream: string }> {
    if (this.#busy >= MOST_SANDBOXES) await new Promise<void>((free) => this.#queue.push(free));
    this.#busy += 1;
    const sandbox = this.#take();
    try {
      return { ...(await sandbox.invoke(requestId, payload, clientContext)), logStream: sandbox.logStream };
    } finally {
      this.#busy -= 1;
      this.#giveBack(sandbox);
      this.#queue.shift()?.();
    }
  }

  /** Takes no more work; what is under way ends in peace, and its sandbox with it. */
  retire(): void {
    this.#closed = true;
    for (const { sandbox, timer } of this.#idle.splice(0)) {
      clearTimeout(timer);
      this.#all.delete(sandbox);
      void sandbox.end();
    }
  }

  /** Ends everything now. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { timer } of this.#idle.splice(0)) clearTimeout(timer);
    await Promise.all([...this.#all].map((sandbox) => sandbox.end()));
    this.#all.clear();
  }

  #take(): Sandbox {
    for (let entry = this.#idle.pop(); entry; entry = this.#idle.pop()) {
      clearTimeout(entry.timer);
      if (entry.sandbox.alive) return entry.sandbox;
      this.#all.delete(entry.sandbox);
    }
    const sandbox = new Sandbox(this.#options);
    this.#all.add(sandbox);
    return sandbox;
  }

  #giveBack(sandbox: Sandbox): void {
    if (!sandbox.alive || this.#closed) {
      this.#all.delete(sandbox);
      void sandbox.end();
      return;
    }
    const timer = setTimeout(() => {
      this.#idle.splice(
        this.#idle.findIndex((entry) => entry.sandbox === sandbox),
        1,
      );
      this.#all.delete(sandbox);
      void sandbox.end();
    }, IDLE_LIFE_MS);
    timer.unref();
    this.#idle.push({ sandbox, timer });
  }
}
