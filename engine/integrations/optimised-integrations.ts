/** All optimised integrations. A new one is a file beside this one and a line here. */
import { apigatewayInvoke } from "./apigateway.ts";
import { athenaIntegrations } from "./athena.ts";
import { dynamodbIntegrations } from "./dynamodb.ts";
import { ecsRunTask } from "./ecs.ts";
import { eventsPutEvents } from "./events.ts";
import { glueStartJobRun } from "./glue.ts";
import type { Integration } from "./integration.ts";
import { lambdaInvoke } from "./lambda.ts";
import { snsPublish } from "./sns.ts";
import { sqsSendMessage } from "./sqs.ts";
import { statesStartExecution } from "./states.ts";

const catalog = new Map<string, Integration>(
  [
    lambdaInvoke,
    statesStartExecution,
    sqsSendMessage,
    snsPublish,
    eventsPutEvents,
    ...dynamodbIntegrations,
    ecsRunTask,
    glueStartJobRun,
    ...athenaIntegrations,
    apigatewayInvoke,
  ].map((integration) => [`${integration.service}:${integration.action}`, integration]),
);

export function optimised(service: string, action: string): Integration | undefined {
  return catalog.get(`${service}:${action}`);
}
