/**
 * A service of the embedded cloud, free of any wire format: operations by name.
 *
 * Every folder in `services/` is written in one style:
 *
 * - `service.ts` exports one function, such as `sqsService({ queues }): Service`. It reads as the list of the service's
 *   operations. An operation checks its input, asks a part, and words the answer as the SDK command gives it. A long list
 *   is put together from `operations/`, which has one file per noun of the API.
 * - A part is a class in a file named for a noun: `queues.ts` has `Queues`. It owns its tables, takes and gives plain
 *   values, and refuses with a `ServiceError`. Other services and the deployer call it directly.
 * - A part that works on its own has `start()` and `close()`. Once `close()` has resolved, it does not touch the store.
 * - A service makes no parts: `account/` makes them all and connects them.
 *
 * Two folders differ. S3 is addressed by paths and not by operation names, so its `service.ts` lists operations by method
 * and path. Nothing calls the API of EventBridge Pipes, so `pipes/` has parts only.
 */

/** The region and the account that ARNs name. */
export interface Place {
  region: string;
  accountId: string;
}

/** The caller of an operation, the place, and the time. */
export interface RequestContext extends Place {
  /** Milliseconds since the epoch. */
  now(): number;
  /** The access key that signed the request, where one came over the wire. */
  accessKeyId?: string;
  /** Aborted when the cloud stops: an operation that waits for something ends its wait then. */
  stopping?: AbortSignal;
}

/** Takes an operation's input and gives its output, both in the shapes of the `@aws-sdk/client-*` commands. */
// biome-ignore lint/suspicious/noExplicitAny: inputs were checked against the SDK's own schema; each operation states its type
export type Operation = (input: any, context: RequestContext) => Promise<object> | object;

/** Operations by the API's names, such as `SendMessage`. */
export type Operations = Record<string, Operation>;

export interface Service {
  /** The name that signs its requests, such as `sqs` or `states`. */
  namespace: string;
  operations: Operations;
}
