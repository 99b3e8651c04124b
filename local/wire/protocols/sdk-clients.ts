/** The SDK client that describes each service, and the names by which requests call it. */
import { readModel, type ServiceModel } from "./model.ts";

export interface Endpoint {
  /** The signing name, which is also the `namespace` of its `Service`. */
  namespace: string;
  /** The part of `X-Amz-Target` before the dot, and the service name of RPC v2 paths. */
  target: string;
  protocol: "json1.0" | "json1.1" | "query" | "restJson";
  xmlNamespace?: string;
  /** Clients of an old query service expect the old error code in a header. */
  queryCompatible?: boolean;
  load(): Promise<Record<string, unknown>>;
}

// Loaded at a service's first request: together they take longer than the rest of the start.
export const ENDPOINTS: readonly Endpoint[] = [
  {
    namespace: "sqs",
    target: "AmazonSQS",
    protocol: "json1.0",
    queryCompatible: true,
    xmlNamespace: "http://queue.amazonaws.com/doc/2012-11-05/",
    load: () => import("@aws-sdk/client-sqs"),
  },
  {
    namespace: "sns",
    target: "AmazonSimpleNotificationService",
    protocol: "query",
    xmlNamespace: "http://sns.amazonaws.com/doc/2010-03-31/",
    load: () => import("@aws-sdk/client-sns"),
  },
  {
    namespace: "sts",
    target: "AWSSecurityTokenServiceV20110615",
    protocol: "query",
    xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    load: () => import("@aws-sdk/client-sts"),
  },
  {
    namespace: "monitoring",
    target: "GraniteServiceVersion20100801",
    protocol: "json1.0",
    queryCompatible: true,
    xmlNamespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
    load: () => import("@aws-sdk/client-cloudwatch"),
  },
  {
    namespace: "dynamodb",
    target: "DynamoDB_20120810",
    protocol: "json1.0",
    load: () => import("@aws-sdk/client-dynamodb"),
  },
  { namespace: "states", target: "AWSStepFunctions", protocol: "json1.0", load: () => import("@aws-sdk/client-sfn") },
  { namespace: "athena", target: "AmazonAthena", protocol: "json1.1", load: () => import("@aws-sdk/client-athena") },
  { namespace: "glue", target: "AWSGlue", protocol: "json1.1", load: () => import("@aws-sdk/client-glue") },
  { namespace: "events", target: "AWSEvents", protocol: "json1.1", load: () => import("@aws-sdk/client-eventbridge") },
  {
    namespace: "logs",
    target: "Logs_20140328",
    protocol: "json1.1",
    load: () => import("@aws-sdk/client-cloudwatch-logs"),
  },
  {
    namespace: "secretsmanager",
    target: "secretsmanager",
    protocol: "json1.1",
    load: () => import("@aws-sdk/client-secrets-manager"),
  },
  {
    namespace: "lambda",
    target: "AWSGirApiService",
    protocol: "restJson",
    load: () => import("@aws-sdk/client-lambda"),
  },
  {
    namespace: "scheduler",
    target: "AWSChronosService",
    protocol: "restJson",
    load: () => import("@aws-sdk/client-scheduler"),
  },
];

const models = new Map<string, Promise<ServiceModel>>();

/** The service's operations and errors, read once. */
export function modelOf(endpoint: Endpoint): Promise<ServiceModel> {
  let model = models.get(endpoint.namespace);
  if (!model) {
    model = endpoint.load().then(readModel);
    models.set(endpoint.namespace, model);
  }
  return model;
}
