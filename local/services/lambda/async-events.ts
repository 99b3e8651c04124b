/**
 * Events for functions that nobody waits for. Each is stored until its invocation has succeeded, or has failed for good:
 * it is invoked at least once, also when the process dies meanwhile.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
 */
import { randomUUID } from "node:crypto";
import { InProgress } from "../../in-progress.ts";
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";
import type { FunctionConfig } from "./function-config.ts";
import type { Functions } from "./functions.ts";

const LARGEST_EVENT_BYTES = 1024 * 1024;
/** AWS waits one minute, then two; nobody at a laptop does. */
const PAUSES_MS = [1000, 2000];

interface AsyncEventsOptions {
  store: Store;
  functions: Functions;
  now(): number;
  log(line: string): void;
  /** Hands an event whose invocation failed for good to the function's destination. */
  onFailure(targetArn: string, document: object): void;
}

interface EventRow {
  id: string;
  function: string;
  payload: string;
  attempts: number;
  due_ms: number;
}

/** The end of an invocation; `error` is absent when it succeeded. */
interface Result {
  payload: string;
  error?: string;
}

export class AsyncEvents {
  readonly #options: AsyncEventsOptions;
  readonly #inProgress = new InProgress();
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  constructor(options: AsyncEventsOptions) {
    this.#options = options;
    options.store.define(`CREATE TABLE IF NOT EXISTS lambda_events (
      id TEXT PRIMARY KEY, function TEXT NOT NULL, payload TEXT NOT NULL, attempts INTEGER NOT NULL, due_ms INTEGER NOT NULL) STRICT;`);
  }

  /** Goes on with the events that were not finished when the process ended. */
  start(): void {
    for (const row of this.#options.store.all<EventRow>("SELECT * FROM lambda_events")) this.#later(row.id, row.due_ms);
  }

  /** Waits for the invocations in progress, which end early when the functions are closed at the same time. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#inProgress.settled();
  }

  /** Takes an event on; inside a transaction, when that commits. */
  enqueue(reference: string, payload: string): void {
    const { store, functions, now } = this.#options;
    const { name } = functions.get(reference);
    if (Buffer.byteLength(payload) > LARGEST_EVENT_BYTES) {
      const why = `${Buffer.byteLength(payload)} byte payload is too large for the Event invocation type (limit ${LARGEST_EVENT_BYTES} bytes)`;
      throw new ServiceError("RequestTooLargeException", why, 413);
    }
    const id = randomUUID();
    const dueMs = now();
    store.run("INSERT INTO lambda_events VALUES (?, ?, ?, 0, ?)", id, name, payload, dueMs);
    store.afterCommit(() => this.#later(id, dueMs));
  }

  #later(id: string, dueMs: number): void {
    if (this.#closed) return;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        const attempt = this.#attempt(id).catch((error: unknown) => this.#options.log(`lambda: ${String(error)}`));
        void this.#inProgress.track(id, attempt);
      },
      Math.max(0, dueMs - this.#options.now()),
    );
    this.#timers.add(timer);
  }

  async #attempt(id: string): Promise<void> {
    const { store, functions, now } = this.#options;
    const row = store.get<EventRow>("SELECT * FROM lambda_events WHERE id = ?", id);
    const config = row && functions.find(row.function);
    if (!row || !config) return;
    const result = await this.#invoke(row);
    // What a stopping cloud cut short did not fail: the next start runs it again.
    if (this.#closed || functions.closed) return;
    if (result.error && row.attempts < config.asyncRetries) {
      const dueMs = now() + (PAUSES_MS[row.attempts] ?? PAUSES_MS.at(-1)!);
      store.run("UPDATE lambda_events SET attempts = attempts + 1, due_ms = ? WHERE id = ?", dueMs, id);
      this.#later(id, dueMs);
      return;
    }
    store.transaction(() => {
      store.run("DELETE FROM lambda_events WHERE id = ?", id);
      if (result.error && config.onFailureArn)
        this.#options.onFailure(config.onFailureArn, failureDocument(row, config, result, now()));
    });
  }

  async #invoke({ function: name, payload }: EventRow): Promise<Result> {
    try {
      const invocation = await this.#options.functions.invoke(name, payload);
      return { payload: invocation.payload, ...(invocation.failed && { error: "Unhandled" }) };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return {
        payload: JSON.stringify({ errorType: error.code, errorMessage: error.message }),
        error: error.code,
      };
    }
  }
}

function failureDocument(row: EventRow, { arn }: FunctionConfig, result: Result, nowMs: number): object {
  return {
    version: "1.0",
    timestamp: new Date(nowMs).toISOString(),
    requestContext: {
      requestId: row.id,
      functionArn: `${arn}:$LATEST`,
      condition: "RetriesExhausted",
      approximateInvokeCount: row.attempts + 1,
    },
    requestPayload: JSON.parse(row.payload),
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: result.error },
    responsePayload: JSON.parse(result.payload),
  };
}
