/** A task host over plain AWS API calls: shapes each integration's call and answer, polls jobs, names errors. */
import { errorPrefixOf, fromApiOutput, toApiInput, toJson } from "../integrations/aws-sdk.ts";
import { optimised } from "../integrations/catalog.ts";
import type { ApiCall, ApiFailure, Integration } from "../integrations/integration.ts";
import type { Clock } from "../ports/clock.ts";
import type { TaskAnswer, TaskCall, TaskHost } from "../ports/task-host.ts";
import { isObject, type Json, type JsonObject } from "../values/json.ts";

/**
 * Makes an API call: input and output in the shapes of the JS SDK's commands.
 * Refusals are thrown as errors whose `code` (or else `name`) is the API's own, with `message` and `statusCode`.
 */
export type CallApi = (call: ApiCall) => Promise<object>;

export interface ApiTaskHostOptions {
  callApi: CallApi;
  clock: Clock;
  region: string;
}

/** Error codes without an exception class of their own are shown under the service's generic one. */
const GENERIC_ERRORS: Record<string, { generic: string; codes: ReadonlySet<string> }> = {
  DynamoDB: {
    generic: "AmazonDynamoDBException",
    codes: new Set(["ValidationException", "UnrecognizedClientException"]),
  },
  SQS: { generic: "AmazonSQSException", codes: new Set(["InvalidParameterValue", "MissingParameter"]) },
};

export function apiTaskHost({ callApi, clock, region }: ApiTaskHostOptions): TaskHost {
  const call = async (api: Omit<ApiCall, "region">): Promise<JsonObject> =>
    (await callApi({ ...api, region })) as JsonObject;
  const sleep = (seconds: number) =>
    new Promise<void>((resolve) => void clock.at(clock.now() + seconds * 1000, resolve));

  return {
    async invoke(task) {
      const sdk = task.service.startsWith("aws-sdk:") ? task.service.slice("aws-sdk:".length) : undefined;
      const integration = sdk === undefined ? optimised(task.service, task.action) : undefined;
      const input = isObject(task.input) ? task.input : {};
      try {
        if (sdk !== undefined) {
          const output = fromApiOutput(
            sdk,
            await withBody(
              await call({ service: sdk, action: task.action, input: toApiInput(sdk, input), roleArn: task.roleArn }),
            ),
          );
          return { status: task.pattern === "requestResponse" ? "succeeded" : "submitted", output };
        }
        if (!integration) throw new Error(`There is no integration ${task.service}:${task.action}`);
        const api = integration.apiCall(input, task);
        const raw = await call({ ...api, input: toApiInput(api.service, api.input), roleArn: task.roleArn });
        const output = api.service === "lambda" ? raw : fromApiOutput(api.service, raw);
        const result = integration.result(output, task);
        if ("failure" in result) return { status: "failed", ...result.failure };
        return {
          status: task.pattern === "requestResponse" ? "succeeded" : "submitted",
          output: task.resource.includes(":function:") ? result.output : withMetadata(result.output, raw),
        };
      } catch (error) {
        const prefix = integration?.errorPrefix ?? errorPrefixOf(sdk ?? task.service);
        return failure(error, prefix, sdk !== undefined);
      }
    },

    follow(task, submitted) {
      if (task.pattern !== "sync") return undefined;
      const integration = optimised(task.service, task.action);
      return integration?.job && followJob(integration, task, submitted, call, sleep);
    },

    async readObject(bucket, key) {
      try {
        const output = (await callApi({
          service: "s3",
          action: "getObject",
          input: { Bucket: bucket, Key: key },
          region,
        })) as { Body?: unknown };
        return await bytesOf(output.Body);
      } catch (error) {
        if (/NoSuchKey|NotFound/.test(apiFailure(error).code)) return null;
        throw error;
      }
    },

    async *listObjects(input) {
      let token: string | undefined;
      do {
        const page = await call({
          service: "s3",
          action: "listObjectsV2",
          input: { ...input, ...(token === undefined ? {} : { ContinuationToken: token }) },
        });
        for (const object of (page["Contents"] ?? []) as unknown as {
          ETag?: string;
          Key: string;
          LastModified?: Date;
          Size?: number;
          StorageClass?: string;
        }[]) {
          yield {
            Etag: object.ETag ?? "",
            Key: object.Key,
            LastModified: object.LastModified ? Math.floor(object.LastModified.getTime() / 1000) : 0,
            Size: object.Size ?? 0,
            StorageClass: object.StorageClass ?? "STANDARD",
          };
        }
        token = typeof page["NextContinuationToken"] === "string" ? page["NextContinuationToken"] : undefined;
      } while (token !== undefined);
    },

    async writeObject(bucket, key, body) {
      await call({ service: "s3", action: "putObject", input: { Bucket: bucket, Key: key, Body: body } });
    },
  };
}

/** Optimised integrations also show how the call itself went. */
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

async function followJob(
  integration: Integration,
  task: TaskCall,
  submitted: Json,
  call: (api: Omit<ApiCall, "region">) => Promise<JsonObject>,
  sleep: (seconds: number) => Promise<void>,
): Promise<TaskAnswer> {
  const job = integration.job!;
  for (;;) {
    try {
      const api = job.describe(submitted as JsonObject, task);
      const input = toApiInput(api.service, api.input);
      const ended = job.ended(fromApiOutput(api.service, await call({ ...api, input, roleArn: task.roleArn })));
      if (ended)
        return "failure" in ended
          ? { status: "failed", ...ended.failure }
          : { status: "succeeded", output: ended.output };
    } catch (error) {
      return failure(error, integration.errorPrefix, false);
    }
    await sleep(job.pollSeconds);
  }
}

function apiFailure(error: unknown): ApiFailure {
  const { code, name, message, statusCode, $metadata } = error as {
    code?: string;
    name?: string;
    message?: string;
    statusCode?: number;
    $metadata?: { httpStatusCode?: number; requestId?: string };
  };
  return {
    code: code ?? name ?? "UnknownError",
    message: message ?? String(error),
    statusCode: statusCode ?? $metadata?.httpStatusCode ?? 400,
    requestId: $metadata?.requestId,
  };
}

/** AWS's names for refused calls: `Lambda.ResourceNotFoundException`, `S3.NoSuchBucketException`. */
function failure(error: unknown, prefix: string, sdk: boolean): TaskAnswer {
  const { code, message, statusCode, requestId = "00000000-0000-0000-0000-000000000000" } = apiFailure(error);
  const generic = sdk ? undefined : GENERIC_ERRORS[prefix];
  const bare = code.replace(/^.*[#.]/, "");
  const name = generic?.codes.has(bare)
    ? generic.generic
    : bare.endsWith("Exception") || bare.endsWith("Error")
      ? bare
      : `${bare}Exception`;
  return {
    status: "failed",
    error: `${prefix}.${name}`,
    cause: `${message} (Service: ${prefix}, Status Code: ${statusCode}, Request ID: ${requestId})`,
  };
}

/** Bodies that come as streams are read: a state machine only knows text. */
async function withBody(output: JsonObject): Promise<JsonObject> {
  const body = (output as { Body?: unknown }).Body;
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) return output;
  return { ...output, Body: toJson(await bytesOf(body)) };
}

async function bytesOf(body: unknown): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  if (typeof body === "string") return Buffer.from(body, "utf8");
  const stream = body as { transformToByteArray?: () => Promise<Uint8Array> } & AsyncIterable<Uint8Array>;
  if (stream.transformToByteArray) return stream.transformToByteArray();
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
