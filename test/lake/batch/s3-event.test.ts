import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeKey, isLater, readS3Message } from "../../../lake/batch/s3-event.ts";

const event = (object: object) =>
  JSON.stringify({ Records: [{ eventVersion: "2.1", s3: { bucket: { name: "raw" }, object } }] });

describe("readS3Message", () => {
  const problemsOf = (body: string) => {
    const message = readS3Message(body);
    if (message.kind === "test") throw new Error("It is a test event");
    return message.problems;
  };

  it("decodes keys as forms are decoded", () => {
    const message = readS3Message(
      event({ key: "cloudfront/a+b%2Bc%20d/%C3%BC.gz", size: 3, eTag: "e", sequencer: "0A" }),
    );
    const objects = message.kind === "event" ? message.objects : [];
    expect(objects[0]).toEqual({
      bucket: "raw",
      key: "cloudfront/a b+c d/ü.gz",
      sizeBytes: 3,
      etag: "e",
      sequencer: "0A",
    });
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
    const body = JSON.stringify({ Service: "Amazon S3", Event: "s3:TestEvent", Bucket: "raw" });
    expect(readS3Message(body)).toEqual({ kind: "test" });
  });

  it.each(["", "{}", "no json", "null", "[]", '{"Records":[]}', '{"Records":7}', '{"source":"aws.s3","detail":{}}'])(
    "has a problem with what S3 does not send: %j",
    (body) => {
      expect(readS3Message(body)).toEqual({ kind: "event", objects: [], problems: ["it is not an event of S3"] });
    },
  );

  const record = { s3: { bucket: { name: "raw" }, object: { key: "a" } } };
  it.each([
    [{ dynamodb: {} }, /^record 0 tells of no new object: s3: /],
    [{ ...record, eventName: "ObjectRemoved:Delete" }, /eventName/],
    [{ ...record, eventName: "s3:ObjectTagging:Put" }, /eventName/],
    [{ ...record, eventSource: "aws:dynamodb" }, /eventSource/],
    [{ s3: { bucket: { name: "raw" }, object: { key: "" } } }, /s3\.object\.key/],
    [{ s3: { bucket: { name: "raw" }, object: { key: "a", size: -1 } } }, /s3\.object\.size/],
    [{ s3: { bucket: { name: "raw" }, object: { key: "%E0%A4%A" } } }, /the key %E0%A4%A is not encoded as S3 does/],
  ])("%#: says what is wrong with a record, and reads the one beside it", (bad, problem) => {
    const body = JSON.stringify({ Records: [bad, record] });
    expect(problemsOf(body)).toEqual([expect.stringMatching(problem)]);
    expect(readS3Message(body)).toMatchObject({ objects: [{ bucket: "raw", key: "a" }] });
  });

  it.each(["ObjectCreated:Put", "ObjectCreated:CompleteMultipartUpload", "s3:ObjectCreated:Copy"])(
    "takes %s",
    (eventName) => {
      expect(problemsOf(JSON.stringify({ Records: [{ ...record, eventSource: "aws:s3", eventName }] }))).toEqual([]);
    },
  );
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
