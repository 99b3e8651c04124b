/** Conditions of a request on the object that is there: `If-Match` and its kin. */
import { ServiceError } from "../../service-error.ts";

export interface WriteConditions {
  ifNoneMatch?: string | undefined;
  ifMatch?: string | undefined;
}

export interface ReadConditions extends WriteConditions {
  ifModifiedSince?: string | undefined;
  ifUnmodifiedSince?: string | undefined;
}

/** @throws {ServiceError} `PreconditionFailed`, or `NoSuchKey` where an object has to be there. */
export function checkWrite({ ifMatch, ifNoneMatch }: WriteConditions, current: { etag: string } | undefined): void {
  if (ifNoneMatch !== undefined && current && matchesEtag(ifNoneMatch, current.etag)) throw preconditionFailed();
  if (ifMatch === undefined) return;
  if (!current) throw new ServiceError("NoSuchKey", "The specified key does not exist.", 404);
  if (!matchesEtag(ifMatch, current.etag)) throw preconditionFailed();
}

/**
 * @returns Whether the object is as the reader has it already.
 * @throws {ServiceError} `PreconditionFailed`.
 */
export function isUnmodified(
  { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince }: ReadConditions,
  object: { etag: string; modifiedMs: number },
): boolean {
  if (ifMatch !== undefined && !matchesEtag(ifMatch, object.etag)) throw preconditionFailed();
  // A matching If-Match overrules the date, RFC 9110 section 13.2.2.
  if (ifMatch === undefined && ifUnmodifiedSince && object.modifiedMs > Date.parse(ifUnmodifiedSince))
    throw preconditionFailed();
  if (ifNoneMatch !== undefined) return matchesEtag(ifNoneMatch, object.etag);
  return Boolean(ifModifiedSince) && object.modifiedMs <= Date.parse(ifModifiedSince!);
}

/** Whether an `If-Match` or `If-None-Match` header names the etag. */
function matchesEtag(header: string, etag: string): boolean {
  return header.split(",").some((item) => ["*", etag].includes(item.trim().replace(/^W\//, "").replaceAll('"', "")));
}

export const preconditionFailed = () =>
  new ServiceError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
