/**
 * The five buckets. All are closed to the public, refuse plain HTTP and are encrypted.
 *
 * Encryption is SSE-S3 (AES-256, keys of S3): it costs nothing, asks for no grants, cannot be lost apart from the bucket,
 * and is the only kind that load balancers deliver their logs to. A key of one's own would add a second permission to
 * check, at the price of its requests; for the other four buckets it is `kmsMasterKeyId` here, and `kms:Decrypt` and
 * `kms:GenerateDataKey` in `permissions.ts`.
 */
import type { SourceConfig } from "../lake/sources/config.ts";
import config from "../sluice.config.ts";
import { accountId, isProduction, named, partition } from "./names.ts";

type LifecycleRule = aws.types.input.s3.BucketLifecycleConfigurationRule;

interface BucketOptions {
  /** Keeps what an overwrite or a deletion replaces. */
  versioning?: true;
  /** Permissions of others; everybody needs TLS. */
  policy?: sst.aws.BucketArgs["policy"];
  rules: LifecycleRule[];
}

/** 63, less a hyphen and the twelve digits of the account. */
const LONGEST_BUCKET_NAME = 50;

/** Bucket names are global; the account's number keeps ours apart from everybody else's. */
const bucketName = (name: string) => $interpolate`${named(name, LONGEST_BUCKET_NAME).toLowerCase()}-${accountId}`;

/** The ARN of one of these buckets, known before the bucket is there. */
export function bucketArn(name: string): $util.Output<string> {
  return $interpolate`arn:${partition}:s3:::${bucketName(name)}`;
}

/** In prod a bucket outlives the stage, and so does what protects it. */
const options = { retainOnDelete: isProduction };

function bucket(name: string, { versioning, policy, rules }: BucketOptions): sst.aws.Bucket {
  const made = new sst.aws.Bucket(
    `${name}Bucket`,
    {
      ...(versioning ? { versioning } : {}),
      ...(policy ? { policy } : {}),
      // Without `false` any web page could call it from a browser.
      cors: false,
      transform: {
        bucket: {
          bucket: bucketName(name),
          forceDestroy: !isProduction,
        },
      },
    },
    options,
  );
  new aws.s3.BucketServerSideEncryptionConfiguration(
    `${name}Encryption`,
    {
      bucket: made.name,
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    },
    options,
  );
  new aws.s3.BucketLifecycleConfiguration(
    `${name}Lifecycle`,
    {
      bucket: made.name,
      rules: [
        {
          id: "abandoned-uploads",
          status: "Enabled",
          filter: {},
          abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
        },
        ...rules,
      ],
    },
    options,
  );
  return made;
}

const expireAfter = (days: number, prefix?: string): LifecycleRule => ({
  id: prefix ? `expire-${prefix.replaceAll("/", "")}` : "expire",
  status: "Enabled",
  filter: prefix ? { prefix } : {},
  expiration: { days },
});

const { rawInfrequentAccessDays, rawDays, quarantineDays, athenaResultDays, reportDays } = config.retention;

/** Days that a version of a raw object stays after it was overwritten or deleted. */
const NONCURRENT_DAYS = 30;

interface Delivery {
  service: string;
  /** They put the account whose logs they are into the key; S3 does not. */
  accountInKey: boolean;
  /** It looks whose bucket it is before it delivers for the first time. */
  readsBucketAcl?: true;
}

const loadBalancing: Delivery = { service: "logdelivery.elasticloadbalancing.amazonaws.com", accountInKey: true };
const vendedLogs: Delivery = { service: "delivery.logs.amazonaws.com", accountInKey: true, readsBucketAcl: true };

/**
 * The service that delivers the logs of a format by itself; undefined where somebody puts them into the bucket.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/enable-access-logs.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
 */
const DELIVERY: Record<SourceConfig["format"], Delivery | undefined> = {
  alb: loadBalancing,
  "alb-connection": loadBalancing,
  "alb-health-check": loadBalancing,
  "elb-classic": loadBalancing,
  nlb: vendedLogs,
  cloudfront: vendedLogs,
  "cloudfront-json": vendedLogs,
  // By Firehose, whose role needs the permission.
  "cloudfront-realtime": undefined,
  "s3-access": { service: "logging.s3.amazonaws.com", accountInKey: false },
  json: undefined,
  csv: undefined,
  text: undefined,
};

const ofThisAccount = { test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] };
const service = (name: string) => [{ type: "service" as const, identifiers: [name] }];

/** Lets AWS deliver a source's logs below its prefix, those of this account only. */
function deliveryOf({ format, prefix }: SourceConfig) {
  const delivery = DELIVERY[format];
  if (!delivery) return [];
  return [
    {
      principals: service(delivery.service),
      actions: ["s3:PutObject"],
      paths: [delivery.accountInKey ? $interpolate`${prefix}AWSLogs/${accountId}/*` : `${prefix}*`],
      conditions: delivery.accountInKey ? [] : [ofThisAccount],
    },
  ];
}

/** Lets the services that ask for it see the access list of the bucket. */
function bucketAclFor(sources: SourceConfig[]) {
  const readers = sources.map(({ format }) => DELIVERY[format]).filter((delivery) => delivery?.readsBucketAcl);
  return [...new Set(readers.map((delivery) => delivery!.service))].map((name) => ({
    principals: service(name),
    actions: ["s3:GetBucketAcl"],
    paths: [""],
    conditions: [
      ofThisAccount,
      // CloudFront's deliveries come from us-east-1, whichever region this is.
      { test: "ArnLike", variable: "aws:SourceArn", values: [$interpolate`arn:${partition}:logs:*:${accountId}:*`] },
    ],
  }));
}

/** Cheaper tiers that read at once. S3 refuses a move that would come when the object is gone. */
const cheaperTiers = [
  { days: rawInfrequentAccessDays, storageClass: "STANDARD_IA" },
  { days: rawInfrequentAccessDays + 90, storageClass: "GLACIER_IR" },
].filter(({ days }) => days < (rawDays ?? Number.POSITIVE_INFINITY));

/** The logs as delivered, which nobody can make again: versioned, and moved to cheaper tiers. */
export const raw = bucket("Raw", {
  versioning: true,
  policy: [...Object.values(config.sources).flatMap(deliveryOf), ...bucketAclFor(Object.values(config.sources))],
  rules: [
    {
      id: "cheaper-tiers",
      status: "Enabled",
      filter: {},
      transitions: cheaperTiers,
      noncurrentVersionExpiration: { noncurrentDays: NONCURRENT_DAYS },
    },
    ...(rawDays
      ? [
          expireAfter(rawDays),
          // What expires leaves a mark behind, and S3 takes this setting in a rule of its own only.
          {
            id: "delete-markers",
            status: "Enabled",
            filter: {},
            expiration: { expiredObjectDeleteMarker: true },
          },
        ]
      : []),
  ],
});

/** The Parquet files. Made from raw, so no versions: a batch that is run again writes the same keys. */
export const lake = bucket("Lake", { rules: [] });

/** Objects that pass between the tasks of one execution. A day is enough to redrive a failed one. */
export const staging = bucket("Staging", { rules: [expireAfter(1)] });

/** Rejected lines as Parquet, and quarantined objects with their reason. */
export const quarantine = bucket("Quarantine", { rules: [expireAfter(quarantineDays)] });

/** `athena/` is scratch; `reports/` is kept, unless the configuration says for how long. */
export const results = bucket("Results", {
  rules: [expireAfter(athenaResultDays, "athena/"), ...(reportDays ? [expireAfter(reportDays, "reports/")] : [])],
});
