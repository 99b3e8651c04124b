/** Queues, topics, events and schedules. */
import { join } from "node:path";
import { EventBus } from "../services/events/event-bus.ts";
import { eventsService } from "../services/events/service.ts";
import { Schedules } from "../services/scheduler/schedules.ts";
import { schedulerService } from "../services/scheduler/service.ts";
import { Outbox } from "../services/sns/outbox.ts";
import { snsService } from "../services/sns/service.ts";
import { Topics } from "../services/sns/topics.ts";
import { Queues } from "../services/sqs/queues.ts";
import { sqsService } from "../services/sqs/service.ts";
import type { Ground } from "./shared-parts.ts";

export type Messaging = ReturnType<typeof messagingOn>;

export function messagingOn(ground: Ground) {
  const { dir, store, place, clock, now, endpoint, faults, deliveries, registry } = ground;
  const queues = new Queues({ store, place, now, faults });
  const outbox = new Outbox(store, join(dir, "outbox"));
  const topics = new Topics({ store, outbox, deliveries, place, now });
  const bus = new EventBus({ store, deliveries });
  const schedules = new Schedules({ store, deliveries, clock });
  registry.add(sqsService({ queues, endpoint }));
  registry.add(snsService({ topics }));
  registry.add(eventsService({ bus }));
  registry.add(schedulerService({ schedules }));
  return { queues, outbox, topics, bus, schedules };
}
