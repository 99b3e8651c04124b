/** Gives `local/services/lambda/worker-entry.ts` in a process what it expects of a thread. */
import { createRequire, syncBuiltinESMExports } from "node:module";

const threads = createRequire(import.meta.url)("node:worker_threads") as {
  workerData: unknown;
  parentPort: unknown;
};

process.once("message", ({ script, workerData }: { script: string; workerData: unknown }) => {
  threads.workerData = workerData;
  threads.parentPort = {
    postMessage: (message: object) => process.send!(message),
    on: (event: string, listener: (message: unknown) => void) => process.on(event, listener),
  };
  syncBuiltinESMExports();
  void import(script);
});
