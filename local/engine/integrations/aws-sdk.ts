/** `aws-sdk:service:action`: any API, with the key casing and error names that Step Functions gives it. */
import { isObject, type Json, type JsonObject } from "../json.ts";

/** APIs whose members are in lower camel case on the wire; Step Functions shows all of them in Pascal case. */
const CAMEL_CASE_SERVICES = new Set([
  "sfn",
  "ecs",
  "batch",
  "eks",
  "cloudwatchlogs",
  "codebuild",
  "ecr",
  "scheduler",
  "pipes",
]);

/** How Step Functions writes a service's name in front of an error. */
const ERROR_PREFIXES: Record<string, string> = {
  dynamodb: "DynamoDb",
  eventbridge: "EventBridge",
  cloudwatch: "CloudWatch",
  cloudwatchlogs: "CloudWatchLogs",
  secretsmanager: "SecretsManager",
  apigateway: "ApiGateway",
};

export function errorPrefixOf(service: string): string {
  return ERROR_PREFIXES[service] ?? service[0]!.toUpperCase() + service.slice(1);
}

/** Members as the API itself names them. */
export function toApiInput(service: string, input: JsonObject): JsonObject {
  return CAMEL_CASE_SERVICES.has(service)
    ? (recase(input, (key) => key[0]!.toLowerCase() + key.slice(1)) as JsonObject)
    : input;
}

/** An API's answer as a state machine sees it: no metadata, dates as text, names in Pascal case. */
export function fromApiOutput(service: string, output: JsonObject): JsonObject {
  const plain = toJson(output) as JsonObject;
  delete plain["$metadata"];
  return CAMEL_CASE_SERVICES.has(service)
    ? (recase(plain, (key) => key[0]!.toUpperCase() + key.slice(1)) as JsonObject)
    : plain;
}

function recase(value: Json, rename: (key: string) => string): Json {
  if (Array.isArray(value)) return value.map((item) => recase(item, rename));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key === "" ? key : rename(key), recase(item, rename)]),
  );
}

/** Dates become ISO text, bytes become text, and what is absent stays absent. */
export function toJson(value: unknown): Json {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8");
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "object") {
    const object: JsonObject = {};
    for (const [key, item] of Object.entries(value)) {
      if (item !== undefined && typeof item !== "function") object[key] = toJson(item);
    }
    return object;
  }
  return value as Json;
}
