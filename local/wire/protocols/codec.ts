/** A wire protocol on the side of the server: the SDK's codecs, turned around. */
import type { ServiceError } from "../../service-error.ts";
import type { WireRequest, WireResponse } from "./http-message.ts";
import type { ErrorModel, OperationModel } from "./model.ts";
import type { Endpoint } from "./sdk-clients.ts";

export interface Codec {
  /** The operation's input, in the shape of the SDK command's input. */
  read(operation: OperationModel, request: WireRequest): Promise<Record<string, unknown>> | Record<string, unknown>;
  write(operation: OperationModel, output: object, requestId: string, endpoint: Endpoint): WireResponse;
  /** @param model - Absent for an error that the service's model does not name. */
  writeError(error: ServiceError, model: ErrorModel | undefined, requestId: string, endpoint: Endpoint): WireResponse;
}

/** The old error code, where a client of a former query service looks for it. */
export function queryErrorHeader(
  error: ServiceError,
  model: ErrorModel | undefined,
  endpoint: Endpoint,
): Record<string, string> {
  if (!endpoint.queryCompatible) return {};
  const code = model?.queryCode ?? error.code;
  return { "x-amzn-query-error": `${code};${model?.fault === "server" ? "Receiver" : "Sender"}` };
}
