/** What a service of the embedded cloud is to the server in front of it: operations by name, and errors by code. */

/** Who is asking, where, and what time it is. */
export interface RequestContext {
  region: string;
  accountId: string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** The access key that signed the request, where one came over the wire. */
  accessKeyId?: string;
}

/** Takes an operation's input and gives its output, both in the shapes of the `@aws-sdk/client-*` commands. */
// biome-ignore lint/suspicious/noExplicitAny: inputs were checked against the SDK's own schema; each operation states its type
export type Operation = (input: any, context: RequestContext) => Promise<object> | object;

/** One AWS service, free of any wire format. */
export interface Service {
  /** The name that signs its requests, such as `sqs` or `states`. */
  namespace: string;
  /** By the API's operation name, such as `SendMessage`. */
  operations: Record<string, Operation>;
}
