/** What a failure costs: the object that was read, or some time. The workflow decides by the names that come out of here. */
import * as errors from "../errors.ts";
import { ObjectUnreadable, ObjectVanished, ReadFailed, ServiceUnavailable } from "../errors.ts";
import type { ObjectRef } from "../object-ref.ts";

/**
 * Names under which AWS's services say that they are busy or ill. The workflow retries these; `statemachines/retriers.ts` has
 * the same list, and a test compares the two.
 */
export const environmentErrors: ReadonlySet<string> = new Set([
  ...["ThrottlingException", "Throttling", "ThrottledException", "RequestThrottled", "RequestThrottledException"],
  ...["RequestLimitExceeded", "TooManyRequestsException", "ProvisionedThroughputExceededException"],
  ...["KMSThrottlingException", "SlowDown", "BandwidthLimitExceeded"],
  ...["RequestTimeout", "RequestTimeoutException", "OperationTimeoutException", "TimeoutError"],
  ...["InternalError", "InternalErrorException", "InternalFailure", "InternalServerError", "InternalServerException"],
  ...["InternalServiceError", "InternalServiceException", "ServiceUnavailable", "ServiceUnavailableException"],
  ...["PriorRequestNotComplete", "TransactionInProgressException"],
]);

/** Codes of Node.js for a connection that was not made or broke. */
const CONNECTION_CODES: ReadonlySet<unknown> = new Set([
  ...["ECONNRESET", "ECONNREFUSED", "ECONNABORTED", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"],
  ...["ENOTFOUND", "EAI_AGAIN", "ERR_STREAM_PREMATURE_CLOSE", "UND_ERR_SOCKET", "UND_ERR_CONNECT_TIMEOUT"],
]);

/**
 * Names of refusals (4xx) that have nothing to do with the object that was asked for: our credentials, or our clock. They fail
 * the execution, because every other object would be refused as well.
 */
const CREDENTIAL_ERRORS: ReadonlySet<string> = new Set([
  ...["ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired", "InvalidAccessKeyId"],
  ...["SignatureDoesNotMatch", "RequestTimeTooSkewed", "RequestExpired", "AuthFailure", "CredentialsProviderError"],
]);

const ours = Object.values(errors);

/** The parts of an error of an AWS client, or of a connection, that tell what kind it is. */
interface Traits {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly $fault?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly cause?: unknown;
}

/** Whether a service or the way to it caused the failure, so that the same call may succeed later. */
export function isOfEnvironment(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { name, code, $fault, $metadata } = error as Traits;
  const status = $metadata?.httpStatusCode ?? 0;
  return (
    environmentErrors.has(String(name)) ||
    CONNECTION_CODES.has(code) ||
    $fault === "server" ||
    status >= 500 ||
    status === 429 ||
    status === 408
  );
}

/** The same failure under a name that the workflow retries, where it is one of the environment without such a name. */
export function withTellingName(error: unknown): unknown {
  if (!isOfEnvironment(error) || environmentErrors.has(String((error as Traits).name))) return error;
  return new ServiceUnavailable(error);
}

/** What S3 has against one object that was asked for, or copied; any other failure comes back as it was. */
export function refusalOf(error: unknown, object: ObjectRef & { etag?: string }): unknown {
  if (typeof error !== "object" || error === null || isOfEnvironment(error)) return error;
  const { name, $metadata } = error as Traits;
  const status = $metadata?.httpStatusCode ?? 0;
  // Deleted, or overwritten.
  if (status === 404 || status === 412) return new ObjectVanished(object, object.etag);
  // 3xx: the bucket is elsewhere. Without a body, as for HEAD, the name says nothing.
  if (status >= 300 && status < 500 && !CREDENTIAL_ERRORS.has(String(name)))
    return new ObjectUnreadable(object, `${name} (${status}): ${(error as Error).message}`, error);
  return error;
}

/**
 * Does work on what is in one object, or in several, of which `object` names the one that is being read. What is neither an error of ours nor one of a service is the object's: it has what no
 * reader foresaw.
 *
 * @throws {ReadFailed}
 */
export async function reading<Result>(
  object: ObjectRef | (() => ObjectRef),
  work: () => Promise<Result> | Result,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const isKnown = ours.some((ErrorClass) => error instanceof ErrorClass);
    const isOfService = typeof error === "object" && error !== null && "$metadata" in error;
    const isOfCredentials = CREDENTIAL_ERRORS.has(String((error as Traits | null)?.name));
    if (isKnown || isOfService || isOfCredentials || isOfEnvironment(error)) throw error;
    throw new ReadFailed(typeof object === "function" ? object() : object, error);
  }
}
