/**
 * Lambda: deployed functions, invoked in worker threads.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
import { randomUUID } from "node:crypto";
import type * as api from "@aws-sdk/client-lambda";
import type { FaultPlan } from "../../faults.ts";
import type { Store } from "../../store.ts";
import { type Service, ServiceError } from "../../wire/service.ts";
import type { FunctionConfig } from "./function-config.ts";
import type { ErrorDocument } from "./messages.ts";
import { Pool } from "./pool.ts";

/** @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LARGEST_REQUEST_BYTES = 6 * 1024 * 1024;
const LARGEST_RESPONSE_BYTES = 6_291_556;
const LARGEST_EVENT_BYTES = 1024 * 1024;
/** AWS waits one minute, then two; nobody at a laptop does. */
const ASYNC_PAUSE_MS = [1000, 2000];

export interface LogLine {
  functionName: string;
  logGroup: string;
  logStream: string;
  timeMs: number;
  text: string;
}

export interface LambdaOptions {
  store: Store;
  faults: FaultPlan;
  region: string;
  accountId: string;
  /** Where the functions find AWS. */
  endpoint(): string;
  now(): number;
  onLog(line: LogLine): void;
  /** Told after each invocation, for metrics. */
  onInvoked?(invocation: { functionName: string; durationMs: number; failed: boolean }): void;
  /** Hands an asynchronous invocation that failed for good to its destination. */
  onAsyncFailure?(targetArn: string, document: object): void;
  log(line: string): void;
}

export interface InvokeResult {
  StatusCode: number;
  ExecutedVersion: string;
  Payload: Uint8Array;
  FunctionError?: string;
  LogResult?: string;
}

export class Lambda {
  readonly service: Service;
  readonly #options: LambdaOptions;
  readonly #functions = new Map<string, { config: FunctionConfig; pool: Pool }>();
  /** Invocations under way, by function. */
  readonly #running = new Map<string, number>();
  readonly #roles = new Map<string, { name: string; session: string }>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Pools of earlier deployments, which may still finish a call. */
  readonly #retired = new Set<Pool>();
  #stopped = false;

