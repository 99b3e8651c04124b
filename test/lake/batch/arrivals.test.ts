import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arrivalsOf, ingestInput, isFolder, MixedArrivals } from "../../../lake/batch/arrivals.ts";
import { defineLake } from "../../../lake/sources/config.ts";

const config = defineLake({
  sources: { cloudfront: { format: "cloudfront", prefix: "cloudfront/" }, alb: { format: "alb", prefix: "alb/" } },
  alertRecipients: ["someone@example.com"],
});

const message = (key: string, object: object = {}) => ({
  messageId: "m",
  body: JSON.stringify({
    Records: [{ s3: { bucket: { name: "raw" }, object: { key, size: 10, eTag: "e", ...object } } }],
  }),
});

describe("arrivalsOf", () => {
  it("counts what is passed over and names the rest with its source", () => {
    const arrivals = arrivalsOf(
      [
        message("alb/a.gz"),
        message("alb/b+c.gz"),
        message("alb/logs/", { size: 38 }),
        message("alb/nothing.gz", { size: 0 }),
        { messageId: "t", body: '{"Event":"s3:TestEvent"}' },
      ],
      config,
    );
    expect(arrivals.source).toBe("alb");
    expect(arrivals.objects.map(({ key }) => key)).toEqual(["alb/a.gz", "alb/b c.gz", "alb/logs/", "alb/nothing.gz"]);
    expect(arrivals.passedOver).toEqual({
      ...{ duplicates: 0, testEvents: 1, folders: 0, emptyObjects: 0, inFlight: 0, vanished: 0, misdelivered: 0 },
    });
  });

  it("keeps the latest version of an object that is told of twice, whatever order they come in", () => {
    const older = message("alb/a.gz", { eTag: "old", sequencer: "01" });
    const newer = message("alb/a.gz", { eTag: "new", sequencer: "02" });
    for (const records of [
      [older, newer],
      [newer, older],
    ]) {
      const { objects, passedOver } = arrivalsOf(records, config);
      expect(objects.map(({ etag }) => etag)).toEqual(["new"]);
      expect(passedOver.duplicates).toBe(1);
    }
  });

  it("has no source when nothing is left", () => {
    const testEvent = { messageId: "t", body: '{"Event":"s3:TestEvent"}' };
    expect(arrivalsOf([testEvent], config)).toMatchObject({ source: undefined, objects: [], misdelivered: [] });
  });

  it("refuses objects that a person names for another source, or outside of the raw bucket", () => {
    const objects = [{ bucket: "raw", key: "alb/a" }];
    expect(() => arrivalsOf({ source: "cloudfront", objects }, config)).toThrow(/prefix of source "cloudfront"/);
    expect(() => arrivalsOf({ source: "alb", objects }, config, { rawBucket: "mine" })).toThrow(MixedArrivals);
  });

  it("takes keys that a person names as they are", () => {
    const objects = [{ bucket: "raw", key: "alb/a+b%20c" }];
    expect(arrivalsOf({ source: "alb", objects }, config).objects).toEqual(objects);
  });
});

