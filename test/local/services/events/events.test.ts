import { describe, expect, it } from "vitest";
import { realClock } from "../../../../engine/index.ts";
import { Deliveries } from "../../../../local/delivery/deliveries.ts";
import { EventBus } from "../../../../local/services/events/event-bus.ts";
import { eventMatcher } from "../../../../local/services/events/pattern.ts";
import { eventsService } from "../../../../local/services/events/service.ts";
import { Store } from "../../../../local/store.ts";

const event = {
  source: "aws.states",
  "detail-type": "Step Functions Execution Status Change",
  detail: { status: "FAILED", name: "run-7", code: 42, tags: ["a", "b"], cause: null, nested: { key: "logs/x.gz" } },
};
const matches = (pattern: object) => eventMatcher(JSON.stringify(pattern))(event);

describe("an event pattern", () => {
  it("matches when each field has one of the values listed", () => {
    expect(matches({ source: ["aws.states"], detail: { status: ["FAILED", "TIMED_OUT"] } })).toBe(true);
    expect(matches({ source: ["aws.states"], detail: { status: ["SUCCEEDED"] } })).toBe(false);
    expect(matches({ detail: { tags: ["b"] } })).toBe(true);
    expect(matches({ detail: { cause: [null] } })).toBe(true);
  });

  it.each([
    [{ detail: { name: [{ prefix: "run-" }] } }, true],
    [{ detail: { nested: { key: [{ suffix: ".gz" }] } } }, true],
    [{ detail: { nested: { key: [{ wildcard: "logs/*.gz" }] } } }, true],
    [{ detail: { status: [{ "anything-but": ["FAILED"] }] } }, false],
    [{ detail: { status: [{ "anything-but": { prefix: "SUC" } }] } }, true],
    [{ detail: { code: [{ numeric: [">", 40, "<=", 42] }] } }, true],
    [{ detail: { code: [{ numeric: ["<", 42] }] } }, false],
    [{ detail: { missing: [{ exists: false }] } }, true],
    [{ detail: { status: [{ exists: false }] } }, false],
    [{ detail: { status: [{ "equals-ignore-case": "failed" }] } }, true],
    [{ $or: [{ source: ["other"] }, { detail: { code: [42] } }] }, true],
  ])("understands %j", (pattern, expected) => {
    expect(matches(pattern)).toBe(expected);
  });

  it("refuses an operator it does not know, by name", () => {
    expect(() => matches({ source: [{ resembles: "x" }] })).toThrow(/Unrecognized match type resembles at source/);
  });
});

describe("the event bus", () => {
  const context = { region: "eu-central-1", accountId: "111122223333", now: () => Date.parse("2026-01-17T10:00:00Z") };
  const queue = "arn:aws:sqs:eu-central-1:111122223333:alerts";

  async function received(target: object, entries: object[]) {
    const store = new Store(":memory:");
    const bodies: string[] = [];
    const deliveries = new Deliveries({
      store,
      clock: realClock,
      log: () => {},
      async call(_, operation, input) {
        if (operation === "SendMessage") bodies.push((input as { MessageBody: string }).MessageBody);
        return { QueueUrl: "http://127.0.0.1/alerts" };
      },
    });
    deliveries.start();
    const service = eventsService({ bus: new EventBus({ store, deliveries }) });
    await service.operations.PutRule!({ Name: "batches", EventPattern: '{"source":["sluice"]}' }, context);
    await service.operations.PutTargets!({ Rule: "batches", Targets: [{ Id: "1", Arn: queue, ...target }] }, context);
    const answer = await service.operations.PutEvents!({ Entries: entries }, context);
    await new Promise((done) => setTimeout(done, 20));
    await deliveries.close();
    return { answer, bodies: bodies.map((body) => JSON.parse(body)) };
  }

  it("hands a matching event to the target, and no other", async () => {
    const { bodies } = await received({}, [
      { Source: "sluice", DetailType: "Batch recorded", Detail: '{"rows":3}' },
      { Source: "other", DetailType: "Batch recorded", Detail: "{}" },
    ]);
    expect(bodies).toMatchObject([
      {
        version: "0",
        source: "sluice",
        "detail-type": "Batch recorded",
        time: "2026-01-17T10:00:00Z",
        detail: { rows: 3 },
      },
    ]);
  });

  it("fills a target's template: text inside quotes, JSON outside", async () => {
    const transformer = {
      InputPathsMap: { rows: "$.detail.rows", source: "$.source" },
      InputTemplate: '{"subject": "<source>: <rows> rows", "rows": <rows>, "all": <aws.events.event.json>}',
    };
    const { bodies } = await received({ InputTransformer: transformer }, [
      { Source: "sluice", DetailType: "d", Detail: '{"rows":3}' },
    ]);
    expect(bodies[0]).toMatchObject({ subject: "sluice: 3 rows", rows: 3, all: { source: "sluice" } });
  });

  it("refuses entries one by one, as AWS does", async () => {
    const { answer } = await received({}, [
      { Source: "sluice", DetailType: "d", Detail: "no json" },
      { Source: "aws.s3", DetailType: "d", Detail: "{}" },
      { Source: "sluice", DetailType: "d", Detail: "{}" },
    ]);
    expect(answer).toMatchObject({
      FailedEntryCount: 2,
      Entries: [
        { ErrorCode: "MalformedDetail" },
        { ErrorCode: "NotAuthorizedForSourceException" },
        { EventId: expect.any(String) },
      ],
    });
  });
});
