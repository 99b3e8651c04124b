/** The services of the cloud, called by namespace and operation name: over the wire, and from within this process. */
import type { FaultPlan } from "../faults.ts";
import { ServiceError } from "../service-error.ts";
import type { RequestContext, Service } from "./service.ts";

export class ServiceRegistry {
  readonly #services = new Map<string, Service>();
  readonly #context: RequestContext;
  readonly #faults: FaultPlan;

  constructor(context: RequestContext, faults: FaultPlan) {
    this.#context = context;
    this.#faults = faults;
  }

  add(service: Service): void {
    this.#services.set(service.namespace, service);
  }

  /** @throws {ServiceError} As the service says, or `UnknownOperationException` for a call that we lack. */
  async call(namespace: string, operationName: string, input: object, caller: Partial<RequestContext> = {}) {
    const operation = this.#services.get(namespace)?.operations[operationName];
    if (!operation) {
      throw new ServiceError("UnknownOperationException", `The embedded cloud has no ${namespace}:${operationName}`);
    }
    this.#faults.pass(`${namespace}:${operationName}`);
    return (await operation(input, { ...this.#context, ...caller })) as Record<string, unknown>;
  }
}