  constructor(options: LambdaOptions) {
    this.#options = options;
    options.store.define(`CREATE TABLE IF NOT EXISTS lambda_events (
      id TEXT PRIMARY KEY, function TEXT NOT NULL, payload TEXT NOT NULL, attempts INTEGER NOT NULL, due_ms INTEGER NOT NULL) STRICT;`);
    this.service = { namespace: "lambda", operations: this.#operations() };
  }

  /** Takes the functions as they now are. Invocations under way end in their old sandboxes. */
  deploy(functions: FunctionConfig[], bundles: Map<string, string>): void {
    const old = [...this.#functions.values()].map(({ pool }) => pool);
    this.#functions.clear();
    for (const config of functions) {
      const environment = this.#environment(config);
      const pool = new Pool({
        config,
        bundle: bundles.get(config.name)!,
        environment,
        onLog: (logStream, text) => this.#log(config, logStream, text),
      });
      this.#functions.set(config.name, { config, pool });
    }
    for (const pool of old) {
      pool.retire();
      this.#retired.add(pool);
    }
  }

  /** Goes on with asynchronous invocations that were not finished when the process ended. */
  start(): void {
    for (const row of this.#options.store.all<{ id: string; due_ms: number }>("SELECT id, due_ms FROM lambda_events")) {
      this.#later(row.id, row.due_ms);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    const pools = [...this.#functions.values()].map(({ pool }) => pool);
    await Promise.all([...pools, ...this.#retired].map((pool) => pool.close()));
    await Promise.allSettled(this.#underWay);
  }

  roleOf(accessKeyId: string): { name: string; session: string } | undefined {
    return this.#roles.get(accessKeyId);
  }

  has(name: string): boolean {
    return this.#functions.has(functionNameOf(name));
  }

  /** Invokes and waits. Errors of the handler are in the result, as on AWS. */
  async invoke(name: string, payload: string, clientContext?: string): Promise<InvokeResult> {
    const { config, pool } = this.#get(name);
    this.#options.faults.pass(`lambda:${config.name}`, "TooManyRequestsException");
    if (Buffer.byteLength(payload) > LARGEST_REQUEST_BYTES) {
      const why = `${Buffer.byteLength(payload)} byte payload is too large for the RequestResponse invocation type (limit ${LARGEST_REQUEST_BYTES} bytes)`;
      throw new ServiceError("RequestTooLargeException", why, 413);
    }
    const requestId = randomUUID();
    const startedMs = performance.now();
    const outcome = await this.#counted(config, () => pool.invoke(requestId, payload, clientContext));
    // What a stopping cloud cuts short is no failure of the function: it leaves no trace, and its caller asks again.
    if (this.#stopped) throw new ServiceError("ServiceException", "The embedded cloud is stopping", 500);
    const durationMs = performance.now() - startedMs;
    const report = `REPORT RequestId: ${requestId}\tDuration: ${durationMs.toFixed(2)} ms\tMemory Size: ${config.memoryMb} MB\n`;
    this.#log(config, outcome.logStream, report);
    const error = "error" in outcome ? outcome.error : tooLarge(outcome.payload);
    if (error?.errorType === "Sandbox.Timedout" || error?.errorType === "Runtime.ExitError") {
      this.#log(config, outcome.logStream, `${error.errorMessage}\n`);
    }
    this.#options.onInvoked?.({ functionName: config.name, durationMs, failed: error !== undefined });
    return {
      StatusCode: 200,
      ExecutedVersion: "$LATEST",
      Payload: Buffer.from(error ? JSON.stringify(error) : (outcome as { payload: string }).payload),
      ...(error && { FunctionError: "Unhandled" }),
      LogResult: Buffer.from(report).toString("base64"),
    };
  }

  /** Takes an event on; it is invoked at least once, also when the process dies meanwhile. */
  invokeAsync(name: string, payload: string): void {
    const { config } = this.#get(name);
    if (Buffer.byteLength(payload) > LARGEST_EVENT_BYTES) {
      const why = `${Buffer.byteLength(payload)} byte payload is too large for the Event invocation type (limit ${LARGEST_EVENT_BYTES} bytes)`;
      throw new ServiceError("RequestTooLargeException", why, 413);
    }
    const id = randomUUID();
    const now = this.#options.now();
    this.#options.store.run("INSERT INTO lambda_events VALUES (?, ?, ?, 0, ?)", id, config.name, payload, now);
    this.#options.store.afterCommit(() => this.#later(id, now));
  }

  #later(id: string, dueMs: number): void {
    if (this.#stopped) return;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        const work = this.#runEvent(id).catch((error: unknown) => this.#options.log(`lambda: ${String(error)}`));
        this.#underWay.add(work);
        void work.finally(() => this.#underWay.delete(work));
      },
      Math.max(0, dueMs - this.#options.now()),
    );
    this.#timers.add(timer);
  }

  async #runEvent(id: string): Promise<void> {
    const { store, now } = this.#options;
    const row = store.get<{ function: string; payload: string; attempts: number }>(
      "SELECT * FROM lambda_events WHERE id = ?",
      id,
    );
    const deployed = row && this.#functions.get(row.function);
    if (!row || !deployed) return;
    const result = await this.invoke(row.function, row.payload).catch((error: unknown) => {
      if (error instanceof ServiceError)
        return {
          FunctionError: error.code,
          Payload: Buffer.from(JSON.stringify({ errorType: error.code, errorMessage: error.message })),
        };
      throw error;
    });
    // What a stopping cloud cut short did not fail: the next start runs it again.
    if (this.#stopped) return;
    const { config } = deployed;
    if (result.FunctionError && row.attempts < config.asyncRetries) {
      const dueMs = now() + (ASYNC_PAUSE_MS[row.attempts] ?? ASYNC_PAUSE_MS.at(-1)!);
      store.run("UPDATE lambda_events SET attempts = attempts + 1, due_ms = ? WHERE id = ?", dueMs, id);
      this.#later(id, dueMs);
      return;
    }
    store.transaction(() => {
      store.run("DELETE FROM lambda_events WHERE id = ?", id);
      if (!result.FunctionError || !config.onFailureArn) return;
      this.#options.onAsyncFailure?.(config.onFailureArn, {
        version: "1.0",
        timestamp: new Date(now()).toISOString(),
        requestContext: {
          requestId: id,
          functionArn: `${config.arn}:$LATEST`,
          condition: "RetriesExhausted",
          approximateInvokeCount: row.attempts + 1,
        },
        requestPayload: JSON.parse(row.payload),
        responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: result.FunctionError },
        responsePayload: JSON.parse(Buffer.from(result.Payload).toString("utf8")),
      });
    });
  }

  /** Refuses a call beyond the reserved concurrency, as AWS does: it does not wait for a free copy. */
  async #counted<T>({ name, reservedConcurrency }: FunctionConfig, work: () => Promise<T>): Promise<T> {
    const running = this.#running.get(name) ?? 0;
    if (running >= (reservedConcurrency ?? Number.POSITIVE_INFINITY))
      throw new ServiceError("TooManyRequestsException", "Rate Exceeded.", 429);
    this.#running.set(name, running + 1);
    try {
      return await work();
    } finally {
      this.#running.set(name, this.#running.get(name)! - 1);
    }
  }

  #get(name: string) {
    const found = this.#functions.get(functionNameOf(name));
    if (found) return found;
    const arn = `arn:aws:lambda:${this.#options.region}:${this.#options.accountId}:function:${functionNameOf(name)}`;
    throw new ServiceError("ResourceNotFoundException", `Function not found: ${arn}`, 404);
  }

  #log(config: FunctionConfig, logStream: string, text: string): void {
    const { onLog, now } = this.#options;
    onLog({ functionName: config.name, logGroup: config.logGroup, logStream, timeMs: now(), text });
  }

  #environment(config: FunctionConfig): Record<string, string> {
    const roleName = config.roleArn.split("/").at(-1)!;
    // The key tells the role, so that a service can say who called; nothing checks the secret.
    const accessKeyId = `ASIA${Buffer.from(config.name).toString("hex").toUpperCase().slice(0, 32)}`;
    this.#roles.set(accessKeyId, { name: roleName, session: config.name });
    return {
      ...config.environment,
      AWS_REGION: this.#options.region,
      AWS_DEFAULT_REGION: this.#options.region,
      AWS_ENDPOINT_URL: this.#options.endpoint(),
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: "embedded",
      AWS_SESSION_TOKEN: "embedded",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_LAMBDA_FUNCTION_NAME: config.name,
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memoryMb),
      AWS_LAMBDA_LOG_GROUP_NAME: config.logGroup,
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      AWS_EXECUTION_ENV: `AWS_Lambda_${config.runtime}`,
      _HANDLER: config.handler,
      TZ: ":UTC",
    };
  }

  #operations(): Service["operations"] {
    return {
      Invoke: async (input: api.InvokeCommandInput) => {
        const payload = Buffer.from((input.Payload as Uint8Array | undefined) ?? "").toString("utf8") || "{}";
        try {
          JSON.parse(payload);
        } catch (error) {
          const why = `Could not parse request body into json: ${(error as Error).message}`;
          throw new ServiceError("InvalidRequestContentException", why);
        }
        if (input.InvocationType === "DryRun") {
          this.#get(input.FunctionName!);
          return { StatusCode: 204 };
        }
        if (input.InvocationType === "Event") {
          this.invokeAsync(input.FunctionName!, payload);
          return { StatusCode: 202 };
        }
        const { LogResult, ...result } = await this.invoke(input.FunctionName!, payload, input.ClientContext);
        return input.LogType === "Tail" ? { ...result, LogResult } : result;
      },
      GetFunction: (input: api.GetFunctionCommandInput) => {
        const { config } = this.#get(input.FunctionName!);
        return { Configuration: describe(config), Code: { RepositoryType: "S3", Location: config.handler } };
      },
      GetFunctionConfiguration: (input: api.GetFunctionConfigurationCommandInput) =>
        describe(this.#get(input.FunctionName!).config),
      ListFunctions: () => ({ Functions: [...this.#functions.values()].map(({ config }) => describe(config)) }),
    };
  }
}

/** A function may be called by name, by ARN, by part of an ARN, and with a version. */
export function functionNameOf(reference: string): string {
  const marker = reference.split(":function:");
  const rest = marker.length > 1 ? marker[1]! : reference;
  return rest.split(":")[0]!;
}

function tooLarge(payload: string): ErrorDocument | undefined {
  if (Buffer.byteLength(payload) <= LARGEST_RESPONSE_BYTES) return undefined;
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${LARGEST_RESPONSE_BYTES} bytes).`;
  return { errorType: "Function.ResponseSizeTooLarge", errorMessage };
}

function describe(config: FunctionConfig): api.FunctionConfiguration {
  return {
    FunctionName: config.name,
    FunctionArn: config.arn,
    Runtime: config.runtime as api.Runtime,
    Role: config.roleArn,
    Handler: config.handler,
    Description: config.description,
    Timeout: config.timeoutSeconds,
    MemorySize: config.memoryMb,
    Version: "$LATEST",
    Environment: { Variables: config.environment },
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: ["arm64"],
    LoggingConfig: { LogFormat: "Text", LogGroup: config.logGroup },
  };
}
