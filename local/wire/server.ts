/** The one HTTP server: tells S3 from the other services, and strangers from guests. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { InProgress } from "../in-progress.ts";
import { ServiceError } from "../service-error.ts";
import { answerCall } from "./protocols/answer.ts";
import type { WireRequest, WireResponse } from "./protocols/http-message.ts";
import { routeOf } from "./protocols/route.ts";
import type { ServiceRegistry } from "./service-registry.ts";

/** The largest body but S3's: a Lambda payload in base64 with its wrapping. */
const LARGEST_BODY_BYTES = 16 * 1024 * 1024;
/** A request that takes longer to end than this, once it is cut off, does not keep the cloud from stopping. */
const LONGEST_WAIT_MS = 1_500;
/** Names by which a client on this machine may call us. Any other was resolved by someone else: DNS rebinding. */
const OWN_NAMES = new Set(["127.0.0.1", "localhost", "[::1]"]);

interface ServerOptions {
  port: number;
  services: ServiceRegistry;
  s3(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Answers a function's URL; `path` is what follows the function's name. */
  functionUrl(name: string, path: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Where function URLs begin, such as `/_lambda-url/`. */
  functionUrlPath: string;
  /** Requests wait for it. */
  ready: Promise<void>;
  /** Answers what is not for AWS, such as the console's pages. Returns whether it did. */
  pages?: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  log(line: string): void;
}

export interface RunningServer {
  /** Such as `http://127.0.0.1:4400`. */
  endpoint: string;
  /** Cuts off every connection, and waits until nothing of a request is carried out any more. */
  close(): Promise<void>;
}

/** Listens on loopback only. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const inProgress = new InProgress();
  const server = createServer((request, response) => {
    const answering = answer(options, request, response).catch((error: unknown) => {
      // A client that is gone, or was cut off, gets no answer. That is not an error of ours.
      if (!request.socket.destroyed) options.log(`server: ${error instanceof Error ? error.stack : String(error)}`);
      response.destroy();
    });
    void inProgress.track(`${request.method} ${request.url}`, answering);
  });
  // Uploads of many gigabytes take their time, and SDK clients keep connections open between calls.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      for (const name of await inProgress.settled(LONGEST_WAIT_MS))
        options.log(`${name} is still in progress, and is not waited for`);
    },
  };
}

/** Returns whether a page of another site makes a browser send this. Browsers name a page's origin with all but plain reads. */
function isForeign({ method, headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  return method !== "GET" && method !== "HEAD" && origin !== undefined && origin !== `http://${host}`;
}

async function answer(options: ServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!OWN_NAMES.has((request.headers.host ?? "").replace(/:\d+$/, "")) || isForeign(request)) {
    request.resume();
    response.writeHead(403, { "content-type": "text/plain" });
    response.end("This endpoint answers only to 127.0.0.1, and to no pages of other sites.\n");
    return;
  }
  await options.ready;
  if (options.pages?.(request, response)) return;
  const head = headOf(request);
  try {
    if (head.path.startsWith(options.functionUrlPath)) {
      const [name, ...path] = request.url!.slice(options.functionUrlPath.length).split("/");
      return await options.functionUrl(decodeURIComponent(name!), `/${path.join("/")}`, request, response);
    }
    const route = routeOf(head);
    if (!route) return await options.s3(request, response);
    const wire = await answerCall(options.services, route, { ...head, body: await readBody(request) }, options.log);
    send(response, wire);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    request.resume();
    send(response, {
      statusCode: error.statusCode,
      headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": error.code },
      body: JSON.stringify({ __type: error.code, message: error.message }),
    });
  }
}

function headOf(request: IncomingMessage): Omit<WireRequest, "body"> {
  const [path, ...query] = (request.url ?? "/").split("?");
  return {
    method: request.method ?? "GET",
    path: path!,
    query: new URLSearchParams(query.join("?")),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : value]),
    ),
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LARGEST_BODY_BYTES)
      throw new ServiceError("RequestEntityTooLargeException", "Request is too large", 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, { statusCode, headers, body }: WireResponse): void {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  response.writeHead(statusCode, { ...headers, "content-length": bytes.byteLength });
  response.end(bytes);
}
