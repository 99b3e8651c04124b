/** Brings up what the manifest describes, and brings what is there up to date. */
import { bundleFunctions } from "../services/lambda/bundles.ts";
import type { FunctionConfig } from "../services/lambda/function-config.ts";
import type { PipeSettings } from "../services/pipes/pipe.ts";
import type { Store } from "../store.ts";
import type { Manifest, ManifestResource } from "./manifest.ts";
import type { DeployContext, DeployTarget, ResourceType } from "./resource-type.ts";
import { namedQuery, workgroup } from "./resources/athena.ts";
import { bucket } from "./resources/bucket.ts";
import { bucketNotification } from "./resources/bucket-notification.ts";
import {
  bucketCors,
  bucketEncryption,
  bucketLifecycle,
  bucketPolicy,
  bucketPublicAccessBlock,
  bucketVersioning,
} from "./resources/bucket-settings.ts";
import { eventRule, eventTarget } from "./resources/event-rule.ts";
import { lambdaFunction } from "./resources/function.ts";
import { catalogDatabase, catalogTable, crawler } from "./resources/glue.ts";
import { logGroup } from "./resources/log-group.ts";
import { metricAlarm } from "./resources/metric-alarm.ts";
import { nothingToDo } from "./resources/nothing-to-do.ts";
import { pipe } from "./resources/pipe.ts";
import { queue, queuePolicy } from "./resources/queue.ts";
import { schedule } from "./resources/schedule.ts";
import { secret, secretVersion } from "./resources/secret.ts";
import { stateMachine } from "./resources/state-machine.ts";
import { table } from "./resources/table.ts";
import { topic, topicSubscription } from "./resources/topic.ts";

/** In the order of deployment: what others refer to comes first. */
const TYPES: Record<string, ResourceType> = {
  "pulumi:pulumi:Stack": nothingToDo,
  "aws:kms/key:Key": nothingToDo,
  "aws:kms/alias:Alias": nothingToDo,
  "aws:iam/role:Role": nothingToDo,
  "aws:iam/policy:Policy": nothingToDo,
  "aws:iam/rolePolicy:RolePolicy": nothingToDo,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": nothingToDo,
  "aws:cloudwatch/logGroup:LogGroup": logGroup,
  "aws:s3/bucket:Bucket": bucket,
  "aws:s3/bucketVersioning:BucketVersioning": bucketVersioning,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": bucketPublicAccessBlock,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": bucketEncryption,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": bucketLifecycle,
  "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": bucketCors,
  "aws:s3/bucketPolicy:BucketPolicy": bucketPolicy,
  "aws:sqs/queue:Queue": queue,
  "aws:sqs/queuePolicy:QueuePolicy": queuePolicy,
  "aws:sns/topic:Topic": topic,
  "aws:sns/topicPolicy:TopicPolicy": nothingToDo,
  "aws:sns/topicSubscription:TopicSubscription": topicSubscription,
  "aws:secretsmanager/secret:Secret": secret,
  "aws:secretsmanager/secretVersion:SecretVersion": secretVersion,
  "aws:dynamodb/table:Table": table,
  "aws:glue/catalogDatabase:CatalogDatabase": catalogDatabase,
  "aws:glue/catalogTable:CatalogTable": catalogTable,
  "aws:glue/crawler:Crawler": crawler,
  "aws:athena/workgroup:Workgroup": workgroup,
  "aws:athena/namedQuery:NamedQuery": namedQuery,
  "aws:lambda/function:Function": lambdaFunction,
  "aws:lambda/permission:Permission": nothingToDo,
  // Served under a path of the endpoint, and read with the function that it belongs to.
  "aws:lambda/functionUrl:FunctionUrl": nothingToDo,
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": nothingToDo,
  "aws:sfn/stateMachine:StateMachine": stateMachine,
  "aws:cloudwatch/eventRule:EventRule": eventRule,
  "aws:cloudwatch/eventTarget:EventTarget": eventTarget,
  "aws:cloudwatch/metricAlarm:MetricAlarm": metricAlarm,
  "aws:s3/bucketNotification:BucketNotification": bucketNotification,
  "aws:scheduler/schedule:Schedule": schedule,
  "aws:pipes/pipe:Pipe": pipe,
};

interface Deployed {
  functions: FunctionConfig[];
  /** File URLs of the functions' bundles. */
  bundles: Map<string, string>;
  pipes: PipeSettings[];
}

interface DeployOptions {
  manifest: Manifest;
  target: DeployTarget;
  store: Store;
  /** The project: handlers are relative to it. */
  root: string;
  bundleFolder: string;
  /** Ends the deployment before its next step. */
  signal: AbortSignal;
}

/**
 * @throws {Error} With the names of all types that no module here brings up, before anything is changed.
 */
export async function deploy(options: DeployOptions): Promise<Deployed> {
  const { manifest, target, store, root, bundleFolder, signal } = options;
  const resources = manifest.resources.filter(({ type }) => !type.startsWith("sst:"));
  const unknown = [...new Set(resources.map(({ type }) => type).filter((type) => !(type in TYPES)))];
  if (unknown.length > 0) throw new Error(`The embedded cloud has no ${unknown.join(", no ")}: add it to local/deploy`);

  const codes = new Map(Object.values(manifest.functions).map((code) => [code.functionName, code]));
  const context: DeployContext = {
    ...target,
    manifest,
    codeOf: (functionName) => codes.get(functionName),
    resources: (type) => resources.filter((resource) => resource.type === type),
    functions: [],
    pipes: [],
  };
  for (const [type, module] of Object.entries(TYPES)) {
    for (const resource of context.resources(type)) {
      signal.throwIfAborted();
      try {
        await module.deploy(resource, context);
      } catch (error) {
        throw new Error(`Cannot deploy ${type} "${resource.name}": ${(error as Error).message}`, { cause: error });
      }
    }
  }
  await removeDropped(store, resources, context, signal);
  const bundles =
    context.functions.length > 0 ? await bundleFunctions(root, bundleFolder, context.functions) : new Map();
  signal.throwIfAborted();
  return { functions: context.functions, bundles, pipes: context.pipes };
}

/** What an earlier manifest had and this one has not stops acting. */
async function removeDropped(
  store: Store,
  resources: ManifestResource[],
  context: DeployContext,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  store.define("CREATE TABLE IF NOT EXISTS deployed (urn TEXT PRIMARY KEY, resource TEXT NOT NULL) STRICT");
  const current = new Set(resources.map(({ urn }) => urn));
  for (const row of store.all<{ urn: string; resource: string }>("SELECT * FROM deployed")) {
    if (current.has(row.urn)) continue;
    const resource = JSON.parse(row.resource) as ManifestResource;
    await TYPES[resource.type]?.remove?.(resource, context);
    signal.throwIfAborted();
    store.run("DELETE FROM deployed WHERE urn = ?", row.urn);
  }
  store.transaction(() => {
    for (const { urn, type, name, inputs, attributes } of resources) {
      const text = JSON.stringify({ urn, type, name, inputs, attributes });
      store.run("INSERT OR REPLACE INTO deployed VALUES (?, ?)", urn, text);
    }
  });
}
