/** One sandbox: loads a function's bundle once and answers one invocation after another, as the Lambda runtime does. */
import { parentPort, workerData } from "node:worker_threads";
import type { ErrorDocument, InvokeMessage, WorkerMessage, WorkerSetup } from "./worker-messages.ts";

const setup = workerData as WorkerSetup;
const pool = parentPort!;
const say = (message: WorkerMessage) => pool.postMessage(message);

// Streams and messages of a worker arrive in no common order; as messages, a log line comes before the answer.
for (const stream of [process.stdout, process.stderr]) {
  stream.write = ((chunk: string | Uint8Array, encoding?: unknown, callback?: unknown) => {
    say({ kind: "log", text: typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8") });
    const done = typeof encoding === "function" ? encoding : callback;
    if (typeof done === "function") done();
    return true;
  }) as typeof stream.write;
}

type Handler = (event: unknown, context: object) => unknown;
// Loading starts now and is awaited by the first invocation, whose error a broken bundle becomes.
const loading: Promise<Handler> = import(setup.bundle).then((module) => {
  const handler = module[setup.exportName];
  if (typeof handler === "function") return handler as Handler;
  throw Object.assign(new Error(`${setup.exportName} is undefined or not exported`), {
    name: "Runtime.HandlerNotFound",
  });
});
loading.catch(() => {});

pool.on("message", async (invocation: InvokeMessage) => {
  const { requestId } = invocation;
  try {
    const handler = await loading;
    const result = await handler(JSON.parse(invocation.payload), contextOf(invocation));
    say({ kind: "done", requestId, payload: JSON.stringify(result) ?? "null" });
  } catch (error) {
    say({ kind: "failed", requestId, error: documentOf(error) });
  }
});

function contextOf({ requestId, deadlineMs, clientContext }: InvokeMessage): object {
  return {
    awsRequestId: requestId,
    functionName: setup.functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: setup.functionArn,
    memoryLimitInMB: String(setup.memoryMb),
    logGroupName: setup.logGroup,
    logStreamName: setup.logStream,
    callbackWaitsForEmptyEventLoop: true,
    clientContext: clientContext === undefined ? undefined : JSON.parse(clientContext),
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}

function documentOf(error: unknown): ErrorDocument {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") };
}
