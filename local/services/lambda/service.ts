/**
 * Lambda: deployed functions, invoked in worker threads.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
 */
import type * as api from "@aws-sdk/client-lambda";
import { ServiceError } from "../../service-error.ts";
import type { Service } from "../../wire/service.ts";
import type { AsyncEvents } from "./async-events.ts";
import type { FunctionConfig } from "./function-config.ts";
import type { Functions } from "./functions.ts";

export function lambdaService({ functions, asyncEvents }: { functions: Functions; asyncEvents: AsyncEvents }): Service {
  return {
    namespace: "lambda",
    operations: {
      async Invoke(input: api.InvokeCommandInput) {
        const payload = payloadOf(input);
        const name = input.FunctionName!;
        if (input.InvocationType === "DryRun") {
          functions.get(name);
          return { StatusCode: 204 };
        }
        if (input.InvocationType === "Event") {
          asyncEvents.enqueue(name, payload);
          return { StatusCode: 202 };
        }
        const invocation = await functions.invoke(name, payload, input.ClientContext);
        return {
          StatusCode: 200,
          ExecutedVersion: "$LATEST",
          Payload: Buffer.from(invocation.payload),
          ...(invocation.failed && { FunctionError: "Unhandled" }),
          ...(input.LogType === "Tail" && { LogResult: Buffer.from(invocation.report).toString("base64") }),
        };
      },
      GetFunction(input: api.GetFunctionCommandInput) {
        const config = functions.get(input.FunctionName!);
        return { Configuration: toApi(config), Code: { RepositoryType: "S3", Location: config.handler } };
      },
      GetFunctionConfiguration: (input: api.GetFunctionConfigurationCommandInput) =>
        toApi(functions.get(input.FunctionName!)),
      ListFunctions: () => ({ Functions: functions.list().map(toApi) }),
    },
  };
}

/** @throws {ServiceError} `InvalidRequestContentException` for a payload that is not JSON. */
function payloadOf(input: api.InvokeCommandInput): string {
  const payload = Buffer.from((input.Payload as Uint8Array | undefined) ?? "").toString("utf8") || "{}";
  try {
    JSON.parse(payload);
  } catch (error) {
    const why = `Could not parse request body into json: ${(error as Error).message}`;
    throw new ServiceError("InvalidRequestContentException", why);
  }
  return payload;
}

function toApi(config: FunctionConfig): api.FunctionConfiguration {
  return {
    FunctionName: config.name,
    FunctionArn: config.arn,
    Runtime: config.runtime as api.Runtime,
    Role: config.roleArn,
    Handler: config.handler,
    Description: config.description,
    Timeout: config.timeoutSeconds,
    MemorySize: config.memoryMb,
    Version: "$LATEST",
    Environment: { Variables: config.environment },
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: ["arm64"],
    LoggingConfig: { LogFormat: "Text", LogGroup: config.logGroup },
  };
}
