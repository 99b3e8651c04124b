import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../engine/index.ts";
import { Deliveries } from "../../../../local/delivery/deliveries.ts";
import { ServiceError } from "../../../../local/service-error.ts";
import { Schedules } from "../../../../local/services/scheduler/schedules.ts";
import { schedulerService } from "../../../../local/services/scheduler/service.ts";
import { Store } from "../../../../local/store.ts";

const machine = "arn:aws:states:eu-central-1:111122223333:stateMachine:report";
const deadLetters = "arn:aws:sqs:eu-central-1:111122223333:dead";

function setUp(refuse: (attempt: number) => boolean = () => false) {
  const store = new Store(":memory:");
  const clock = new VirtualClock(Date.parse("2026-01-17T00:00:00Z"));
  const context = { region: "eu-central-1", accountId: "111122223333", now: () => clock.now() };
  const calls: { operation: string; input: Record<string, unknown>; at: string }[] = [];
  let attempts = 0;
  const deliveries = new Deliveries({
    store,
    clock,
    log: () => {},
    async call(namespace, operation, input) {
      if (namespace === "states" && refuse(attempts++)) throw new ServiceError("ThrottlingException", "slow down");
      if (operation === "GetQueueUrl") return { QueueUrl: "http://127.0.0.1/queue" };
      calls.push({ operation, input: input as Record<string, unknown>, at: new Date(clock.now()).toISOString() });
      return {};
    },
  });
  const schedules = new Schedules({ store, deliveries, clock });
  deliveries.start();
  schedules.start();
  const create = (input: object) => schedulerService({ schedules }).operations.CreateSchedule!(input, context);
  return { store, clock, calls, create };
}

const daily = {
  Name: "daily",
  ScheduleExpression: "cron(0 6 * * ? *)",
  ScheduleExpressionTimezone: "Europe/Berlin",
  FlexibleTimeWindow: { Mode: "OFF" },
  Target: {
    Arn: machine,
    RoleArn: "arn:aws:iam::111122223333:role/r",
    Input: '{"report":"alb-daily","scheduledTime":"<aws.scheduler.scheduled-time>"}',
    DeadLetterConfig: { Arn: deadLetters },
    RetryPolicy: { MaximumRetryAttempts: 2 },
  },
};

async function pass(clock: VirtualClock, until: string) {
  const end = Date.parse(until);
  let reached = false;
  clock.at(end, () => {
    reached = true;
  });
  await clock.run(() => reached);
}

describe("a schedule", () => {
  it("starts its target at each due time, with the time filled in", async () => {
    const { clock, calls, create } = setUp();
    await create(daily);
    await pass(clock, "2026-01-18T12:00:00Z");
    expect(calls.map(({ operation, input, at }) => [operation, input.input, at])).toEqual([
      ["StartExecution", '{"report":"alb-daily","scheduledTime":"2026-01-17T05:00:00Z"}', "2026-01-17T05:00:00.000Z"],
      ["StartExecution", '{"report":"alb-daily","scheduledTime":"2026-01-18T05:00:00Z"}', "2026-01-18T05:00:00.000Z"],
    ]);
  });

  it("starts nothing while it is disabled", async () => {
    const { clock, calls, create } = setUp();
    await create({ ...daily, State: "DISABLED" });
    await pass(clock, "2026-01-18T12:00:00Z");
    expect(calls).toEqual([]);
  });

  it("tries again under the same name, so that nothing starts twice", async () => {
    const { clock, calls, create } = setUp((attempt) => attempt === 0);
    await create(daily);
    await pass(clock, "2026-01-17T12:00:00Z");
    expect(calls).toHaveLength(1);
    expect(calls[0]!.at).toBe("2026-01-17T05:00:00.500Z");
  });

  it("hands what the target goes on refusing to the dead-letter queue", async () => {
    const { clock, calls, create, store } = setUp(() => true);
    await create(daily);
    await pass(clock, "2026-01-17T12:00:00Z");
    expect(calls.map(({ operation }) => operation)).toEqual(["SendMessage"]);
    expect(store.all("SELECT * FROM deliveries")).toEqual([]);
  });
});
