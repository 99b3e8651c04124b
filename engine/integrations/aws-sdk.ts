/** `aws-sdk:service:action`: any API, with the key casing and error names that Step Functions gives it. */
import { isObject, type Json, type JsonObject } from "../values/json.ts";

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

/** Names of services in front of errors, where they are not the service's own name with a capital letter. */
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

/** Members that are text to the API; a state machine may give JSON, which is then sent as text. */
const TEXT_MEMBERS: Record<string, ReadonlySet<string>> = {
  sfn: new Set(["Input", "Output", "Definition"]),
  lambda: new Set(["Payload"]),
  s3: new Set(["Body"]),
  sqs: new Set(["MessageBody"]),
  sns: new Set(["Message"]),
  eventbridge: new Set(["Detail"]),
  firehose: new Set(["Data"]),
  kinesis: new Set(["Data"]),
};

/** Members as the API itself names and types them. */
export function toApiInput(service: string, input: JsonObject): JsonObject {
  const texts = TEXT_MEMBERS[service];
  const typed = texts ? (asText(input, texts) as JsonObject) : input;
  return CAMEL_CASE_SERVICES.has(service)
    ? (recase(typed, (key) => key[0]!.toLowerCase() + key.slice(1)) as JsonObject)
    : typed;
}

function asText(value: Json, members: ReadonlySet<string>): Json {
  if (Array.isArray(value)) return value.map((item) => asText(item, members));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      members.has(key) ? (typeof item === "string" ? item : JSON.stringify(item)) : asText(item, members),
    ]),
  );
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

/** Dates become ISO text, bytes become text, and absent members stay absent. */
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
