/** Reads the `Resource` of a Task state. */
import type { IntegrationPattern } from "../ports/task-host.ts";
import { optimised } from "./optimised-integrations.ts";

/** The kind of history events that a task has. */
type TaskEvents = "task" | "lambda" | "activity";

export interface TaskResource {
  events: TaskEvents;
  /** `lambda`, `aws-sdk:s3`, `activity`, ... */
  service: string;
  action: string;
  pattern: IntegrationPattern;
  /** As events name them: `resourceType` and `resource`, the latter with its pattern suffix. */
  resourceType: string;
  resource: string;
}

/** The engine does not have the integration that a resource names. */
export class UnknownIntegration extends Error {
  override readonly name = "UnknownIntegration";
}

const SUFFIXES: Record<string, IntegrationPattern> = {
  ".sync": "sync",
  ".sync:2": "sync",
  ".waitForTaskToken": "waitForTaskToken",
};

/** @throws {UnknownIntegration} */
export function parseResource(resource: string): TaskResource {
  if (/^arn:aws[\w-]*:lambda:[^:]*:[^:]*:function:/.test(resource)) {
    return {
      events: "lambda",
      service: "lambda",
      action: "invoke",
      pattern: "requestResponse",
      resourceType: "lambda",
      resource,
    };
  }
  if (/^arn:aws[\w-]*:states:[^:]*:[^:]*:activity:/.test(resource)) {
    return {
      events: "activity",
      service: "activity",
      action: "run",
      pattern: "requestResponse",
      resourceType: "activity",
      resource,
    };
  }
  const match = /^arn:aws[\w-]*:states:[\w-]*:\d*:(?:(aws-sdk:\w+)|(\w+)):(\w+)((?:\.\w+)?(?::2)?)$/.exec(resource);
  if (!match) {
    throw new UnknownIntegration(
      `The resource provided ${resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
    );
  }
  const [, sdk, service = sdk!, action, suffix] = match as unknown as [string, string?, string?, string?, string?];
  const pattern = suffix === "" || suffix === undefined ? "requestResponse" : SUFFIXES[suffix];
  const known = sdk !== undefined || optimised(service, action!);
  const patterns: readonly IntegrationPattern[] = sdk
    ? ["requestResponse", "waitForTaskToken"]
    : known
      ? (known as { patterns: readonly IntegrationPattern[] }).patterns
      : [];
  if (!known || pattern === undefined || !patterns.includes(pattern)) {
    throw new UnknownIntegration(
      `The resource provided ${resource} is not recognized. The integration ${service}:${action}${suffix} is not available.`,
    );
  }
  return { events: "task", service, action: action!, pattern, resourceType: service, resource: `${action}${suffix}` };
}
