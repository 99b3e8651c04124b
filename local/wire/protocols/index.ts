/** Finds the service and operation that a request means, and carries it there and back in the request's own protocol. */
import { randomUUID } from "node:crypto";
import type { FaultPlan } from "../../faults.ts";
import { ServiceError } from "../../service-error.ts";
import type { RequestContext, Service } from "../service.ts";
import { awsJson } from "./aws-json.ts";
import { awsQuery } from "./aws-query.ts";
import type { Codec } from "./codec.ts";
import type { OperationModel } from "./model.ts";
import { matchRoute, restJson } from "./rest-json.ts";
import { rpcCbor } from "./rpc-cbor.ts";
import { ENDPOINTS, type Endpoint, modelOf } from "./services.ts";
import type { WireRequest, WireResponse } from "./wire.ts";

const json10 = awsJson("1.0");
const json11 = awsJson("1.1");
const CBOR_PATH = /^\/service\/([^/]+)\/operation\/([^/]+)$/;

/** What a request asks for, before its body is read. */
export interface Route {
  endpoint: Endpoint;
  codec: Codec;
  /** Undefined while only the body or the path template can tell. */
  operationName?: string;
}

/**
 * Names the service and the protocol from the headers and the path alone.
 *
 * @returns Undefined when the request is for S3, which names neither.
 */
export function routeOf(request: Omit<WireRequest, "body">): Route | undefined {
  const target = request.headers["x-amz-target"];
  if (target) {
    const [prefix, operationName] = target.split(".") as [string, string | undefined];
    const endpoint = ENDPOINTS.find((candidate) => candidate.target === prefix);
    if (!endpoint || !operationName) throw new ServiceError("UnknownOperationException", `No service takes ${target}`);
    // A client may speak either version to any service: CloudWatch's CLI and SDK differ.
    return { endpoint, codec: request.headers["content-type"]?.includes("1.1") ? json11 : json10, operationName };
  }
  const path = CBOR_PATH.exec(request.path);
  if (path) {
    const endpoint = ENDPOINTS.find((candidate) => candidate.target === path[1]);
    if (!endpoint) throw new ServiceError("UnknownOperationException", `No service is called ${path[1]}`);
    return { endpoint, codec: rpcCbor, operationName: path[2]! };
  }
  const namespace = signingNameOf(request);
  const endpoint = ENDPOINTS.find((candidate) => candidate.namespace === namespace);
  if (endpoint?.protocol === "restJson") return { endpoint, codec: restJson };
  if (endpoint?.xmlNamespace) return { endpoint, codec: awsQuery };
  if (endpoint) throw new ServiceError("UnknownOperationException", `A ${namespace} request names no operation`);
  return undefined;
}

/** The service for which the request was signed, from the credential scope `key/date/region/service/aws4_request`. */
export function signingNameOf(request: Omit<WireRequest, "body">): string | undefined {
  return credentialOf(request)?.split("/").at(-2);
}

/** The access key that signed the request. */
export function accessKeyOf(request: Omit<WireRequest, "body">): string | undefined {
  return credentialOf(request)?.split("/").slice(0, -4).join("/");
}

function credentialOf(request: Omit<WireRequest, "body">): string | undefined {
  return (
    /Credential=([^,\s]+)/.exec(request.headers.authorization ?? "")?.[1] ??
    request.query.get("X-Amz-Credential") ??
    undefined
  );
}

/** Calls services by namespace and operation name: for the wire, and for what runs in this process. */
export class ServiceRegistry {
  readonly #services = new Map<string, Service>();
  readonly #context: RequestContext;
  readonly #log: (line: string) => void;
  readonly #faults: FaultPlan;

  /** @param log - Hears about errors that no service meant to give. */
  constructor(context: RequestContext, { log, faults }: { log: (line: string) => void; faults: FaultPlan }) {
    this.#context = context;
    this.#log = log;
    this.#faults = faults;
  }

  add(service: Service): void {
    this.#services.set(service.namespace, service);
  }

  get(namespace: string): Service | undefined {
    return this.#services.get(namespace);
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

  /** Answers a request that `routeOf` understood. Never throws: what goes wrong is an answer, too. */
  async answer(route: Route, request: WireRequest): Promise<WireResponse> {
    const { endpoint, codec } = route;
    const requestId = randomUUID();
    try {
      const operation = await this.#operation(route, request);
      const input = await readInput(codec, operation, request);
      const accessKeyId = accessKeyOf(request);
      const output = await this.call(endpoint.namespace, operation.name, input, accessKeyId ? { accessKeyId } : {});
      return codec.write(operation, output, requestId, endpoint);
    } catch (error) {
      const known = error instanceof ServiceError ? error : this.#unexpected(error, endpoint);
      const errors = (await modelOf(endpoint)).errors;
      const model =
        errors.get(known.code) ?? [...errors.values()].find((candidate) => candidate.queryCode === known.code);
      return codec.writeError(known, model, requestId, endpoint);
    }
  }

  async #operation(route: Route, request: WireRequest): Promise<OperationModel> {
    const model = await modelOf(route.endpoint);
    if (route.codec === restJson) {
      const operation = matchRoute(model, request);
      if (operation) return operation;
      throw new ServiceError(
        "UnknownOperationException",
        `No ${route.endpoint.namespace} call is ${request.method} ${request.path}`,
        404,
      );
    }
    const form = route.codec === awsQuery ? new URLSearchParams(request.body.toString("utf8")) : undefined;
    const name = route.operationName ?? form?.get("Action") ?? request.query.get("Action") ?? "";
    const operation = model.operations.get(name);
    if (operation) return operation;
    const code = form ? "InvalidAction" : "UnknownOperationException";
    throw new ServiceError(code, `The action ${name} is not valid for ${route.endpoint.namespace}`);
  }

  #unexpected(error: unknown, endpoint: Endpoint): ServiceError {
    this.#log(`${endpoint.namespace}: ${error instanceof Error ? error.stack : String(error)}`);
    const code = endpoint.namespace === "lambda" ? "ServiceException" : "InternalFailure";
    return new ServiceError(code, error instanceof Error ? error.message : String(error), 500);
  }
}

async function readInput(codec: Codec, operation: OperationModel, request: WireRequest) {
  let input: Record<string, unknown>;
  try {
    input = await codec.read(operation, request);
  } catch (error) {
    throw new ServiceError("SerializationException", error instanceof Error ? error.message : String(error));
  }
  const missing = operation.required.filter((member) => input[member] === undefined || input[member] === null);
  if (missing.length > 0) {
    const faults = missing.map(
      (member) =>
        `Value null at '${member[0]!.toLowerCase()}${member.slice(1)}' failed to satisfy constraint: Member must not be null`,
    );
    const count = `${missing.length} validation error${missing.length > 1 ? "s" : ""} detected`;
    throw new ServiceError("ValidationException", `${count}: ${faults.join("; ")}`);
  }
  return input;
}
