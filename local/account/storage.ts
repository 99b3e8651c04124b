/** Objects, tables of items, and secrets. */
import { join } from "node:path";
import { Dynalite } from "../services/dynamodb/dynalite.ts";
import { dynamoDbService } from "../services/dynamodb/service.ts";
import { TimesToLive } from "../services/dynamodb/times-to-live.ts";
import { Buckets } from "../services/s3/buckets.ts";
import { Housekeeping } from "../services/s3/housekeeping.ts";
import { Notifications } from "../services/s3/notifications/notifications.ts";
import { ObjectFiles } from "../services/s3/object-files.ts";
import { Objects } from "../services/s3/objects.ts";
import { s3Service } from "../services/s3/service.ts";
import { Uploads } from "../services/s3/uploads.ts";
import { Secrets } from "../services/secretsmanager/secrets.ts";
import { secretsManagerService } from "../services/secretsmanager/service.ts";
import type { Messaging } from "./messaging.ts";
import type { Ground } from "./shared-parts.ts";

export type Storage = ReturnType<typeof storageOn>;

export function storageOn(ground: Ground, { queues, topics, bus }: Messaging) {
  const { dir, store, place, now, log, faults, deliveries, registry } = ground;
  const buckets = new Buckets({ store, now });
  const notifications = new Notifications({ buckets, queues, topics, deliveries, bus, place, now, log });
  const files = new ObjectFiles(join(dir, "s3"));
  const objects = new Objects({ store, buckets, files, now, onChange: (change) => notifications.tell(change) });
  const uploads = new Uploads({ store, buckets, files, objects, now });
  const housekeeping = new Housekeeping({ buckets, files, objects, uploads, now, log });
  const s3 = s3Service({ buckets, objects, uploads, notifications, region: place.region, now, log, faults });

  const dynalite = new Dynalite(join(dir, "dynamodb"), place);
  registry.add(dynamoDbService({ dynalite, timesToLive: new TimesToLive(store) }));

  const secrets = new Secrets({ store, now });
  registry.add(secretsManagerService({ secrets }));
  return { buckets, notifications, objects, housekeeping, s3, dynalite, secrets };
}
