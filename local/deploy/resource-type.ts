/** One type of resource: how it comes up, and how it goes. */
import type { Call } from "../delivery/call.ts";
import { ServiceError } from "../service-error.ts";
import type { FunctionConfig } from "../services/lambda/function-config.ts";
import type { LogGroups } from "../services/logs/log-groups.ts";
import type { PipeSettings } from "../services/pipes/pipe.ts";
import type { Buckets } from "../services/s3/buckets.ts";
import type { Notifications } from "../services/s3/notifications/notifications.ts";
import type { Secrets } from "../services/secretsmanager/secrets.ts";
import type { Topics } from "../services/sns/topics.ts";
import type { Queues } from "../services/sqs/queues.ts";
import type { Manifest, ManifestFunction, ManifestResource } from "./manifest.ts";

/** The parts of the cloud that deploying needs. */
export interface DeployTarget {
  /** Calls an operation of any service. */
  call: Call;
  buckets: Buckets;
  notifications: Notifications;
  queues: Queues;
  topics: Topics;
  logGroups: LogGroups;
  secrets: Secrets;
  endpoint(): string;
  now(): number;
}

export interface DeployContext extends DeployTarget {
  manifest: Manifest;
  /** The code of a function, by the function's deployed name. */
  codeOf(functionName: string): ManifestFunction | undefined;
  /** Settings of other resources of the same type that refer to this one, such as a function's invoke config. */
  resources(type: string): ManifestResource[];
  /** These come up together at the end: functions share one build, and pipes begin when all else is there. */
  functions: FunctionConfig[];
  pipes: PipeSettings[];
}

export interface ResourceType {
  /** Creates it, or brings what is there up to date; data stays. */
  deploy(resource: ManifestResource, context: DeployContext): void | Promise<void>;
  /** Takes away what would go on acting after the manifest has dropped it. Data stays. */
  remove?(resource: ManifestResource, context: DeployContext): void | Promise<void>;
}

/** Creates something, or updates it when it is there already. */
export async function createOrUpdate(
  create: () => Promise<unknown>,
  update: () => Promise<unknown>,
  existsCode: string,
): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === existsCode)) throw error;
    await update();
  }
}

/** Removing what is gone already is fine. */
export async function removeIfThere(remove: () => Promise<unknown>, missingCode: string): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === missingCode)) throw error;
  }
}

/**
 * Pulumi's member names as the APIs write them: `scheduleExpression` becomes `ScheduleExpression`. Members in `maps`
 * hold keys of the user's own, which stay.
 */
export function pascalCase(value: unknown, maps: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((item) => pascalCase(item, maps));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key[0]!.toUpperCase() + key.slice(1),
      maps.includes(key) ? inner : pascalCase(inner, maps),
    ]),
  );
}