describe("messages that have no business in a queue", () => {
  const place = {
    rawBucket: "raw",
    accountId: "111122223333",
    queues: { alb: "lake-AlbIntake", cloudfront: "lake-CloudfrontIntake" },
  };
  const queued = (body: string, account = "111122223333") => ({
    messageId: body.slice(0, 5),
    body,
    eventSourceARN: `arn:aws:sqs:eu-central-1:${account}:lake-AlbIntake`,
  });
  const of = (key: string, bucket = "raw") =>
    JSON.stringify({ Records: [{ s3: { bucket: { name: bucket }, object: { key, size: 10, eTag: "e" } } }] });
  const bad: [body: string, cause: RegExp][] = [
    ["not JSON", /it is not an event of S3/],
    ['{"Records":[{"dynamodb":{}}]}', /tells of no new object/],
    [of("alb/theirs", "another"), /s3:\/\/another\/alb\/theirs is not in the raw bucket, raw/],
    [of("nobody/a"), /not lie under the prefix of any source/],
    [of("cloudfront/a"), /not lie under the prefix of source "alb" but of "cloudfront"/],
  ];

  it.each(bad)("%s costs itself and no message beside it, and its cause is known", (body, cause) => {
    const arrivals = arrivalsOf([queued(of("alb/1")), queued(body), queued(of("alb/2"))], config, place);
    expect(arrivals.objects.map(({ key }) => key)).toEqual(["alb/1", "alb/2"]);
    expect(arrivals.source).toBe("alb");
    expect(arrivals.misdelivered).toEqual([{ messageId: body.slice(0, 5), body, cause: expect.stringMatching(cause) }]);
    expect(arrivals.passedOver.misdelivered).toBe(1);
  });

  it("knows the source by the queue, also when no message is good", () => {
    const arrivals = arrivalsOf([queued(of("cloudfront/a"))], config, place);
    expect(arrivals).toMatchObject({ source: "alb", objects: [], misdelivered: [{ messageId: '{"Rec' }] });
  });

  it("takes nothing from a queue of another account", () => {
    const arrivals = arrivalsOf([queued(of("alb/1")), queued(of("alb/2"), "999999999999")], config, place);
    expect(arrivals.objects.map(({ key }) => key)).toEqual(["alb/1"]);
    expect(arrivals.misdelivered).toMatchObject([{ cause: expect.stringContaining("queue of another account") }]);
  });

  it("takes the source of the objects where the queue is not known, and fails where nothing tells one", () => {
    const [a, b] = ["alb/1", "cloudfront/1"].map((key) => ({ messageId: key, body: of(key) }));
    const none = { messageId: "1", body: "no event" };
    expect(arrivalsOf([none, a!], config)).toMatchObject({ source: "alb", misdelivered: [none] });
    expect(() => arrivalsOf([a!, b!], config)).toThrow(/several sources/);
    expect(() => arrivalsOf([none], config)).toThrow(/not an event of S3/);
  });

  it("loses no message: each is read, counted or listed, whatever its body", () => {
    const bodies = fc.array(
      fc.oneof(
        fc.nat(3).map((n) => of(`alb/${n}`)),
        fc.constantFrom(...bad.map(([body]) => body)),
        fc.json(),
        fc.string(),
        fc.constant('{"Event":"s3:TestEvent"}'),
      ),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(bodies, (texts) => {
        const { objects, passedOver, misdelivered } = arrivalsOf(
          texts.map((text) => queued(text)),
          config,
          place,
        );
        expect(objects.length + passedOver.duplicates + passedOver.testEvents + misdelivered.length).toBe(texts.length);
        for (const { key } of objects) expect(key).toMatch(/^alb\/[0-3]$/);
      }),
    );
  });
});

describe("isFolder", () => {
  it.each([
    ["alb/", 0, true],
    ["alb/2026/logs/", 0, true],
    ["alb/2026/logs/", 38, false],
    ["alb/a.gz", 0, false],
  ])("%s of %i bytes: %s", (key, sizeBytes, expected) => {
    expect(isFolder({ key, sizeBytes })).toBe(expected);
  });
});

describe("ingestInput", () => {
  const object = { bucket: "raw", key: "alb/a" };
  it.each([
    [[{ messageId: "1", body: "{}", eventSourceARN: "arn" }], true],
    [{ source: "alb", objects: [object] }, true],
    [{ batchId: "0123456789abcdef", force: true, AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: "x" }, true],
    [[], false],
    [{ source: "alb", objects: [] }, false],
    [{ source: "alb", objects: Array.from({ length: 1001 }, () => object) }, false],
    [{}, false],
  ])("%#: knows its three shapes", (input, isOne) => {
    expect(ingestInput.safeParse(input).success).toBe(isOne);
  });
});
