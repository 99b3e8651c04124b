import { afterEach, describe, expect, it } from "vitest";
import { realClock } from "../../../../engine/index.ts";
import { FaultPlan } from "../../../../local/faults.ts";
import { ServiceError } from "../../../../local/service-error.ts";
import { inputBatches, Pipe, type PipeRecord } from "../../../../local/services/pipes/pipe.ts";
import { Queues } from "../../../../local/services/sqs/queues.ts";
import { Store } from "../../../../local/store.ts";

const place = { region: "eu-central-1", accountId: "111122223333" };
const machine = "arn:aws:states:eu-central-1:111122223333:stateMachine:ingest";
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

function setUp({ refuse = false, batchSize = 10, batchingWindowMs = 30 } = {}) {
  const queues = new Queues({ store: new Store(":memory:"), place, now: Date.now, faults: new FaultPlan() });
  queues.create("intake", { VisibilityTimeout: "600" });
  const started: PipeRecord[][] = [];
  const open = () => {
    const pipe = new Pipe(
      { name: "intake", source: queues.arnOf("intake"), target: machine, batchSize, batchingWindowMs },
      {
        queues,
        clock: realClock,
        region: place.region,
        log: () => {},
        async call(_namespace, _operation, input) {
          if (refuse) throw new ServiceError("ExecutionLimitExceeded", "too many");
          started.push(JSON.parse((input as { input: string }).input));
          return {};
        },
      },
    );
    pipe.start();
    stops.push(() => pipe.close());
    return pipe;
  };
  return { queues, started, open };
}

const soon = () => new Promise((done) => setTimeout(done, 150));

describe("a pipe", () => {
  it("hands over what arrives within its window together, and then deletes it", async () => {
    const { queues, started, open } = setUp();
    open();
    for (const body of ["one", "two", "three"]) queues.send("intake", body);
    await soon();
    expect(started.map((batch) => batch.map(({ body }) => body))).toEqual([["one", "two", "three"]]);
    expect(started[0]![0]).toMatchObject({
      eventSource: "aws:sqs",
      eventSourceARN: queues.arnOf("intake"),
      md5OfBody: "f97c5d29941bfb1b2fdab0874906ab82",
      attributes: { ApproximateReceiveCount: "1" },
    });
    expect(queues.counts("intake")).toMatchObject({ visible: 0, inFlight: 0 });
  });

  it("keeps the messages of an execution that did not start", async () => {
    const { queues, open } = setUp({ refuse: true });
    open();
    queues.send("intake", "one");
    await soon();
    expect(queues.counts("intake").inFlight).toBe(1);
  });

  it("takes up at once what a dead process had received", async () => {
    const { queues, started, open } = setUp();
    queues.send("intake", "one");
    queues.receive("intake", 1);
    open();
    await soon();
    expect(started).toHaveLength(1);
  });

  it("gives back what it had gathered when it closes, as if it had not been received", async () => {
    const { queues, started, open } = setUp({ batchingWindowMs: 60_000 });
    const pipe = open();
    queues.send("intake", "one");
    await soon();
    expect(queues.counts("intake").inFlight).toBe(1);
    await pipe.close();
    expect(started).toEqual([]);
    expect(queues.receive("intake", 1)).toMatchObject([{ body: "one", receiveCount: 1 }]);
  });

  it("never hands over more than Step Functions takes as input", () => {
    const record = { body: "x".repeat(100 * 1024) } as PipeRecord;
    const batches = inputBatches(Array(5).fill(record), 100);
    expect(batches.map((batch) => batch.length)).toEqual([2, 2, 1]);
    for (const batch of batches) expect(JSON.stringify(batch).length).toBeLessThan(256 * 1024);
  });
});
