/**
 * Function URLs: an HTTP request becomes an event, what the function returns becomes the response.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Functions } from "./functions.ts";

const LARGEST_BODY_BYTES = 6 * 1024 * 1024;

/** @param path - The part after the function's URL, with the query. */
export async function answerFunctionUrl(
  functions: Functions,
  { name, path, accountId }: { name: string; path: string; accountId: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LARGEST_BODY_BYTES) return void response.writeHead(413).end();
    chunks.push(chunk);
  }
  const event = eventOf(request, path, accountId, Buffer.concat(chunks));
  const invocation = await functions.invoke(name, JSON.stringify(event));
  if (invocation.failed) {
    response.writeHead(502, { "content-type": "application/json" });
    response.end('{"message":"Internal Server Error"}');
    return;
  }
  const answer = JSON.parse(invocation.payload);
  const isFull = answer !== null && typeof answer === "object" && "statusCode" in answer;
  if (!isFull) {
    // Without a status the whole value is the body.
    response.writeHead(200, { "content-type": "application/json" });
    response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
    return;
  }
  const headers = { "content-type": "application/json", ...answer.headers };
  response.writeHead(answer.statusCode, answer.cookies ? { ...headers, "set-cookie": answer.cookies } : headers);
  response.end(Buffer.from(answer.body ?? "", answer.isBase64Encoded ? "base64" : "utf8"));
}

function eventOf(request: IncomingMessage, path: string, accountId: string, body: Buffer): object {
  const [rawPath, rawQueryString = ""] = path.split("?");
  const query = new URLSearchParams(rawQueryString);
  const { cookie, ...rest } = request.headers;
  const headers = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : value]),
  );
  const names = [...new Set(query.keys())];
  const now = new Date();
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: rawPath || "/",
    rawQueryString,
    headers,
    ...(cookie && { cookies: cookie.split(/;\s*/) }),
    ...(names.length > 0 && {
      queryStringParameters: Object.fromEntries(names.map((name) => [name, query.getAll(name).join(",")])),
    }),
    requestContext: {
      accountId,
      apiId: "embedded",
      domainName: request.headers.host,
      domainPrefix: "embedded",
      http: {
        method: request.method,
        path: rawPath || "/",
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: request.headers["user-agent"],
      },
      requestId: randomUUID(),
      routeKey: "$default",
      stage: "$default",
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: body.toString("base64") }),
    isBase64Encoded: body.length > 0,
  };
}
