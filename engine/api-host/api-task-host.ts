/** A task host over plain AWS API calls: shapes each integration's call and answer, polls jobs, names errors. */
import { errorPrefixOf, fromApiOutput, toApiInput } from "../integrations/aws-sdk.ts";
import { optimised } from "../integrations/optimised-integrations.ts";
import type { Clock } from "../ports/clock.ts";
import type { TaskAnswer, TaskCall, TaskHost } from "../ports/task-host.ts";
import { isObject, type Json, type JsonObject } from "../values/json.ts";
import { refusal } from "./api-error.ts";
import type { CallApi, CallInRegion } from "./call-api.ts";
import { followJob } from "./follow-job.ts";
import { withBodyAsText } from "./response-body.ts";
import { s3Objects } from "./s3-objects.ts";

export interface ApiTaskHostOptions {
  callApi: CallApi;
  clock: Clock;
  region: string;
}

const SDK = "aws-sdk:";

export function apiTaskHost({ callApi, clock, region }: ApiTaskHostOptions): TaskHost {
  const call: CallInRegion = async (api) => (await callApi({ ...api, region })) as JsonObject;

  return {
    async invoke(task) {
      if (task.service.startsWith(SDK)) return invokeSdk(task, task.service.slice(SDK.length), call);
      return invokeOptimised(task, call);
    },

    follow(task, submitted) {
      if (task.pattern !== "sync") return undefined;
      const integration = optimised(task.service, task.action);
      return integration?.job && followJob(integration, task, submitted, call, clock);
    },

    ...s3Objects(call),
  };
}

/** Calls any API as it is: `aws-sdk:<service>:<action>`. */
async function invokeSdk(task: TaskCall, service: string, call: CallInRegion): Promise<TaskAnswer> {
  try {
    const input = toApiInput(service, argumentsOf(task));
    const raw = await call({ service, action: task.action, input, roleArn: task.roleArn });
    return accepted(task, fromApiOutput(service, await withBodyAsText(raw)));
  } catch (error) {
    return refusal(error, errorPrefixOf(service), true);
  }
}

/** Calls an API through its optimised integration. */
async function invokeOptimised(task: TaskCall, call: CallInRegion): Promise<TaskAnswer> {
  const integration = optimised(task.service, task.action);
  try {
    if (!integration) throw new Error(`There is no integration ${task.service}:${task.action}`);
    const api = integration.apiCall(argumentsOf(task), task);
    const raw = await call({ ...api, input: toApiInput(api.service, api.input), roleArn: task.roleArn });
    const result = integration.result(api.service === "lambda" ? raw : fromApiOutput(api.service, raw), task);
    if ("failure" in result) return { status: "failed", ...result.failure };
    return accepted(task, task.resource.includes(":function:") ? result.output : withMetadata(result.output, raw));
  } catch (error) {
    return refusal(error, integration?.errorPrefix ?? errorPrefixOf(task.service), false);
  }
}

function argumentsOf(task: TaskCall): JsonObject {
  return isObject(task.input) ? task.input : {};
}

/** A call that was taken is the whole task, or the beginning of one that is waited for. */
function accepted(task: TaskCall, output: Json): TaskAnswer {
  return { status: task.pattern === "requestResponse" ? "succeeded" : "submitted", output };
}

/** Adds how the call itself went, as optimised integrations show it. */
function withMetadata(output: Json, raw: JsonObject): Json {
  if (!isObject(output)) return output;
  const { httpStatusCode = 200, requestId } = (raw["$metadata"] ?? {}) as {
    httpStatusCode?: number;
    requestId?: string;
  };
  return {
    ...output,
    SdkHttpMetadata: { HttpStatusCode: httpStatusCode },
    ...(requestId === undefined ? {} : { SdkResponseMetadata: { RequestId: requestId } }),
  };
}
