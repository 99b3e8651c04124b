/**
 * CloudWatch: metrics and metric alarms.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/Welcome.html
 */
import type * as api from "@aws-sdk/client-cloudwatch";
import { ServiceError } from "../../service-error.ts";
import type { RequestContext, Service } from "../../wire/service.ts";
import { isKnownOperator } from "./alarm-state.ts";
import { type Alarm, type Alarms, dimensionsOf } from "./alarms.ts";
import { type Metrics, statisticOf } from "./metrics.ts";

export function cloudWatchService({ metrics, alarms }: { metrics: Metrics; alarms: Alarms }): Service {
  return {
    namespace: "monitoring",
    operations: {
      PutMetricData(input: api.PutMetricDataInput, { now }) {
        putMetricData(metrics, input, now());
        return {};
      },
      ListMetrics: (input: api.ListMetricsInput) => listMetrics(metrics, input),
      GetMetricStatistics: (input: api.GetMetricStatisticsInput) => getStatistics(metrics, input),
      PutMetricAlarm(input: api.PutMetricAlarmInput, context) {
        putAlarm(alarms, input, context);
        return {};
      },
      DescribeAlarms: ({ AlarmNames, AlarmNamePrefix, StateValue }: api.DescribeAlarmsInput) => ({
        MetricAlarms: alarms
          .list()
          .filter(
            (alarm) =>
              (!AlarmNames?.length || AlarmNames.includes(alarm.AlarmName!)) &&
              (!AlarmNamePrefix || alarm.AlarmName!.startsWith(AlarmNamePrefix)) &&
              (!StateValue || alarm.state === StateValue),
          )
          .map(toApi),
      }),
      DeleteAlarms({ AlarmNames = [] }: api.DeleteAlarmsInput) {
        for (const name of AlarmNames) alarms.delete(name);
        return {};
      },
      SetAlarmState(input: api.SetAlarmStateInput) {
        alarms.enter(alarms.get(input.AlarmName), input.StateValue!, input.StateReason!);
        return {};
      },
    },
  };
}

function putMetricData(metrics: Metrics, { Namespace, MetricData = [] }: api.PutMetricDataInput, nowMs: number): void {
  for (const { MetricName, Dimensions, Value, Values, Counts, Timestamp } of MetricData) {
    const metric = { namespace: Namespace!, name: MetricName!, dimensions: dimensionsOf(Dimensions) };
    const atMs = Timestamp?.getTime() ?? nowMs;
    for (const [index, value] of (Values ?? [Value ?? 0]).entries())
      for (let count = Counts?.[index] ?? 1; count > 0; count--) metrics.record(metric, value, atMs);
  }
}

function listMetrics(metrics: Metrics, { Namespace, MetricName }: api.ListMetricsInput): api.ListMetricsOutput {
  return {
    Metrics: metrics
      .all()
      .filter(({ namespace, name }) => (!Namespace || namespace === Namespace) && (!MetricName || name === MetricName))
      .map(({ namespace, name, dimensions }) => ({
        Namespace: namespace,
        MetricName: name,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      })),
  };
}

function getStatistics(metrics: Metrics, input: api.GetMetricStatisticsInput): api.GetMetricStatisticsOutput {
  const metric = { namespace: input.Namespace!, name: input.MetricName!, dimensions: dimensionsOf(input.Dimensions) };
  const periodMs = input.Period! * 1000;
  const startMs = Math.floor(input.StartTime!.getTime() / 60_000) * 60_000;
  return {
    Label: input.MetricName,
    Datapoints: metrics.datapoints(metric, startMs, input.EndTime!.getTime(), periodMs).map((point) => ({
      Timestamp: new Date(point.atMs),
      ...Object.fromEntries((input.Statistics ?? []).map((statistic) => [statistic, statisticOf(point, statistic)])),
    })),
  };
}

function putAlarm(alarms: Alarms, input: api.PutMetricAlarmInput, { region, accountId, now }: RequestContext): void {
  if (!input.MetricName || !input.Namespace || !input.Period || !input.Statistic)
    throw new ServiceError(
      "ValidationError",
      "Only alarms on one metric with a period and a statistic are supported here.",
    );
  if (!isKnownOperator(input.ComparisonOperator))
    throw new ServiceError("ValidationError", `ComparisonOperator ${input.ComparisonOperator} is not supported here.`);
  const before = alarms.find(input.AlarmName);
  alarms.put({
    ...input,
    arn: `arn:aws:cloudwatch:${region}:${accountId}:alarm:${input.AlarmName}`,
    state: before?.state ?? "INSUFFICIENT_DATA",
    reason: before?.reason ?? "Unchecked: Initial alarm creation",
    stateSinceMs: before?.stateSinceMs ?? now(),
  });
}

function toApi({ arn, state, reason, stateSinceMs, Tags: _, ...alarm }: Alarm): api.MetricAlarm {
  return {
    ...alarm,
    AlarmArn: arn,
    StateValue: state,
    StateReason: reason,
    StateUpdatedTimestamp: new Date(stateSinceMs),
  };
}
