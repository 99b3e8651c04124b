/** Status codes by their first digit. Every other code (0, 1xx, 600, no code at all) is `other`. */
export interface StatusClasses {
  success: bigint;
  redirect: bigint;
  clientError: bigint;
  serverError: bigint;
  other: bigint;
}

export const statusClassNames: Readonly<Record<keyof StatusClasses, string>> = {
  success: "2xx",
  redirect: "3xx",
  clientError: "4xx",
  serverError: "5xx",
  other: "other",
};

export const statusClassKeys = Object.keys(statusClassNames) as (keyof StatusClasses)[];

export function statusClassOf(status: bigint | null): keyof StatusClasses {
  switch (status === null ? 0n : status / 100n) {
    case 2n:
      return "success";
    case 3n:
      return "redirect";
    case 4n:
      return "clientError";
    case 5n:
      return "serverError";
    default:
      return "other";
  }
}

export function noRequests(): StatusClasses {
  return { success: 0n, redirect: 0n, clientError: 0n, serverError: 0n, other: 0n };
}

/** The code as logs write it. */
export function statusText(status: bigint | null): string {
  return status === null ? "-" : String(status);
}

const meanings: Readonly<Record<string, string>> = {
  "-": "No status logged: the connection ended before an answer",
  "0": "Viewer closed the connection before the answer (CloudFront writes 000)",
  "101": "Switching protocols (WebSocket)",
  "200": "OK",
  "201": "Created",
  "202": "Accepted",
  "204": "No content",
  "206": "Partial content",
  "301": "Moved permanently",
  "302": "Found",
  "303": "See other",
  "304": "Not modified",
  "307": "Temporary redirect",
  "308": "Permanent redirect",
  "400": "Bad request",
  "401": "Unauthorized",
  "403": "Forbidden",
  "404": "Not found",
  "405": "Method not allowed",
  "408": "Request timeout",
  "409": "Conflict",
  "410": "Gone",
  "412": "Precondition failed",
  "413": "Content too large",
  "414": "URI too long",
  "416": "Range not satisfiable",
  "422": "Unprocessable content",
  "429": "Too many requests",
  "431": "Request header fields too large",
  "460": "Client closed the connection before the load balancer answered",
  "463": "X-Forwarded-For with more than 30 addresses",
  "464": "Protocol version does not fit the target group",
  "499": "Client closed the request",
  "500": "Internal server error",
  "501": "Not implemented",
  "502": "Bad gateway",
  "503": "Service unavailable",
  "504": "Gateway timeout",
  "505": "HTTP version not supported",
  "507": "Insufficient storage",
  "520": "Unknown error",
  "561": "Unauthorized: the identity provider answered with an error",
};

/** The meaning of a code, in a few words; empty for a code that we do not know. */
export function statusMeaning(status: string): string {
  return meanings[status] ?? "";
}
