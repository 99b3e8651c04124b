/** Messages between a worker and its pool. */

export interface WorkerSetup {
  /** File URL of the bundle. */
  bundle: string;
  exportName: string;
  functionName: string;
  functionArn: string;
  memoryMb: number;
  logGroup: string;
  logStream: string;
}

export interface InvokeMessage {
  requestId: string;
  /** JSON text. */
  payload: string;
  deadlineMs: number;
  clientContext: string | undefined;
}

export type WorkerMessage =
  | { kind: "log"; text: string }
  | { kind: "done"; requestId: string; payload: string }
  | { kind: "failed"; requestId: string; error: ErrorDocument };

/** How Lambda writes an error that a handler threw. */
export interface ErrorDocument {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}
