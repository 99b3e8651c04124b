/** Pages of a list that is at hand: the token is the position, hidden a little. */
import { ServiceError } from "../../../service-error.ts";

export interface PageRequest {
  maxResults?: number;
  nextToken?: string;
}

const DEFAULT_PAGE = 100;
const LARGEST_PAGE = 1000;

/** @throws {ServiceError} InvalidToken, ValidationException. */
export function pageSize(maxResults: number | undefined): number {
  if (maxResults === undefined || maxResults === 0) return DEFAULT_PAGE;
  if (maxResults < 0 || maxResults > LARGEST_PAGE) {
    throw new ServiceError(
      "ValidationException",
      `1 validation error detected: Value '${maxResults}' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to ${LARGEST_PAGE}`,
    );
  }
  return maxResults;
}

export function encodeToken(position: string): string {
  return Buffer.from(position, "utf8").toString("base64url");
}

/** @throws {ServiceError} InvalidToken. */
export function decodeToken(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  const position = Buffer.from(token, "base64url").toString("utf8");
  if (encodeToken(position) !== token) throw new ServiceError("InvalidToken", `Invalid Token: '${token}'`);
  return position;
}

/** One page of a list, and the token for the next. */
export function pageOf<T>(list: readonly T[], request: PageRequest): { page: T[]; nextToken?: string } {
  const size = pageSize(request.maxResults);
  const start = Number(decodeToken(request.nextToken) ?? 0);
  if (!Number.isInteger(start) || start < 0)
    throw new ServiceError("InvalidToken", `Invalid Token: '${request.nextToken}'`);
  const end = start + size;
  return { page: list.slice(start, end), ...(end < list.length ? { nextToken: encodeToken(String(end)) } : {}) };
}
