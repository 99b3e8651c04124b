/**
 * Schedules, and the timers that start their targets.
 *
 * A time that passed while the process was down is not made up for: a laptop that was closed over the weekend should
 * not send three reports on Monday. Flexible windows are taken as zero minutes long.
 */

import { randomUUID } from "node:crypto";
import type { CreateScheduleInput } from "@aws-sdk/client-scheduler";
import type { Clock } from "../../../engine/index.ts";
import type { Deliveries } from "../../delivery/deliveries.ts";
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";
import { nextTimeMs } from "./next-time.ts";

export interface Schedule extends CreateScheduleInput {
  arn: string;
  createdMs: number;
  modifiedMs: number;
}

export const DEFAULT_GROUP = "default";

export class Schedules {
  readonly #store: Store;
  readonly #deliveries: Deliveries;
  readonly #clock: Clock;
  readonly #timers = new Map<string, () => void>();
  #running = false;

  constructor(options: { store: Store; deliveries: Deliveries; clock: Clock }) {
    this.#store = options.store;
    this.#deliveries = options.deliveries;
    this.#clock = options.clock;
    this.#store.define("CREATE TABLE IF NOT EXISTS schedules (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT");
  }

  start(): void {
    this.#running = true;
    for (const schedule of this.list()) this.#arm(schedule);
  }

  close(): void {
    this.#running = false;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** By group and name. */
  list(): Schedule[] {
    return this.#store.all<{ body: string }>("SELECT body FROM schedules ORDER BY id").map(({ body }) => revived(body));
  }

  find(group: string | undefined, name: string): Schedule | undefined {
    const row = this.#store.get<{ body: string }>("SELECT body FROM schedules WHERE id = ?", idOf(group, name));
    return row && revived(row.body);
  }

  /** @throws {ServiceError} `ResourceNotFoundException`. */
  get(group: string | undefined, name: string): Schedule {
    const schedule = this.find(group, name);
    if (!schedule) throw new ServiceError("ResourceNotFoundException", `Schedule ${name} does not exist.`, 404);
    return schedule;
  }

  /** @throws {ServiceError} `ValidationException` for an expression that does not hold. */
  put(schedule: Schedule): void {
    nextOf(schedule, schedule.modifiedMs);
    const id = idOf(schedule.GroupName, schedule.Name!);
    this.#store.run("INSERT OR REPLACE INTO schedules VALUES (?, ?)", id, JSON.stringify(schedule));
    this.#arm(schedule);
  }

  /** @throws {ServiceError} `ResourceNotFoundException`. */
  delete(group: string | undefined, name: string): void {
    this.get(group, name);
    const id = idOf(group, name);
    this.#disarm(id);
    this.#store.run("DELETE FROM schedules WHERE id = ?", id);
  }

  #arm(schedule: Schedule): void {
    const id = idOf(schedule.GroupName, schedule.Name!);
    this.#disarm(id);
    if (!this.#running || schedule.State === "DISABLED") return;
    const dueMs = nextOf(schedule, this.#clock.now());
    if (dueMs === undefined) return;
    this.#timers.set(
      id,
      this.#clock.at(dueMs, () => {
        this.#timers.delete(id);
        this.#fire(schedule, dueMs);
        this.#arm(schedule);
      }),
    );
  }

  #disarm(id: string): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
  }

  #fire(schedule: Schedule, dueMs: number): void {
    const target = schedule.Target!;
    const context: Record<string, string> = {
      "aws.scheduler.schedule-arn": schedule.arn,
      "aws.scheduler.scheduled-time": new Date(dueMs).toISOString().replace(/\.\d+Z$/, "Z"),
      "aws.scheduler.execution-id": randomUUID(),
      "aws.scheduler.attempt-number": "1",
    };
    this.#deliveries.enqueue({
      targetArn: target.Arn!,
      payload: (target.Input ?? "{}").replace(/<(aws\.scheduler\.[a-z-]+)>/g, (mark, name) => context[name] ?? mark),
      deadLetterArn: target.DeadLetterConfig?.Arn,
      maxRetries: target.RetryPolicy?.MaximumRetryAttempts,
    });
  }
}

const idOf = (group: string | undefined, name: string) => `${group ?? DEFAULT_GROUP}/${name}`;

/** A stored schedule; JSON turned its dates into text. */
function revived(body: string): Schedule {
  const schedule = JSON.parse(body) as Schedule;
  for (const key of ["StartDate", "EndDate"] as const) if (schedule[key]) schedule[key] = new Date(schedule[key]);
  return schedule;
}

function nextOf(schedule: Schedule, afterMs: number): number | undefined {
  const startMs = schedule.StartDate?.getTime();
  const dueMs = nextTimeMs(
    schedule.ScheduleExpression!,
    schedule.ScheduleExpressionTimezone ?? "UTC",
    startMs === undefined ? afterMs : Math.max(afterMs, startMs - 1),
    startMs ?? schedule.createdMs,
  );
  const endMs = schedule.EndDate?.getTime() ?? Number.POSITIVE_INFINITY;
  return dueMs !== undefined && dueMs <= endMs ? dueMs : undefined;
}
