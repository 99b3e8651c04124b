/** A worker thread that runs one function: its memory limit, its environment, its end. */
import { randomUUID } from "node:crypto";
import { Worker } from "node:worker_threads";
import type { FunctionConfig } from "./function-config.ts";
import type { ErrorDocument, InvokeMessage, WorkerMessage, WorkerSetup } from "./worker-messages.ts";

export type Outcome = { payload: string } | { error: ErrorDocument };

export interface SandboxOptions {
  config: FunctionConfig;
  /** File URL of the bundle. */
  bundle: string;
  environment: Record<string, string>;
  onLog(logStream: string, text: string): void;
}

export class Sandbox {
  readonly logStream =
    `${new Date().toISOString().slice(0, 10).replaceAll("-", "/")}/[$LATEST]${randomUUID().replaceAll("-", "")}`;
  readonly #config: FunctionConfig;
  readonly #worker: Worker;
  #settle: ((outcome: Outcome) => void) | undefined;
  #requestId = "";
  /** False once the worker has ended or is to end: the next invocation needs another. */
  alive = true;

  constructor({ config, bundle, environment, onLog }: SandboxOptions) {
    this.#config = config;
    const setup: WorkerSetup = {
      bundle,
      exportName: config.handler.split(".").at(-1)!,
      functionName: config.name,
      functionArn: config.arn,
      memoryMb: config.memoryMb,
      logGroup: config.logGroup,
      logStream: this.logStream,
    };
    this.#worker = new Worker(new URL("./worker-entry.ts", import.meta.url), {
      workerData: setup,
      env: { ...environment, AWS_LAMBDA_LOG_STREAM_NAME: this.logStream },
      // What is outside V8's heap, such as buffers, no setting limits; on AWS it counts as well.
      resourceLimits: { maxOldGenerationSizeMb: config.memoryMb },
      execArgv: ["--enable-source-maps", "--no-warnings"],
    });
    this.#worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "log") onLog(this.logStream, message.text);
      else if (message.requestId === this.#requestId) {
        this.#finish(message.kind === "done" ? { payload: message.payload } : { error: message.error });
      }
    });
    this.#worker.on("error", (error: NodeJS.ErrnoException) => {
      this.alive = false;
      // An uncaught exception, or the heap is full: Lambda only sees its runtime go.
      const killed = error.code === "ERR_WORKER_OUT_OF_MEMORY";
      onLog(this.logStream, `${error.stack ?? error.message}\n`);
      this.#finish({ error: exitError(this.#requestId, killed ? "signal: killed" : "exit status 129") });
    });
    this.#worker.on("exit", (code) => {
      this.alive = false;
      this.#finish({ error: exitError(this.#requestId, `exit status ${code}`) });
    });
    // A sandbox that nobody waits for does not keep the process alive.
    this.#worker.unref();
  }

  /** Runs one invocation; the caller sees to it that there is only one at a time. */
  invoke(requestId: string, payload: string, clientContext: string | undefined): Promise<Outcome> {
    const { timeoutSeconds } = this.#config;
    return new Promise((resolve) => {
      this.#requestId = requestId;
      const timer = setTimeout(() => {
        const seconds = timeoutSeconds.toFixed(2);
        const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`;
        this.#finish({ error: { errorType: "Sandbox.Timedout", errorMessage } });
        void this.end();
      }, timeoutSeconds * 1000);
      this.#settle = (outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      };
      const deadlineMs = Date.now() + timeoutSeconds * 1000;
      this.#worker.postMessage({ requestId, payload, deadlineMs, clientContext } satisfies InvokeMessage);
    });
  }

  async end(): Promise<void> {
    this.alive = false;
    await this.#worker.terminate();
  }

  #finish(outcome: Outcome): void {
    this.#settle?.(outcome);
    this.#settle = undefined;
  }
}

function exitError(requestId: string, why: string): ErrorDocument {
  return {
    errorType: "Runtime.ExitError",
    errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${why}`,
  };
}
