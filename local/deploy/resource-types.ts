/** The types of resources that the embedded cloud brings up. */
import type { ResourceType } from "./resource-type.ts";
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

/** In the order of deployment: a resource comes after those that it refers to. */
export const RESOURCE_TYPES: Record<string, ResourceType> = {
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
