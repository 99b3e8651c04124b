import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../engine/index.ts";
import { Deliveries } from "../../../../local/delivery/deliveries.ts";
import { alarmState } from "../../../../local/services/cloudwatch/alarm-state.ts";
import { Alarms } from "../../../../local/services/cloudwatch/alarms.ts";
import { Metrics } from "../../../../local/services/cloudwatch/metrics.ts";
import { cloudWatchService } from "../../../../local/services/cloudwatch/service.ts";
import { Store } from "../../../../local/store.ts";

const rule = {
  ComparisonOperator: "GreaterThanThreshold",
  Threshold: 0,
  EvaluationPeriods: 3,
  DatapointsToAlarm: 2,
} as const;

describe("the state of an alarm", () => {
  it("is ALARM when enough datapoints breach", () => {
    expect(alarmState(rule, [1, 0, 2], "OK").state).toBe("ALARM");
    expect(alarmState(rule, [1, 0, undefined], "OK").state).toBe("OK");
  });

  it.each([
    ["breaching", "ALARM"],
    ["notBreaching", "OK"],
    ["missing", "INSUFFICIENT_DATA"],
    ["ignore", "ALARM"],
  ] as const)("treats missing data as %s", (TreatMissingData, expected) => {
    expect(alarmState({ ...rule, TreatMissingData }, [undefined, undefined, undefined], "ALARM").state).toBe(expected);
  });
});

describe("a metric alarm", () => {
  it("publishes when a failure is recorded, once, and recovers when the failures are over", async () => {
    const store = new Store(":memory:");
    const clock = new VirtualClock(Date.parse("2026-01-17T10:00:30Z"));
    const published: { Subject: string; Message: string }[] = [];
    const deliveries = new Deliveries({
      store,
      clock,
      log: () => {},
      async call(_namespace, _operation, input) {
        published.push(input as { Subject: string; Message: string });
        return {};
      },
    });
    const place = { region: "eu-central-1", accountId: "111122223333" };
    const metrics = new Metrics(store);
    const alarms = new Alarms({ store, metrics, deliveries, clock, place });
    const { operations } = cloudWatchService({ metrics, alarms });
    const context = { ...place, now: () => clock.now() };
    const metric = { namespace: "AWS/States", name: "ExecutionsFailed", dimensions: { StateMachineArn: "arn:m" } };
    deliveries.start();
    await operations.PutMetricAlarm!(
      {
        AlarmName: "ingest-failed",
        Namespace: "AWS/States",
        MetricName: "ExecutionsFailed",
        Dimensions: [{ Name: "StateMachineArn", Value: "arn:m" }],
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "notBreaching",
        AlarmActions: ["arn:aws:sns:eu-central-1:111122223333:alerts"],
      },
      context,
    );
    alarms.start();
    metrics.record({ ...metric, dimensions: { StateMachineArn: "arn:other" } }, 1, clock.now());
    metrics.record(metric, 1, clock.now());
    metrics.record(metric, 1, clock.now());
    const end = Date.parse("2026-01-17T10:05:00Z");
    await clock.run(() => clock.now() >= end);
    alarms.close();
    await deliveries.close();

    expect(published).toHaveLength(1);
    expect(published[0]!.Subject).toBe('ALARM: "ingest-failed" in eu-central-1');
    expect(JSON.parse(published[0]!.Message)).toMatchObject({
      AlarmName: "ingest-failed",
      NewStateValue: "ALARM",
      Trigger: { MetricName: "ExecutionsFailed", Dimensions: [{ name: "StateMachineArn", value: "arn:m" }] },
    });
    const { MetricAlarms } = (await operations.DescribeAlarms!({}, context)) as { MetricAlarms: object[] };
    expect(MetricAlarms).toMatchObject([{ AlarmName: "ingest-failed", StateValue: "OK" }]);
  });
});
