import { describe, expect, it } from "vitest";
import { isOfEnvironment, reading, refusalOf, withTellingName } from "../../../lake/batch/failure.ts";
import { CorruptArchive, ObjectUnreadable, ObjectVanished } from "../../../lake/errors.ts";

const object = { bucket: "raw", key: "alb/a.gz", etag: "e" };
/** An error as a client of AWS's SDK throws it. */
const answered = (name: string, httpStatusCode: number, $fault = httpStatusCode < 500 ? "client" : "server") =>
  Object.assign(new Error(`${name} it is`), { name, $fault, $metadata: { httpStatusCode } });
const broken = (code: string) => Object.assign(new Error("socket hang up"), { code });

const ofEnvironment = [
  answered("SlowDown", 503),
  answered("ThrottlingException", 400),
  answered("RequestTimeout", 400),
  answered("ProvisionedThroughputExceededException", 400),
  answered("InternalError", 500),
  answered("UnknownError", 502),
  answered("Unknown", 429),
  Object.assign(new Error("late"), { name: "TimeoutError" }),
  ...["ECONNRESET", "EPIPE", "ETIMEDOUT", "EAI_AGAIN", "ERR_STREAM_PREMATURE_CLOSE"].map(broken),
];

describe("failures of the environment", () => {
  it.each(ofEnvironment)("%s is no object's fault, and has a name that is retried", async (error) => {
    expect(isOfEnvironment(error)).toBe(true);
    expect(refusalOf(error, object)).toBe(error);
    await expect(reading(object, () => Promise.reject(error))).rejects.toBe(error);
    const { name, message } = withTellingName(error) as Error;
    expect(name).toBe(/Unknown|^Error$/.test(error.name) ? "ServiceUnavailable" : error.name);
    expect(message).toContain(error.message);
  });

  it.each(["ExpiredToken", "SignatureDoesNotMatch", "InvalidAccessKeyId"])(
    "%s is a refusal of us and not of the object",
    async (name) => {
      const error = answered(name, 403);
      expect(refusalOf(error, object)).toBe(error);
      await expect(reading(object, () => Promise.reject(error))).rejects.toBe(error);
      expect(withTellingName(error)).toBe(error);
    },
  );
});

describe("failures of one object", () => {
  it.each([
    ["InvalidObjectState", 403],
    ["AccessDenied", 403],
    ["KMS.DisabledException", 400],
    ["KMS.KMSInvalidStateException", 400],
    ["InvalidRequest", 400],
    ["PermanentRedirect", 301],
    ["Unknown", 400],
  ])("%s (%i) is ObjectUnreadable, and says what S3 said", (name, status) => {
    const refusal = refusalOf(answered(name, status), object) as Error;
    expect(refusal).toBeInstanceOf(ObjectUnreadable);
    expect(refusal.message).toContain(`s3://raw/alb/a.gz: ${name} (${status}): ${name} it is`);
  });

  it.each([
    ["NoSuchKey", 404],
    ["PreconditionFailed", 412],
  ])("%s (%i) is ObjectVanished", (name, status) => {
    expect(refusalOf(answered(name, status), object)).toBeInstanceOf(ObjectVanished);
  });

  it("keeps the name of errors of ours, and makes ReadFailed of what nobody foresaw", async () => {
    const known = new CorruptArchive(object, "its checksum is wrong");
    await expect(reading(object, () => Promise.reject(known))).rejects.toBe(known);
    for (const error of [new TypeError("x is undefined"), new RangeError("Invalid string length"), "a text"])
      await expect(reading(object, () => Promise.reject(error))).rejects.toMatchObject({
        name: "ReadFailed",
        message: expect.stringMatching(/s3:\/\/raw\/alb\/a\.gz failed: (TypeError: x|RangeError: Inv|a text)/),
      });
    expect(await reading(object, () => 7)).toBe(7);
  });
});
