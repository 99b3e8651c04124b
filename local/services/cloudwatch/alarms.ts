/**
 * Metric alarms: their states, and what a change of state sets off.
 *
 * An alarm is evaluated when a point of its metric arrives and every few seconds besides, which is sooner than on AWS: a
 * person is waiting.
 */

import type { Dimension, PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import type { Clock } from "../../../engine/index.ts";
import type { Deliveries } from "../../delivery/deliveries.ts";
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";
import type { Place } from "../../wire/service.ts";
import { type AlarmState, alarmState } from "./alarm-state.ts";
import { type Dimensions, idOf, type Metric, type Metrics, type Statistic, statisticOf } from "./metrics.ts";

export interface Alarm extends PutMetricAlarmInput {
  arn: string;
  state: AlarmState;
  reason: string;
  stateSinceMs: number;
}

interface AlarmsOptions {
  store: Store;
  metrics: Metrics;
  deliveries: Deliveries;
  clock: Clock;
  place: Place;
  /** Values that are measured rather than reported, such as how many messages a queue holds. */
  gauges?: () => Iterable<{ metric: Metric; value: number }>;
}

const LOOK_EVERY_MS = 5_000;
/** SNS takes fewer than 100 characters. */
const LONGEST_SUBJECT = 99;

export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #store: Store;
  #cancel: (() => void) | undefined;

  constructor(options: AlarmsOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#store.define("CREATE TABLE IF NOT EXISTS alarms (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT");
    options.metrics.onRecord((metric) => {
      for (const alarm of this.#watching(metric)) this.#evaluate(alarm);
    });
  }

  start(): void {
    const { gauges, metrics, clock } = this.#options;
    const look = () => {
      for (const { metric, value } of gauges?.() ?? []) metrics.record(metric, value, clock.now());
      for (const alarm of this.list()) this.#evaluate(alarm);
      this.#cancel = clock.at(clock.now() + LOOK_EVERY_MS, look);
    };
    look();
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** By name. */
  list(): Alarm[] {
    return this.#store
      .all<{ body: string }>("SELECT body FROM alarms ORDER BY name")
      .map(({ body }) => JSON.parse(body));
  }

  find(name: string | undefined): Alarm | undefined {
    return this.list().find(({ AlarmName }) => AlarmName === name);
  }

  /** @throws {ServiceError} `ResourceNotFound`. */
  get(name: string | undefined): Alarm {
    const alarm = this.find(name);
    if (!alarm) throw new ServiceError("ResourceNotFound", `Alarm ${name} does not exist.`, 404);
    return alarm;
  }

  put(alarm: Alarm): void {
    this.#store.run("INSERT OR REPLACE INTO alarms VALUES (?, ?)", alarm.AlarmName!, JSON.stringify(alarm));
  }

  delete(name: string): void {
    this.#store.run("DELETE FROM alarms WHERE name = ?", name);
  }

  /** Puts an alarm into a state, and hands a message to the targets that the alarm has for this state. */
  enter(alarm: Alarm, state: AlarmState, reason: string): void {
    const { deliveries, clock, place } = this.#options;
    const atMs = clock.now();
    const actions = {
      ALARM: alarm.AlarmActions,
      OK: alarm.OKActions,
      INSUFFICIENT_DATA: alarm.InsufficientDataActions,
    };
    const payload = JSON.stringify(changeMessage(alarm, { state, reason, atMs, place }));
    const subject = `${state}: "${alarm.AlarmName}" in ${place.region}`.slice(0, LONGEST_SUBJECT);
    this.#store.transaction(() => {
      this.put({ ...alarm, state, reason, stateSinceMs: atMs });
      if (alarm.ActionsEnabled === false) return;
      for (const targetArn of actions[state] ?? []) deliveries.enqueue({ targetArn, payload, subject });
    });
  }

  #watching(metric: Metric): Alarm[] {
    const id = idOf(metric);
    return this.#store
      .all<{ body: string }>(
        "SELECT body FROM alarms WHERE body ->> '$.MetricName' = ? AND body ->> '$.Namespace' = ? ORDER BY name",
        metric.name,
        metric.namespace,
      )
      .map(({ body }) => JSON.parse(body) as Alarm)
      .filter((alarm) => idOf(metricOf(alarm)) === id);
  }

  #evaluate(alarm: Alarm): void {
    const { metrics, clock } = this.#options;
    const periodMs = alarm.Period! * 1000;
    const periods = alarm.EvaluationPeriods!;
    // The current period counts, so that a failure alarms at once.
    const startMs = Math.floor(clock.now() / periodMs) * periodMs - (periods - 1) * periodMs;
    const points = new Map(
      metrics
        .datapoints(metricOf(alarm), startMs, startMs + periods * periodMs, periodMs)
        .map((point) => [point.atMs, statisticOf(point, alarm.Statistic as Statistic)]),
    );
    const values = Array.from({ length: periods }, (_, index) => points.get(startMs + index * periodMs));
    const { state, reason } = alarmState(alarm, values, alarm.state);
    if (state !== alarm.state) this.enter(alarm, state, reason);
  }
}

export const dimensionsOf = (dimensions: Dimension[] = []): Dimensions =>
  Object.fromEntries(dimensions.map(({ Name, Value }) => [Name!, Value!]));

const metricOf = (alarm: Alarm): Metric => ({
  namespace: alarm.Namespace!,
  name: alarm.MetricName!,
  dimensions: dimensionsOf(alarm.Dimensions),
});

/** The message of a change of state. `alarm` is the alarm before the change. */
function changeMessage(
  alarm: Alarm,
  { state, reason, atMs, place }: { state: AlarmState; reason: string; atMs: number; place: Place },
): object {
  return {
    AlarmName: alarm.AlarmName,
    AlarmDescription: alarm.AlarmDescription ?? null,
    AWSAccountId: place.accountId,
    NewStateValue: state,
    NewStateReason: reason,
    StateChangeTime: new Date(atMs).toISOString().replace("Z", "+0000"),
    Region: place.region,
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
}
