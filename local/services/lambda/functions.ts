/** The deployed functions, each with a pool of worker threads in which it runs. */
import { randomUUID } from "node:crypto";
import type { FaultPlan } from "../../faults.ts";
import { cloudIsStopping, ServiceError } from "../../service-error.ts";
import type { Place } from "../../wire/service.ts";
import { accessKeyOf, environmentOf } from "./environment.ts";
import type { FunctionConfig } from "./function-config.ts";
import { Pool } from "./pool.ts";
import type { ErrorDocument } from "./worker-messages.ts";

/** @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LARGEST_REQUEST_BYTES = 6 * 1024 * 1024;
const LARGEST_RESPONSE_BYTES = 6_291_556;

interface FunctionLogLine {
  functionName: string;
  logGroup: string;
  logStream: string;
  timeMs: number;
  text: string;
}

interface FunctionsOptions {
  place: Place;
  /** Where the functions find AWS. */
  endpoint(): string;
  faults: FaultPlan;
  now(): number;
  onLog(line: FunctionLogLine): void;
  /** Told after each invocation, for metrics. */
  onInvoked(invocation: { functionName: string; durationMs: number; failed: boolean }): void;
}

interface Invocation {
  /** JSON text: what the handler returned, or the document of its error. */
  payload: string;
  failed: boolean;
  /** The line that Lambda writes after each invocation. */
  report: string;
}

export class Functions {
  readonly #options: FunctionsOptions;
  readonly #deployed = new Map<string, { config: FunctionConfig; pool: Pool }>();
  /** Invocations in progress, by function. */
  readonly #running = new Map<string, number>();
  readonly #roles = new Map<string, { name: string; session: string }>();
  /** Pools of earlier deployments, which may still finish a call. */
  readonly #retired = new Set<Pool>();
  #closed = false;

  constructor(options: FunctionsOptions) {
    this.#options = options;
  }

  /** Takes the functions as they now are. Invocations in progress end in their old sandboxes. */
  deploy(functions: FunctionConfig[], bundles: Map<string, string>): void {
    const old = [...this.#deployed.values()].map(({ pool }) => pool);
    this.#deployed.clear();
    for (const config of functions) {
      this.#roles.set(accessKeyOf(config), { name: config.roleArn.split("/").at(-1)!, session: config.name });
      const pool = new Pool({
        config,
        bundle: bundles.get(config.name)!,
        environment: environmentOf(config, this.#options.place, this.#options.endpoint()),
        onLog: (logStream, text) => this.#log(config, logStream, text),
      });
      this.#deployed.set(config.name, { config, pool });
    }
    for (const pool of old) {
      pool.retire();
      this.#retired.add(pool);
    }
  }

  /** Ends every sandbox. What this cuts short counts as neither failed nor done. */
  async close(): Promise<void> {
    this.#closed = true;
    const pools = [...this.#deployed.values()].map(({ pool }) => pool);
    await Promise.all([...pools, ...this.#retired].map((pool) => pool.close()));
  }

  get closed(): boolean {
    return this.#closed;
  }

  list(): FunctionConfig[] {
    return [...this.#deployed.values()].map(({ config }) => config);
  }

  /** @throws {ServiceError} `ResourceNotFoundException`. */
  get(reference: string): FunctionConfig {
    return this.#get(reference).config;
  }

  find(name: string): FunctionConfig | undefined {
    return this.#deployed.get(name)?.config;
  }

  /** The role of the function that an access key was given to. */
  roleOf(accessKeyId: string): { name: string; session: string } | undefined {
    return this.#roles.get(accessKeyId);
  }

  /**
   * Invokes and waits.
   *
   * @throws {ServiceError} When Lambda refuses. An error of the handler is in the result, as on AWS.
   */
  async invoke(reference: string, payload: string, clientContext?: string): Promise<Invocation> {
    if (this.#closed) throw cloudIsStopping();
    const { config, pool } = this.#get(reference);
    this.#options.faults.pass(`lambda:${config.name}`, "TooManyRequestsException");
    if (Buffer.byteLength(payload) > LARGEST_REQUEST_BYTES) {
      const why = `${Buffer.byteLength(payload)} byte payload is too large for the RequestResponse invocation type (limit ${LARGEST_REQUEST_BYTES} bytes)`;
      throw new ServiceError("RequestTooLargeException", why, 413);
    }
    const requestId = randomUUID();
    const startedMs = performance.now();
    const outcome = await this.#counted(config, () => pool.invoke(requestId, payload, clientContext));
    // What a stopping cloud cuts short is not a failure of the function: it leaves no trace, and its caller asks again.
    if (this.#closed) throw cloudIsStopping();
    const durationMs = performance.now() - startedMs;
    const report = `REPORT RequestId: ${requestId}\tDuration: ${durationMs.toFixed(2)} ms\tMemory Size: ${config.memoryMb} MB\n`;
    this.#log(config, outcome.logStream, report);
    const error = "error" in outcome ? outcome.error : tooLarge(outcome.payload);
    if (error?.errorType === "Sandbox.Timedout" || error?.errorType === "Runtime.ExitError") {
      this.#log(config, outcome.logStream, `${error.errorMessage}\n`);
    }
    this.#options.onInvoked({ functionName: config.name, durationMs, failed: error !== undefined });
    return {
      payload: error ? JSON.stringify(error) : (outcome as { payload: string }).payload,
      failed: error !== undefined,
      report,
    };
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

  #get(reference: string) {
    const name = functionNameOf(reference);
    const found = this.#deployed.get(name);
    if (found) return found;
    const { region, accountId } = this.#options.place;
    const arn = `arn:aws:lambda:${region}:${accountId}:function:${name}`;
    throw new ServiceError("ResourceNotFoundException", `Function not found: ${arn}`, 404);
  }

  #log(config: FunctionConfig, logStream: string, text: string): void {
    const { onLog, now } = this.#options;
    onLog({ functionName: config.name, logGroup: config.logGroup, logStream, timeMs: now(), text });
  }
}

/** A function may be called by name, by ARN, by part of an ARN, and with a version. */
function functionNameOf(reference: string): string {
  const marker = reference.split(":function:");
  const rest = marker.length > 1 ? marker[1]! : reference;
  return rest.split(":")[0]!;
}

function tooLarge(payload: string): ErrorDocument | undefined {
  if (Buffer.byteLength(payload) <= LARGEST_RESPONSE_BYTES) return undefined;
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${LARGEST_RESPONSE_BYTES} bytes).`;
  return { errorType: "Function.ResponseSizeTooLarge", errorMessage };
}
