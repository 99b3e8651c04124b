/** The service that a request is for, and the protocol in which it is written. */
import { ServiceError } from "../../service-error.ts";
import { awsJson } from "./aws-json.ts";
import { awsQuery } from "./aws-query.ts";
import type { Codec } from "./codec.ts";
import type { WireRequest } from "./http-message.ts";
import { restJson } from "./rest-json.ts";
import { rpcCbor } from "./rpc-cbor.ts";
import { ENDPOINTS, type Endpoint } from "./sdk-clients.ts";

const json10 = awsJson("1.0");
const json11 = awsJson("1.1");
const CBOR_PATH = /^\/service\/([^/]+)\/operation\/([^/]+)$/;

/** The target of a request, before its body is read. */
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
function signingNameOf(request: Omit<WireRequest, "body">): string | undefined {
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
