import { describe, expect, it } from "vitest";
import { arrivalsOf, ingestInput, MixedArrivals } from "../../../lake/batch/arrivals.ts";
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
        message("alb/"),
        message("alb/nothing.gz", { size: 0 }),
        { messageId: "t", body: '{"Event":"s3:TestEvent"}' },
      ],
      config,
    );
    expect(arrivals.source).toBe("alb");
    expect(arrivals.objects.map(({ key }) => key)).toEqual(["alb/a.gz", "alb/b c.gz", "alb/nothing.gz"]);
    expect(arrivals.passedOver).toEqual({ duplicates: 0, testEvents: 1, folders: 1, emptyObjects: 0, inFlight: 0 });
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
    expect(arrivalsOf([message("alb/")], config)).toMatchObject({ source: undefined, objects: [] });
  });

  it("refuses objects that cannot be one batch", () => {
    expect(() => arrivalsOf([message("alb/a"), message("cloudfront/a")], config)).toThrow(/several sources/);
    expect(() => arrivalsOf([message("other/a")], config)).toThrow(MixedArrivals);
    const objects = [{ bucket: "raw", key: "alb/a" }];
    expect(() => arrivalsOf({ source: "cloudfront", objects }, config)).toThrow(/prefix of source "cloudfront"/);
  });

  it("takes keys that a person names as they are", () => {
    const objects = [{ bucket: "raw", key: "alb/a+b%20c" }];
    expect(arrivalsOf({ source: "alb", objects }, config).objects).toEqual(objects);
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
