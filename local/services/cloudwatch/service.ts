/**
 * CloudWatch metrics and metric alarms.
 *
 * ```ts
 * const cloudwatch = new CloudWatch({ store, deliveries, clock, region, accountId, gauges: () => [...] });
 * services.push(cloudwatch.service);
 * cloudwatch.record({ namespace: "AWS/States", name: "ExecutionsFailed", dimensions: { StateMachineArn } }, 1);
 * cloudwatch.start(); …; cloudwatch.stop();
 * ```
 *
 * Alarms are looked at when a point of their metric arrives and every few seconds besides, which is sooner than on AWS:
 * a person is waiting.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/Welcome.html
 */
import type * as api from "@aws-sdk/client-cloudwatch";
import type { Clock } from "../../../engine/clock.ts";
import type { Deliveries } from "../../delivery/deliveries.ts";
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";
import type { RequestContext, Service } from "../../wire/service.ts";
import { type AlarmState, alarmState, isKnownOperator } from "./alarm-state.ts";
import { type Dimensions, idOf, type Metric, Metrics, type Statistic, statisticOf } from "./metrics.ts";

interface StoredAlarm extends api.PutMetricAlarmInput {
  arn: string;
  state: AlarmState;
  reason: string;
  stateSinceMs: number;
}

export interface CloudWatchOptions {
  store: Store;
  deliveries: Deliveries;
  clock: Clock;
  region: string;
  accountId: string;
  /** Values that are measured rather than reported, such as how many messages a queue holds. */
  gauges?: () => Iterable<{ metric: Metric; value: number }>;
}

const LOOK_EVERY_MS = 5_000;

export class CloudWatch {
  readonly service: Service;
  readonly #options: CloudWatchOptions;
  readonly #metrics: Metrics;
  #cancel: (() => void) | undefined;

  constructor(options: CloudWatchOptions) {
    this.#options = options;
    this.#metrics = new Metrics(options.store);
    options.store.define("CREATE TABLE IF NOT EXISTS alarms (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT");
    this.service = {
      namespace: "monitoring",
      operations: {
        PutMetricData: (input: api.PutMetricDataInput) => this.#putMetricData(input),
        ListMetrics: (input: api.ListMetricsInput) => this.#listMetrics(input),
        GetMetricStatistics: (input: api.GetMetricStatisticsInput) => this.#getStatistics(input),
        PutMetricAlarm: (input: api.PutMetricAlarmInput, context) => this.#putAlarm(input, context),
        DescribeAlarms: (input: api.DescribeAlarmsInput) => this.#describeAlarms(input),
        DeleteAlarms: ({ AlarmNames = [] }: api.DeleteAlarmsInput) => {
          for (const name of AlarmNames) options.store.run("DELETE FROM alarms WHERE name = ?", name);
          return {};
        },
        SetAlarmState: (input: api.SetAlarmStateInput) => {
          const alarm = this.#alarms().find(({ AlarmName }) => AlarmName === input.AlarmName);
          if (!alarm) throw new ServiceError("ResourceNotFound", `Alarm ${input.AlarmName} does not exist.`, 404);
          this.#enter(alarm, input.StateValue!, input.StateReason!);
          return {};
        },
      },
    };
  }

