import { describe, expect, it } from "vitest";
import { statements } from "../../stacks/synth/graph.ts";
import { elsewhere, local, prod } from "./stages.ts";

const BUCKETS = ["Raw", "Lake", "Staging", "Quarantine", "Results"];

function rulesOf(name: string) {
  return prod.one("aws:s3/bucketLifecycleConfiguration", `${name}Lifecycle`).inputs.rules;
}

it("there are five buckets", () => {
  expect(
    prod
      .all("aws:s3/bucket")
      .map(({ name }) => name)
      .sort(),
  ).toEqual(BUCKETS.map((name) => `${name}BucketBucket`).sort());
});

describe.each(BUCKETS)("the bucket %s", (name) => {
  const bucket = prod.one("aws:s3/bucket", `${name}BucketBucket`);

  it("is encrypted", () => {
    expect(prod.one("aws:s3/bucketServerSideEncryptionConfiguration", `${name}Encryption`).inputs).toEqual({
      bucket: bucket.attributes.id,
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    });
  });

  it("is closed to the public", () => {
    expect(prod.one("aws:s3/bucketPublicAccessBlock", `${name}BucketPublicAccessBlock`).inputs).toEqual({
      bucket: bucket.attributes.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
  });

  it("refuses plain HTTP, and lets nobody but the log services in", () => {
    const policy = prod.one("aws:s3/bucketPolicy", `${name}BucketPolicy`).inputs;
    expect(policy.bucket).toBe(bucket.attributes.id);
    const [deny, ...others] = statements(policy.policy);
    expect(deny).toEqual({
      Effect: "Deny",
      Principal: "*",
      Action: ["s3:*"],
      Resource: [bucket.attributes.arn, `${bucket.attributes.arn}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
    const mayDeliver = (service: string, folder: string) => ({
      Effect: "Allow",
      Principal: { Service: service },
      Action: ["s3:PutObject"],
      Resource: [`${bucket.attributes.arn}/${folder}/AWSLogs/111122223333/*`],
    });
    const mayReadAcl = {
      Effect: "Allow",
      Principal: { Service: "delivery.logs.amazonaws.com" },
      Action: ["s3:GetBucketAcl"],
      Resource: [bucket.attributes.arn],
      Condition: {
        StringEquals: { "aws:SourceAccount": "111122223333" },
        ArnLike: { "aws:SourceArn": "arn:aws:logs:*:111122223333:*" },
      },
    };
    expect(others).toEqual(
      name === "Raw"
        ? [
            mayDeliver("delivery.logs.amazonaws.com", "cloudfront"),
            mayDeliver("logdelivery.elasticloadbalancing.amazonaws.com", "alb"),
            mayReadAcl,
          ]
        : [],
    );
  });

  it("clears abandoned uploads away", () => {
    expect(rulesOf(name)).toContainEqual(
      expect.objectContaining({ status: "Enabled", abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } }),
    );
  });

  it("outlives the stage in prod only, with what protects it", () => {
    const kept = (graph: typeof prod) =>
      graph.resources
        .filter(({ inputs, attributes }) =>
          [inputs.bucket, attributes.bucket].includes(graph.one("aws:s3/bucket", `${name}BucketBucket`).attributes.id),
        )
        .filter(({ type }) => type !== "aws:s3/bucketNotification:BucketNotification")
        .map(({ options }) => options.retainOnDelete);
    expect(new Set(kept(prod))).toEqual(new Set([true]));
    expect(new Set(kept(local))).toEqual(new Set([false]));
    expect(bucket.inputs.forceDestroy).toBe(false);
  });
});

describe("logs that AWS delivers by itself", () => {
  const policy = statements(elsewhere.one("aws:s3/bucketPolicy", "RawBucketPolicy").inputs.policy);
  const raw = elsewhere.arn("aws:s3/bucket", "RawBucketBucket");
  const services = (action: string, resource: RegExp) =>
    policy
      .filter(({ Action, Resource }) => Action.includes(action) && Resource.some((arn) => resource.test(arn)))
      .map(({ Principal }) => (Principal as { Service: string }).Service);

  // What AWS's documentation of each log asks of the bucket.
  it.each([
    ["alb", "logdelivery.elasticloadbalancing.amazonaws.com"],
    ["alb-connection", "logdelivery.elasticloadbalancing.amazonaws.com"],
    ["alb-health-check", "logdelivery.elasticloadbalancing.amazonaws.com"],
    ["elb-classic", "logdelivery.elasticloadbalancing.amazonaws.com"],
    ["nlb", "delivery.logs.amazonaws.com"],
    ["cloudfront", "delivery.logs.amazonaws.com"],
    ["cloudfront-json", "delivery.logs.amazonaws.com"],
    ["s3-access", "logging.s3.amazonaws.com"],
  ])("%s may come from %s", (format, service) => {
    expect(services("s3:PutObject", new RegExp(`/in/${format}/`))).toEqual([service]);
  });

  it.each(["cloudfront-realtime", "json", "csv", "text"])("%s comes from no service", (format) => {
    expect(services("s3:PutObject", new RegExp(`/in/${format}/`))).toEqual([]);
  });

  it("come after a look at the bucket's access list, where the service takes one", () => {
    expect(services("s3:GetBucketAcl", new RegExp(`^${raw}$`))).toEqual(["delivery.logs.amazonaws.com"]);
  });

  it("are of this account only", () => {
    const others = policy.filter(({ Effect, Resource, Condition }) => {
      const byKey = Resource.every((arn) => arn.includes("/AWSLogs/111122223333/"));
      return Effect === "Allow" && !byKey && Condition?.StringEquals?.["aws:SourceAccount"] !== "111122223333";
    });
    expect(others).toEqual([]);
  });
});

it("raw keeps every version and moves to cheaper tiers; nothing there expires", () => {
  expect(prod.one("aws:s3/bucketVersioning", "RawBucketVersioning").inputs.versioningConfiguration).toEqual({
    status: "Enabled",
  });
  const rules = rulesOf("Raw");
  expect(rules.flatMap((rule: { transitions?: unknown[] }) => rule.transitions ?? [])).toEqual([
    { days: 30, storageClass: "STANDARD_IA" },
    { days: 120, storageClass: "GLACIER_IR" },
  ]);
  expect(rules.filter((rule: object) => "expiration" in rule)).toEqual([]);
});

it("raw and reports expire where the configuration says so, and nothing moves that is gone by then", () => {
  const rules = (name: string) => elsewhere.one("aws:s3/bucketLifecycleConfiguration", `${name}Lifecycle`).inputs.rules;
  const raw = rules("Raw");
  expect(raw.flatMap((rule: { transitions?: unknown[] }) => rule.transitions ?? [])).toEqual([
    { days: 30, storageClass: "STANDARD_IA" },
  ]);
  expect(raw).toContainEqual({ id: "expire", status: "Enabled", filter: {}, expiration: { days: 100 } });
  expect(raw).toContainEqual(expect.objectContaining({ expiration: { expiredObjectDeleteMarker: true } }));
  const reports = { prefix: "reports/" };
  const expected = { id: "expire-reports", status: "Enabled", filter: reports, expiration: { days: 365 } };
  expect(rules("Results")).toContainEqual(expected);
});

it("staging, quarantine and Athena's results expire, reports do not", () => {
  const expirations = (name: string) =>
    rulesOf(name)
      .filter((rule: object) => "expiration" in rule)
      .map(({ filter, expiration }: { filter: { prefix?: string }; expiration: { days: number } }) => [
        filter.prefix,
        expiration.days,
      ]);
  expect(expirations("Staging")).toEqual([[undefined, 1]]);
  expect(expirations("Quarantine")).toEqual([[undefined, 90]]);
  expect(expirations("Results")).toEqual([["athena/", 30]]);
  expect(expirations("Lake")).toEqual([]);
});

describe("the ledger", () => {
  it("can be restored, and cannot be deleted by accident in prod", () => {
    const { inputs, options } = prod.one("aws:dynamodb/table", "LedgerTable");
    expect(inputs).toMatchObject({
      billingMode: "PAY_PER_REQUEST",
      hashKey: "pk",
      rangeKey: "sk",
      pointInTimeRecovery: { enabled: true },
      deletionProtectionEnabled: true,
      ttl: { attributeName: "expiresAt", enabled: true },
    });
    expect(options.retainOnDelete).toBe(true);
    expect(local.one("aws:dynamodb/table", "LedgerTable").options.retainOnDelete).toBe(false);
  });
});
