/** The services of the cloud, called by namespace and operation name: over the wire, and from within this process. */
import type { FaultPlan } from "../faults.ts";
import { InProgress } from "../in-progress.ts";
import { cloudIsStopping, ServiceError } from "../service-error.ts";
import type { RequestContext, Service } from "./service.ts";

/** A call that takes longer to end than this does not keep the cloud from stopping. */
const LONGEST_WAIT_MS = 1_500;

interface ServiceRegistryOptions {
  context: Omit<RequestContext, "stopping">;
  faults: FaultPlan;
  log(line: string): void;
}

export class ServiceRegistry {
  readonly #services = new Map<string, Service>();
  readonly #options: ServiceRegistryOptions;
  readonly #context: RequestContext;
  readonly #stopping = new AbortController();
  readonly #inProgress = new InProgress();

  constructor(options: ServiceRegistryOptions) {
    this.#options = options;
    this.#context = { ...options.context, stopping: this.#stopping.signal };
  }

  add(service: Service): void {
    this.#services.set(service.namespace, service);
  }

  /**
   * @throws {ServiceError} As the service says, `UnknownOperationException` for a call that is not supported, or
   *   `ServiceUnavailable` once the cloud stops.
   */
  async call(namespace: string, operationName: string, input: object, caller: Partial<RequestContext> = {}) {
    if (this.#stopping.signal.aborted) throw cloudIsStopping();
    const operation = this.#services.get(namespace)?.operations[operationName];
    if (!operation) {
      throw new ServiceError("UnknownOperationException", `The embedded cloud has no ${namespace}:${operationName}`);
    }
    const name = `${namespace}:${operationName}`;
    this.#options.faults.pass(name);
    const carryOut = async () => operation(input, { ...this.#context, ...caller });
    return (await this.#inProgress.track(name, carryOut())) as Record<string, unknown>;
  }

  /** Refuses every call from now on, and waits for those in progress. Long polls end. */
  async close(): Promise<void> {
    this.#stopping.abort();
    for (const name of await this.#inProgress.settled(LONGEST_WAIT_MS))
      this.#options.log(`${name} is still in progress, and is not waited for`);
  }
}
