/** The type of an operation of S3, and the parts that it works on. */
import type { Buckets } from "../buckets.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Notifications } from "../notifications/notifications.ts";
import type { Objects } from "../objects.ts";
import type { Uploads } from "../uploads.ts";

export interface S3Parts {
  buckets: Buckets;
  objects: Objects;
  uploads: Uploads;
  notifications: Notifications;
  region: string;
}

/** Answers one request. A refusal is thrown as a `ServiceError`. */
export type S3Operation = (exchange: Exchange, parts: S3Parts) => void | Promise<void>;