  start(): void {
    const look = () => {
      for (const { metric, value } of this.#options.gauges?.() ?? [])
        this.#metrics.record(metric, value, this.#options.clock.now());
      for (const alarm of this.#alarms()) this.#evaluate(alarm);
      this.#cancel = this.#options.clock.at(this.#options.clock.now() + LOOK_EVERY_MS, look);
    };
    look();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Takes one value in, and looks at the alarms that watch its metric. */
  record(metric: Metric, value: number, atMs: number = this.#options.clock.now()): void {
    this.#metrics.record(metric, value, atMs);
    const id = idOf(metric);
    for (const alarm of this.#alarms()) if (idOf(metricOf(alarm)) === id) this.#evaluate(alarm);
  }

  #putMetricData({ Namespace, MetricData = [] }: api.PutMetricDataInput): object {
    for (const { MetricName, Dimensions, Value, Values, Counts, Timestamp } of MetricData) {
      const metric = { namespace: Namespace!, name: MetricName!, dimensions: dimensionsOf(Dimensions) };
      const atMs = Timestamp?.getTime() ?? this.#options.clock.now();
      for (const [index, value] of (Values ?? [Value ?? 0]).entries())
        for (let count = Counts?.[index] ?? 1; count > 0; count--) this.record(metric, value, atMs);
    }
    return {};
  }

  #listMetrics({ Namespace, MetricName }: api.ListMetricsInput): api.ListMetricsOutput {
    return {
      Metrics: this.#metrics
        .all()
        .filter(
          ({ namespace, name }) => (!Namespace || namespace === Namespace) && (!MetricName || name === MetricName),
        )
        .map(({ namespace, name, dimensions }) => ({
          Namespace: namespace,
          MetricName: name,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        })),
    };
  }

  #getStatistics(input: api.GetMetricStatisticsInput): api.GetMetricStatisticsOutput {
    const metric = { namespace: input.Namespace!, name: input.MetricName!, dimensions: dimensionsOf(input.Dimensions) };
    const periodMs = input.Period! * 1000;
    const startMs = Math.floor(input.StartTime!.getTime() / 60_000) * 60_000;
    return {
      Label: input.MetricName,
      Datapoints: this.#metrics.datapoints(metric, startMs, input.EndTime!.getTime(), periodMs).map((point) => ({
        Timestamp: new Date(point.atMs),
        ...Object.fromEntries((input.Statistics ?? []).map((statistic) => [statistic, statisticOf(point, statistic)])),
      })),
    };
  }

  #putAlarm(input: api.PutMetricAlarmInput, { region, accountId, now }: RequestContext): object {
    if (!input.MetricName || !input.Namespace || !input.Period || !input.Statistic)
      throw new ServiceError(
        "ValidationError",
        "Only alarms on one metric with a period and a statistic are supported here.",
      );
    if (!isKnownOperator(input.ComparisonOperator))
      throw new ServiceError(
        "ValidationError",
        `ComparisonOperator ${input.ComparisonOperator} is not supported here.`,
      );
    const before = this.#alarms().find(({ AlarmName }) => AlarmName === input.AlarmName);
    this.#save({
      ...input,
      arn: `arn:aws:cloudwatch:${region}:${accountId}:alarm:${input.AlarmName}`,
      state: before?.state ?? "INSUFFICIENT_DATA",
      reason: before?.reason ?? "Unchecked: Initial alarm creation",
      stateSinceMs: before?.stateSinceMs ?? now(),
    });
    return {};
  }

  #describeAlarms({ AlarmNames, AlarmNamePrefix, StateValue }: api.DescribeAlarmsInput): api.DescribeAlarmsOutput {
    return {
      MetricAlarms: this.#alarms()
        .filter(
          (alarm) =>
            (!AlarmNames?.length || AlarmNames.includes(alarm.AlarmName!)) &&
            (!AlarmNamePrefix || alarm.AlarmName!.startsWith(AlarmNamePrefix)) &&
            (!StateValue || alarm.state === StateValue),
        )
        .map(({ arn, state, reason, stateSinceMs, Tags: _, ...alarm }) => ({
          ...alarm,
          AlarmArn: arn,
          StateValue: state,
          StateReason: reason,
          StateUpdatedTimestamp: new Date(stateSinceMs),
        })),
    };
  }

  #evaluate(alarm: StoredAlarm): void {
    const periodMs = alarm.Period! * 1000;
    const periods = alarm.EvaluationPeriods!;
    // The period under way counts, so that a failure alarms at once.
    const startMs = Math.floor(this.#options.clock.now() / periodMs) * periodMs - (periods - 1) * periodMs;
    const points = new Map(
      this.#metrics
        .datapoints(metricOf(alarm), startMs, startMs + periods * periodMs, periodMs)
        .map((point) => [point.atMs, statisticOf(point, alarm.Statistic as Statistic)]),
    );
    const values = Array.from({ length: periods }, (_, index) => points.get(startMs + index * periodMs));
    const { state, reason } = alarmState(alarm, values, alarm.state);
    if (state !== alarm.state) this.#enter(alarm, state, reason);
  }

  #enter(alarm: StoredAlarm, state: AlarmState, reason: string): void {
    const atMs = this.#options.clock.now();
    const { store, deliveries, region, accountId } = this.#options;
    const actions = {
      ALARM: alarm.AlarmActions,
      OK: alarm.OKActions,
      INSUFFICIENT_DATA: alarm.InsufficientDataActions,
    };
    const message = {
      AlarmName: alarm.AlarmName,
      AlarmDescription: alarm.AlarmDescription ?? null,
      AWSAccountId: accountId,
      NewStateValue: state,
      NewStateReason: reason,
      StateChangeTime: new Date(atMs).toISOString().replace("Z", "+0000"),
      Region: region,
      AlarmArn: alarm.arn,
      OldStateValue: alarm.state,
      Trigger: {
        MetricName: alarm.MetricName,
        Namespace: alarm.Namespace,
        Statistic: alarm.Statistic!.toUpperCase(),
        Dimensions: (alarm.Dimensions ?? []).map(({ Name, Value }) => ({ name: Name, value: Value })),
        Period: alarm.Period,
        EvaluationPeriods: alarm.EvaluationPeriods,
        ComparisonOperator: alarm.ComparisonOperator,
        Threshold: alarm.Threshold,
        TreatMissingData: alarm.TreatMissingData ?? "missing",
      },
    };
    store.transaction(() => {
      this.#save({ ...alarm, state, reason, stateSinceMs: atMs });
      if (alarm.ActionsEnabled !== false)
        for (const targetArn of actions[state] ?? [])
          deliveries.enqueue({
            targetArn,
            payload: JSON.stringify(message),
            // SNS refuses a longer subject.
            subject: `${state}: "${alarm.AlarmName}" in ${region}`.slice(0, 100),
          });
    });
  }

  #save(alarm: StoredAlarm): void {
    this.#options.store.run("INSERT OR REPLACE INTO alarms VALUES (?, ?)", alarm.AlarmName!, JSON.stringify(alarm));
  }

  #alarms(): StoredAlarm[] {
    return this.#options.store
      .all<{ body: string }>("SELECT body FROM alarms ORDER BY name")
      .map(({ body }) => JSON.parse(body));
  }
}

const dimensionsOf = (dimensions: api.Dimension[] = []): Dimensions =>
  Object.fromEntries(dimensions.map(({ Name, Value }) => [Name!, Value!]));

const metricOf = (alarm: StoredAlarm): Metric => ({
  namespace: alarm.Namespace!,
  name: alarm.MetricName!,
  dimensions: dimensionsOf(alarm.Dimensions),
});
