/** Carries a request to its operation and back, in the request's own protocol. */
import { randomUUID } from "node:crypto";
import { ServiceError } from "../../service-error.ts";
import type { ServiceRegistry } from "../service-registry.ts";
import { awsQuery } from "./aws-query.ts";
import type { Codec } from "./codec.ts";
import type { WireRequest, WireResponse } from "./http-message.ts";
import type { OperationModel } from "./model.ts";
import { matchRoute, restJson } from "./rest-json.ts";
import { accessKeyOf, type Route } from "./route.ts";
import { type Endpoint, modelOf } from "./sdk-clients.ts";

/**
 * Answers a request that `routeOf` understood. Never throws: what goes wrong is an answer, too.
 *
 * @param log - Hears about errors that no service meant to give.
 */
export async function answerCall(
  services: ServiceRegistry,
  route: Route,
  request: WireRequest,
  log: (line: string) => void,
): Promise<WireResponse> {
  const { endpoint, codec } = route;
  const requestId = randomUUID();
  try {
    const operation = await operationOf(route, request);
    const input = await readInput(codec, operation, request);
    const accessKeyId = accessKeyOf(request);
    const output = await services.call(endpoint.namespace, operation.name, input, accessKeyId ? { accessKeyId } : {});
    return codec.write(operation, output, requestId, endpoint);
  } catch (error) {
    const known = error instanceof ServiceError ? error : unexpected(error, endpoint, log);
    const errors = (await modelOf(endpoint)).errors;
    const model =
      errors.get(known.code) ?? [...errors.values()].find((candidate) => candidate.queryCode === known.code);
    return codec.writeError(known, model, requestId, endpoint);
  }
}

async function operationOf(route: Route, request: WireRequest): Promise<OperationModel> {
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

function unexpected(error: unknown, endpoint: Endpoint, log: (line: string) => void): ServiceError {
  log(`${endpoint.namespace}: ${error instanceof Error ? error.stack : String(error)}`);
  const code = endpoint.namespace === "lambda" ? "ServiceException" : "InternalFailure";
  return new ServiceError(code, error instanceof Error ? error.message : String(error), 500);
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
