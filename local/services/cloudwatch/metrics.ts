/** Metrics: their data points, summed up by the minute. A day of them is kept. */
import type { Store } from "../../store.ts";

export type Dimensions = Readonly<Record<string, string>>;

export interface Metric {
  namespace: string;
  name: string;
  dimensions: Dimensions;
}

/** The values of a metric over one period, summed up. */
interface Datapoint {
  /** Start of the period, milliseconds since the epoch. */
  atMs: number;
  sum: number;
  count: number;
  minimum: number;
  maximum: number;
}

export type Statistic = "Sum" | "Average" | "Minimum" | "Maximum" | "SampleCount";

const MINUTE_MS = 60_000;
const KEPT_MS = 24 * 60 * MINUTE_MS;

export class Metrics {
  readonly #store: Store;
  readonly #listeners: ((metric: Metric) => void)[] = [];
  #lastSweepMs = 0;

  constructor(store: Store) {
    this.#store = store;
    this.#store.define(`CREATE TABLE IF NOT EXISTS metrics (
      metric TEXT NOT NULL, minute_ms INTEGER NOT NULL, sum REAL NOT NULL, count REAL NOT NULL,
      minimum REAL NOT NULL, maximum REAL NOT NULL, PRIMARY KEY (metric, minute_ms)) STRICT, WITHOUT ROWID`);
  }

  /** Tells of each metric that has a new value. */
  onRecord(listener: (metric: Metric) => void): void {
    this.#listeners.push(listener);
  }

  record(metric: Metric, value: number, atMs: number): void {
    this.#store.run(
      `INSERT INTO metrics VALUES (?1, ?2, ?3, 1, ?3, ?3) ON CONFLICT DO UPDATE SET
        sum = sum + ?3, count = count + 1, minimum = min(minimum, ?3), maximum = max(maximum, ?3)`,
      idOf(metric),
      Math.floor(atMs / MINUTE_MS) * MINUTE_MS,
      value,
    );
    if (atMs - this.#lastSweepMs > KEPT_MS / 24) {
      this.#lastSweepMs = atMs;
      this.#store.run("DELETE FROM metrics WHERE minute_ms < ?", atMs - KEPT_MS);
    }
    for (const listener of this.#listeners) listener(metric);
  }

  /** The periods in `[startMs, endMs)` that have data, in order; `startMs` is the start of a period. */
  datapoints(metric: Metric, startMs: number, endMs: number, periodMs: number): Datapoint[] {
    const rows = this.#store.all<{ minute_ms: number; sum: number; count: number; minimum: number; maximum: number }>(
      "SELECT * FROM metrics WHERE metric = ? AND minute_ms >= ? AND minute_ms < ? ORDER BY minute_ms",
      idOf(metric),
      startMs,
      endMs,
    );
    const periods = new Map<number, Datapoint>();
    for (const { minute_ms, sum, count, minimum, maximum } of rows) {
      const atMs = startMs + Math.floor((minute_ms - startMs) / periodMs) * periodMs;
      const known = periods.get(atMs);
      periods.set(atMs, {
        atMs,
        sum: (known?.sum ?? 0) + sum,
        count: (known?.count ?? 0) + count,
        minimum: Math.min(known?.minimum ?? minimum, minimum),
        maximum: Math.max(known?.maximum ?? maximum, maximum),
      });
    }
    return [...periods.values()];
  }

  all(): Metric[] {
    return this.#store
      .all<{ metric: string }>("SELECT DISTINCT metric FROM metrics ORDER BY metric")
      .map(({ metric }) => fromId(metric));
  }
}

export function statisticOf(point: Datapoint, statistic: Statistic): number {
  switch (statistic) {
    case "Sum":
      return point.sum;
    case "Average":
      return point.sum / point.count;
    case "Minimum":
      return point.minimum;
    case "Maximum":
      return point.maximum;
    case "SampleCount":
      return point.count;
  }
}

/** The same metric always has the same text, whatever the order of its dimensions. */
export function idOf({ namespace, name, dimensions }: Metric): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function fromId(id: string): Metric {
  const [namespace, name, dimensions] = JSON.parse(id) as [string, string, [string, string][]];
  return { namespace, name, dimensions: Object.fromEntries(dimensions) };
}
