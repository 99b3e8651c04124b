/** Errors of refused API calls, in the names and words that Step Functions gives them. */
import type { TaskAnswer } from "../ports/task-host.ts";

/** The error of a refused call. `code` is its name as the SDK has it. */
interface ApiError {
  code: string;
  message: string;
  statusCode: number;
  requestId: string | undefined;
}

/** Error codes without an exception class of their own are shown under the service's generic one. */
const GENERIC_ERRORS: Record<string, { generic: string; codes: ReadonlySet<string> }> = {
  DynamoDB: {
    generic: "AmazonDynamoDBException",
    codes: new Set(["ValidationException", "UnrecognizedClientException"]),
  },
  SQS: { generic: "AmazonSQSException", codes: new Set(["InvalidParameterValue", "MissingParameter"]) },
};

/** Reads what `callApi` threw. */
export function apiError(error: unknown): ApiError {
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

/**
 * The answer to a Task state whose call was refused, with AWS's names: `Lambda.ResourceNotFoundException`,
 * `S3.NoSuchBucketException`.
 * @param sdk - Whether the state calls `aws-sdk:...`, where every code keeps its own name.
 */
export function refusal(error: unknown, prefix: string, sdk: boolean): TaskAnswer {
  const { code, message, statusCode, requestId = "00000000-0000-0000-0000-000000000000" } = apiError(error);
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
