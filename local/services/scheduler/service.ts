/**
 * EventBridge Scheduler: schedules in a time zone that start state machines and other targets.
 *
 * ```ts
 * const scheduler = new Scheduler({ store, deliveries, clock });
 * services.push(scheduler.service);
 * scheduler.start(); …; scheduler.stop();
 * ```
 *
 * A time that passed while the process was down is not made up for: a laptop that was closed over the weekend should
 * not send three reports on Monday. Flexible windows are taken as zero minutes long.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/APIReference/Welcome.html
 */
import { randomUUID } from "node:crypto";
import type * as api from "@aws-sdk/client-scheduler";
import type { Clock } from "../../../engine/clock.ts";
import type { Deliveries } from "../../delivery/deliveries.ts";
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";
import type { RequestContext, Service } from "../../wire/service.ts";
import { nextTimeMs } from "./next-time.ts";

interface StoredSchedule extends api.CreateScheduleInput {
  arn: string;
  createdMs: number;
  modifiedMs: number;
}

const DEFAULT_GROUP = "default";

export class Scheduler {
  readonly service: Service;
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
    this.service = {
      namespace: "scheduler",
      operations: {
        CreateSchedule: (input: api.CreateScheduleInput, context) => this.#create(input, context),
        UpdateSchedule: (input: api.UpdateScheduleInput, context) => this.#update(input, context),
        GetSchedule: (input: api.GetScheduleInput) => toApi(this.#find(input.GroupName, input.Name!)),
        DeleteSchedule: (input: api.DeleteScheduleInput) => this.#delete(input),
        ListSchedules: (input: api.ListSchedulesInput) => this.#list(input),
      },
    };
  }

  start(): void {
    this.#running = true;
    for (const schedule of this.#all()) this.#arm(schedule);
  }

  stop(): void {
    this.#running = false;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #create(input: api.CreateScheduleInput, context: RequestContext): api.CreateScheduleOutput {
    if (this.#read(idOf(input.GroupName, input.Name!)))
      throw new ServiceError("ConflictException", `Schedule ${input.Name} already exists.`, 409);
    return this.#put(input, context, context.now());
  }

  #update(input: api.UpdateScheduleInput, context: RequestContext): api.UpdateScheduleOutput {
    return this.#put(input, context, this.#find(input.GroupName, input.Name!).createdMs);
  }

  #put(input: api.CreateScheduleInput, { region, accountId, now }: RequestContext, createdMs: number) {
    const group = input.GroupName ?? DEFAULT_GROUP;
    const schedule: StoredSchedule = {
      ...input,
      GroupName: group,
      arn: `arn:aws:scheduler:${region}:${accountId}:schedule/${group}/${input.Name}`,
      createdMs,
      modifiedMs: now(),
    };
    nextOf(schedule, now()); // refuses an expression that does not hold
    this.#store.run(
      "INSERT OR REPLACE INTO schedules VALUES (?, ?)",
      idOf(group, input.Name!),
      JSON.stringify(schedule),
    );
    this.#arm(schedule);
    return { ScheduleArn: schedule.arn };
  }

  #delete({ GroupName, Name }: api.DeleteScheduleInput): object {
    this.#find(GroupName, Name!);
    const id = idOf(GroupName, Name!);
    this.#disarm(id);
    this.#store.run("DELETE FROM schedules WHERE id = ?", id);
    return {};
  }

  #list({
    GroupName,
    NamePrefix,
    State,
    MaxResults = 100,
    NextToken,
  }: api.ListSchedulesInput): api.ListSchedulesOutput {
    const from = NextToken ? Number(NextToken) : 0;
    const found = this.#all().filter(
      (schedule) =>
        (!GroupName || schedule.GroupName === GroupName) &&
        (!NamePrefix || schedule.Name!.startsWith(NamePrefix)) &&
        (!State || (schedule.State ?? "ENABLED") === State),
    );
    return {
      Schedules: found.slice(from, from + MaxResults).map((schedule) => {
        const { Arn, GroupName, Name, State, CreationDate, LastModificationDate, Target } = toApi(schedule);
        return { Arn, GroupName, Name, State, CreationDate, LastModificationDate, Target: { Arn: Target!.Arn } };
      }),
      ...(from + MaxResults < found.length && { NextToken: String(from + MaxResults) }),
    };
  }

  #arm(schedule: StoredSchedule): void {
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

  #fire(schedule: StoredSchedule, dueMs: number): void {
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

  #find(group: string | undefined, name: string): StoredSchedule {
    const schedule = this.#read(idOf(group, name));
    if (!schedule) throw new ServiceError("ResourceNotFoundException", `Schedule ${name} does not exist.`, 404);
    return schedule;
  }

  #read(id: string): StoredSchedule | undefined {
    const row = this.#store.get<{ body: string }>("SELECT body FROM schedules WHERE id = ?", id);
    return row && revive(row.body);
  }

  #all(): StoredSchedule[] {
    return this.#store.all<{ body: string }>("SELECT body FROM schedules ORDER BY id").map(({ body }) => revive(body));
  }
}

const idOf = (group: string | undefined, name: string) => `${group ?? DEFAULT_GROUP}/${name}`;

function revive(body: string): StoredSchedule {
  const schedule = JSON.parse(body) as StoredSchedule;
  for (const key of ["StartDate", "EndDate"] as const) if (schedule[key]) schedule[key] = new Date(schedule[key]);
  return schedule;
}

function nextOf(schedule: StoredSchedule, afterMs: number): number | undefined {
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

function toApi({ arn, createdMs, modifiedMs, ClientToken: _, ...rest }: StoredSchedule): api.GetScheduleOutput {
  return {
    State: "ENABLED",
    ScheduleExpressionTimezone: "UTC",
    ActionAfterCompletion: "NONE",
    ...rest,
    Arn: arn,
    CreationDate: new Date(createdMs),
    LastModificationDate: new Date(modifiedMs),
  };
}
