/** The sandboxes of one function: one for each call in progress, up to what this machine bears. */
import { availableParallelism } from "node:os";
import { cloudIsStopping } from "../../service-error.ts";
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
  #retired = false;
  #closed = false;

  constructor(options: SandboxOptions) {
    this.#options = options;
  }

  /** Waits for a free sandbox where AWS would start one more; the function's time begins when it has one. */
  async invoke(requestId: string, payload: string, clientContext?: string): Promise<Outcome & { logStream: string }> {
    if (this.#busy >= MOST_SANDBOXES) await new Promise<void>((free) => this.#queue.push(free));
    if (this.#closed) throw cloudIsStopping();
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

  /** Gets no more work. Invocations that it has already end in peace, and each sandbox after its last. */
  retire(): void {
    this.#retired = true;
    for (const { sandbox, timer } of this.#idle.splice(0)) {
      clearTimeout(timer);
      this.#end(sandbox);
    }
  }

  /** Ends everything now. Invocations that wait for a sandbox are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const free of this.#queue.splice(0)) free();
    for (const { timer } of this.#idle.splice(0)) clearTimeout(timer);
    await Promise.all([...this.#all].map((sandbox) => sandbox.end()));
  }

  #take(): Sandbox {
    for (let entry = this.#idle.pop(); entry; entry = this.#idle.pop()) {
      clearTimeout(entry.timer);
      if (entry.sandbox.alive) return entry.sandbox;
      this.#end(entry.sandbox);
    }
    const sandbox = new Sandbox(this.#options);
    this.#all.add(sandbox);
    return sandbox;
  }

  #giveBack(sandbox: Sandbox): void {
    if (!sandbox.alive || this.#retired || this.#closed) {
      this.#end(sandbox);
      return;
    }
    const timer = setTimeout(() => {
      this.#idle.splice(
        this.#idle.findIndex((entry) => entry.sandbox === sandbox),
        1,
      );
      this.#end(sandbox);
    }, IDLE_LIFE_MS);
    timer.unref();
    this.#idle.push({ sandbox, timer });
  }

  #end(sandbox: Sandbox): void {
    void sandbox.end().finally(() => this.#all.delete(sandbox));
  }
}
