/** The environment of a function, credentials included. */
import type { Place } from "../../wire/service.ts";
import type { FunctionConfig } from "./function-config.ts";

/** The access key tells the function's role, so that a service can say who called; nothing checks the secret. */
export function accessKeyOf({ name }: FunctionConfig): string {
  return `ASIA${Buffer.from(name).toString("hex").toUpperCase().slice(0, 32)}`;
}

/** @param endpoint - Where the function finds AWS. */
export function environmentOf(config: FunctionConfig, { region }: Place, endpoint: string): Record<string, string> {
  return {
    ...config.environment,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyOf(config),
    AWS_SECRET_ACCESS_KEY: "embedded",
    AWS_SESSION_TOKEN: "embedded",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_LAMBDA_FUNCTION_NAME: config.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: config.logGroup,
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_EXECUTION_ENV: `AWS_Lambda_${config.runtime}`,
    _HANDLER: config.handler,
    TZ: ":UTC",
  };
}
