import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeKey, isLater, NotAnS3Event, readS3Event } from "../../../lake/batch/s3-event.ts";

const event = (object: object) =>
  JSON.stringify({ Records: [{ eventVersion: "2.1", s3: { bucket: { name: "raw" }, object } }] });

describe("readS3Event", () => {
  it("decodes keys as forms are decoded", () => {
    const [object] = readS3Event(
      event({ key: "cloudfront/a+b%2Bc%20d/%C3%BC.gz", size: 3, eTag: "e", sequencer: "0A" }),
    )!;
    expect(object).toEqual({ bucket: "raw", key: "cloudfront/a b+c d/ü.gz", sizeBytes: 3, etag: "e", sequencer: "0A" });
  });

  it("gives back any key as it was put", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (key) => {
        const formEncoded = new URLSearchParams({ key }).toString().slice("key=".length);
        expect(decodeKey(formEncoded)).toBe(key);
      }),
    );
  });

  it("knows the test that S3 sends when notifications are set up", () => {
    expect(readS3Event(JSON.stringify({ Service: "Amazon S3", Event: "s3:TestEvent", Bucket: "raw" }))).toBeUndefined();
  });

  it.each(["", "{}", "no json", '{"Records":[{"dynamodb":{}}]}'])("refuses what S3 does not send: %j", (body) => {
    expect(() => readS3Event(body)).toThrow(NotAnS3Event);
  });
});

describe("isLater", () => {
  const at = (sequencer?: string) => ({ bucket: "b", key: "k", sequencer });

  it("compares sequencers of different lengths as numbers", () => {
    expect(isLater(at("0055AED6DCD90281E5"), at("55AED6DCD90281E4"))).toBe(true);
    expect(isLater(at("9"), at("10"))).toBe(false);
  });

  it("takes the order of arrival where there is no sequencer", () => {
    expect(isLater(at(), at("10"))).toBe(true);
  });
});
