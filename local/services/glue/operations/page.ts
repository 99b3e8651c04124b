/** One page of a list. The token is the index of the first item that is left. */
import { ServiceError } from "../../../service-error.ts";

/** @param pageSize - AWS's own limit on one page. */
export function paged<Item>(
  items: readonly Item[],
  { NextToken, MaxResults }: { NextToken?: string | undefined; MaxResults?: number | undefined },
  pageSize: number,
): { items: Item[]; next: { NextToken?: string } } {
  const start = NextToken === undefined ? 0 : Number(NextToken);
  if (!Number.isInteger(start) || start < 0) {
    throw new ServiceError("InvalidInputException", "Continuation token is not valid.");
  }
  const end = start + Math.min(MaxResults ?? pageSize, pageSize);
  return { items: items.slice(start, end), next: end < items.length ? { NextToken: String(end) } : {} };
}
