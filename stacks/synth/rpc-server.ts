import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Methods by name, such as `Runtime.Build`; what one throws becomes the caller's error. */
type RpcMethods = Record<string, (parameters: never) => unknown>;

/** The CLI's side of the JSON-RPC over HTTP that SST's components speak while the program runs. */
export async function serveRpc(methods: RpcMethods): Promise<{ url: string; close(): void }> {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { method, params } = JSON.parse(body);
    const answer = await call(method, params[0]).then(
      (result) => ({ result }),
      (error: Error) => ({ error: error.message }),
    );
    response.setHeader("Connection", "close").end(JSON.stringify(answer));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };

  async function call(name: string, parameters: unknown): Promise<unknown> {
    const method = methods[name];
    if (!method) throw new Error(`rpc: can't find method ${name}`);
    return method(parameters as never);
  }
}
