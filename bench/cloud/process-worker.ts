/**
 * A process that stands in for a worker thread, so that the operating system says what one Lambda function takes: memory
 * of threads cannot be told apart from outside. It has what `local/services/lambda/sandbox.ts` uses of a `Worker`.
 */
import { type ChildProcess, fork } from "node:child_process";
import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { WorkerOptions } from "node:worker_threads";

/** The parts of a function's setup that say whose process it is. */
interface Setup {
  readonly functionName: string;
}

const entry = fileURLToPath(new URL("process-worker-entry.ts", import.meta.url));

/** The most resident memory of any process of a function so far, in bytes, by the function's name. */
export const peakRssBytes = new Map<string, number>();
/** Processes that were started, by the function's name. */
export const startedProcesses = new Map<string, number>();

const open = new Set<ProcessWorker>();

export class ProcessWorker extends EventEmitter {
  readonly #child: ChildProcess;
  readonly #functionName: string;

  constructor(script: URL, options: WorkerOptions) {
    super();
    const { functionName } = options.workerData as Setup;
    this.#functionName = functionName;
    const { maxOldGenerationSizeMb } = options.resourceLimits ?? {};
    this.#child = fork(entry, [], {
      env: options.env as NodeJS.ProcessEnv,
      execArgv: [
        ...(options.execArgv ?? []),
        ...(maxOldGenerationSizeMb ? [`--max-old-space-size=${maxOldGenerationSizeMb}`] : []),
      ],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#child.on("message", (message) => this.emit("message", message));
    this.#child.on("error", (error) => this.emit("error", error));
    this.#child.on("exit", (code, signal) => {
      open.delete(this);
      this.emit("exit", code ?? (signal === "SIGKILL" ? 137 : 1));
    });
    this.#child.send({ script: script.href, workerData: options.workerData });
    startedProcesses.set(functionName, (startedProcesses.get(functionName) ?? 0) + 1);
    open.add(this);
  }

  postMessage(message: object): void {
    this.#child.send(message);
  }

  async terminate(): Promise<number> {
    this.look();
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = new Promise((resolve) => this.#child.once("exit", resolve));
      this.#child.kill("SIGKILL");
      await gone;
    }
    return 0;
  }

  unref(): void {
    this.#child.unref();
    this.#child.channel?.unref();
  }

  /** The kernel keeps the high-water mark, so that looking now and then misses nothing of a process that still runs. */
  look(): void {
    let status: string;
    try {
      status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    } catch {
      // It has ended meanwhile; it was looked at before.
      return;
    }
    const kib = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
    const before = peakRssBytes.get(this.#functionName) ?? 0;
    peakRssBytes.set(this.#functionName, Math.max(before, kib * 1024));
  }
}

export function lookAtProcesses(): void {
  for (const worker of open) worker.look();
}
