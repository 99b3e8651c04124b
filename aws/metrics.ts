/** CloudWatch's metrics of what became of batches. The alarms on them are in `stacks/alarms.ts`. */
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { BatchCounts } from "../lake/batch/ledger.ts";

// The service's name is a dimension of every metric, beside the source.
const metrics = new Metrics({ namespace: "Sluice", serviceName: "sluice" });

/**
 * Publishes the counts of a batch. Metrics are lines of the function's log, so a task that is tried again may count twice.
 *
 * @param counts - With its objects as they ended: those of a refused batch are quarantined.
 */
export function publishCounts(source: string, counts: BatchCounts): void {
  const { rows, rejected } = counts;
  metrics.addDimension("source", source);
  metrics.addMetric("Rows", MetricUnit.Count, rows);
  metrics.addMetric("RejectedLines", MetricUnit.Count, rejected);
  metrics.addMetric("TruncatedObjects", MetricUnit.Count, counts.truncatedObjects);
  metrics.addMetric("QuarantinedObjects", MetricUnit.Count, counts.quarantinedObjects);
  if (rows + rejected > 0)
    metrics.addMetric("RejectedPercent", MetricUnit.Percent, (100 * rejected) / (rows + rejected));
  metrics.publishStoredMetrics();
}
