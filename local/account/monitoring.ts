/** Logs, metrics and alarms. */
import { Alarms } from "../services/cloudwatch/alarms.ts";
import { Metrics } from "../services/cloudwatch/metrics.ts";
import { cloudWatchService } from "../services/cloudwatch/service.ts";
import { LogGroups } from "../services/logs/log-groups.ts";
import { logsService } from "../services/logs/service.ts";
import type { Queues } from "../services/sqs/queues.ts";
import type { Messaging } from "./messaging.ts";
import type { Ground } from "./shared-parts.ts";

export type Monitoring = ReturnType<typeof monitoringOn>;

export function monitoringOn({ store, clock, now, place, deliveries, registry }: Ground, { queues }: Messaging) {
  const logGroups = new LogGroups(store);
  const metrics = new Metrics(store);
  const alarms = new Alarms({ store, metrics, deliveries, clock, place, gauges: () => queueGauges(queues, now()) });
  registry.add(logsService({ logGroups }));
  registry.add(cloudWatchService({ metrics, alarms }));
  return { logGroups, metrics, alarms };
}

function* queueGauges(queues: Queues, nowMs: number) {
  for (const { name } of queues.list()) {
    const { visible, inFlight, oldestMs } = queues.counts(name);
    const metric = (metricName: string) => ({
      namespace: "AWS/SQS",
      name: metricName,
      dimensions: { QueueName: name },
    });
    yield { metric: metric("ApproximateNumberOfMessagesVisible"), value: visible };
    yield { metric: metric("ApproximateNumberOfMessagesNotVisible"), value: inFlight };
    yield {
      metric: metric("ApproximateAgeOfOldestMessage"),
      value: oldestMs === undefined ? 0 : Math.floor((nowMs - oldestMs) / 1000),
    };
  }
}
