/**
 * The configuration of a lake in `sluice.config.ts`: what it ingests and reports. It is checked before anything is
 * synthesised; an error names the path, the value and what was expected.
 */
import { z } from "zod";
import { parquetOptions } from "../columns/parquet-options.ts";
import { derivedColumns, deriveIssues } from "../derive/derived-columns.ts";
import { deriveConfig } from "../derive/rule.ts";
import { formatNamed, formatNames } from "../formats/index.ts";
import { piiPolicy, policyIssues } from "../pii/policy.ts";
import { scheduleExpression, timeZone } from "./schedule-expression.ts";

const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, "lower case letters, digits and hyphens, at most 31, starting with a letter");

/** A text for people in Glue's catalog, which takes no control characters. */
const catalogText = (greatestBytes: number) =>
  z
    .string()
    .min(1)
    .refine((text) => !/[\p{Cc}--[\n\t]]/v.test(text), "a text without control characters")
    .refine(
      (text) => new TextEncoder().encode(text).length <= greatestBytes,
      `a text of at most ${greatestBytes} bytes`,
    );

/** When the crawler of a source runs; `true` is the default of both. */
const crawl = z.strictObject({
  /** An EventBridge Scheduler expression. */
  schedule: scheduleExpression.default("cron(30 0 * * ? *)"),
  /** The zone of its hours: an IANA name. */
  timeZone: timeZone.default("UTC"),
});

const source = z.strictObject({
  /** What its rows are, for the people who look at the catalog: the description of its table. */
  description: catalogText(2048).optional(),
  /** Who answers for the data, such as a team. A parameter of its tables in the catalog. */
  steward: catalogText(255).optional(),
  /** Where to ask: a channel, an address, a page. A parameter of its tables in the catalog. */
  contact: catalogText(255).optional(),
  /** The expected format of its objects; an object of a format with another table is quarantined. */
  format: z.enum(formatNames),
  /** Options of the format: columns, event time, delimiter, pattern. `docs/sources.md` lists them by format. */
  formatOptions: z.record(z.string(), z.unknown()).optional(),
  /** Derived columns, by name: parts of a URL, facts about a user agent, fields of the calendar, amounts. */
  derive: deriveConfig.optional(),
  /** The policy for personal data, by column: keep, drop, truncate, hash or scrub. `docs/pii.md` explains it. */
  pii: piiPolicy.optional(),
  /** Compression and encodings of its Parquet files; without it, files that every reader can read. */
  parquet: parquetOptions.optional(),
  /** Where its objects land in the raw bucket; ends in a slash. */
  prefix: z.string().regex(/^([\w.=-]+\/)+$/, 'a folder in the raw bucket that ends in "/", such as "cloudfront/"'),
  /** `window`: objects that arrive together are one batch. `object`: a batch for each object. */
  grouping: z.enum(["window", "object"]).default("window"),
  /** An object that unpacks to more is quarantined (`ArchiveTooLarge`); 100 GiB by default. */
  maxUnpackedBytes: z.int().min(1).optional(),
  /** So is an object that unpacks to more than 64 MiB and to more than this many times its size; 250 by default. */
  maxUnpackedRatio: z.int().min(1).optional(),
  /** How long the pipe gathers objects before it starts `ingest`. */
  batchingWindowSeconds: z.int().min(0).max(300).default(60),
  /** The most objects that the pipe hands to one execution. */
  batchObjects: z.int().min(1).max(100).default(100),
  /** How often the pipe may receive a message and fail to hand it on, before it goes to the dead-letter queue. */
  maxReceives: z.int().min(1).max(1000).default(5),
  /** Share of record lines that must parse; below it the whole batch is refused. 0 accepts any. */
  qualityThreshold: z.number().min(0).max(1).default(0),
  /** Also let a Glue crawler look for partitions: `true` for every day at 00:30 UTC, or when. */
  crawler: z
    .union([z.boolean(), crawl], 'true, false, or { schedule: "cron(0 6 * * ? *)", timeZone: "UTC" }')
    .default(false)
    .transform((value) => (value === true ? crawl.parse({}) : value)),
});

const report = z.strictObject({
  /** Which definition in `reports/` draws it. */
  kind: z.enum(["alb-daily", "cloudfront-daily"]),
  /** The source whose table it reads. */
  source: name,
  title: z.string().min(1).max(80),
  /** IANA name. The report's day runs from midnight to midnight there. */
  timeZone,
  /** When to send yesterday's report, in `timeZone`: an EventBridge Scheduler expression. */
  schedule: scheduleExpression,
  recipients: z.array(z.email()).min(1),
  /** How long the link in the e-mail opens the report. */
  linkDays: z.int().min(1).max(365).default(30),
  /** Names for target groups, by target group name: what the ALB report calls an API. Others appear under their own name. */
  apis: z.record(z.string(), z.string()).default({}),
});

const project = z.strictObject({
  /** The beginning of every name in AWS: `<name>-<stage>-…`. Another name is another lake. */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,14}$/, "lower case letters, digits and hyphens, at most 15, starting with a letter")
    .default("sluice"),
  /** The AWS region of everything; its partition follows from it. */
  region: z
    .string()
    .regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, 'an AWS region such as "eu-central-1"')
    .default("eu-central-1"),
});

export const lake = z
  .strictObject({
    /** What it is called and where it is. */
    project: project.prefault({}),
    /** At least one; the name is also the table's and the folder's in the lake. */
    sources: z.record(name, source).refine((sources) => Object.keys(sources).length > 0, "at least one source"),
    reports: z.record(name, report).default({}),
    /** Addresses that are alarmed by a failed execution or by messages in the dead-letter queue. */
    alertRecipients: z.array(z.email()).min(1),
    retention: z
      .strictObject({
        /** Raw objects move to infrequent access after this many days, and 90 days later to a tier that is cheaper still. */
        rawInfrequentAccessDays: z.int().min(30).default(30),
        /** Raw objects are deleted after this many days. Without it they stay: nobody can make them again. */
        rawDays: z.int().min(1).optional(),
        quarantineDays: z.int().min(1).default(90),
        athenaResultDays: z.int().min(1).default(30),
        /** Published reports are deleted after this many days. Without it they stay. */
        reportDays: z.int().min(1).optional(),
        logDays: z.union([z.literal(7), z.literal(14), z.literal(30), z.literal(90), z.literal(365)]).default(30),
      })
      .prefault({}),
    concurrency: z
      .strictObject({
        /**
         * Copies of a function that may run at a time, by its file in `functions/`. They are set aside for it, so that others
         * cannot take them. Off by default: an account has to keep 100 for the rest, and a new one has ten in all.
         */
        reserved: z.record(z.string(), z.int().min(1)).default({}),
      })
      .prefault({}),
    budgets: z
      .strictObject({
        /** One query may scan at most this much; Athena stops it beyond. */
        queryScanGib: z.int().min(1).default(100),
        /** One query may take at most this long before it is stopped. */
        queryWaitSeconds: z.int().min(10).max(1800).default(900),
      })
      .prefault({}),
  })
  .superRefine((config, context) => {
    for (const [id, { source }] of Object.entries(config.reports))
      if (!(source in config.sources))
        context.addIssue({
          code: "custom",
          path: ["reports", id, "source"],
          input: source,
          message: `one of the sources: ${Object.keys(config.sources).join(", ")}`,
        });
    for (const [id, { linkDays }] of Object.entries(config.reports))
      if (linkDays > (config.retention.reportDays ?? linkDays))
        context.addIssue({
          code: "custom",
          path: ["reports", id, "linkDays"],
          input: linkDays,
          message: `at most retention.reportDays, ${config.retention.reportDays}, because a link opens nothing after that`,
        });
    for (const [id, { format, formatOptions, derive, pii }] of Object.entries(config.sources)) {
      const issues = optionIssues(format, formatOptions);
      for (const issue of issues)
        context.addIssue({ ...issue, code: "custom", path: ["sources", id, "formatOptions", ...issue.path] });
      // Without its options the format cannot name its columns.
      if (issues.length > 0) continue;
      const columns = formatNamed(format).columns(formatOptions);
      for (const issue of derive ? deriveIssues(derive, columns) : [])
        context.addIssue({ ...issue, code: "custom", path: ["sources", id, "derive", ...issue.path] });
      for (const issue of pii ? policyIssues(pii, columns, derivedColumns(derive)) : [])
        context.addIssue({ ...issue, code: "custom", path: ["sources", id, "pii", ...issue.path] });
    }
    const prefixes = Object.entries(config.sources).map(([id, { prefix }]) => ({ id, prefix }));
    for (const a of prefixes)
      for (const b of prefixes)
        if (a.id !== b.id && b.prefix.startsWith(a.prefix))
          context.addIssue({
            code: "custom",
            path: ["sources", b.id, "prefix"],
            input: b.prefix,
            message: `a prefix that does not lie within that of "${a.id}", ${a.prefix}`,
          });
  });

/** Checks the options of a source against its format. */
function optionIssues(format: (typeof formatNames)[number], formatOptions: Record<string, unknown> | undefined) {
  if (formatOptions === undefined) return [];
  const { optionsSchema } = formatNamed(format);
  if (!optionsSchema) return [{ path: [], input: formatOptions, message: `nothing: ${format} has no options` }];
  const checked = optionsSchema.safeParse(formatOptions, { reportInput: true });
  return checked.success ? [] : checked.error.issues.map(({ path, input, message }) => ({ path, input, message }));
}

export type LakeConfig = z.output<typeof lake>;
export type SourceConfig = z.output<typeof source>;
export type ReportConfig = z.output<typeof report>;

/** The configuration is invalid. The message lists each path with its value and what was expected. */
export class InvalidLakeConfig extends Error {
  override readonly name = "InvalidLakeConfig";
  /** What the lake is called and where it is, if at least that holds. */
  readonly project: LakeConfig["project"] | undefined;

  constructor(message: string, project?: LakeConfig["project"]) {
    super(message);
    this.project = project;
  }
}

/**
 * Checks a lake's configuration and fills in its defaults.
 *
 * @throws {InvalidLakeConfig} With one line for each invalid path.
 */
export function defineLake(config: z.input<typeof lake>): LakeConfig {
  const checked = lake.safeParse(config, { reportInput: true });
  if (checked.success) return checked.data;
  const issues = checked.error.issues.map((issue) => ({ ...issue, message: expectationOf(issue) }));
  throw new InvalidLakeConfig(
    `sluice.config.ts does not hold:\n${configIssues(issues)}`,
    project.safeParse(config?.project ?? {}).data,
  );
}

/** A line for each path that does not hold. */
export function configIssues(
  issues: readonly { path: readonly PropertyKey[]; input?: unknown; message: string }[],
): string {
  return issues
    .map(
      ({ path, input, message }) =>
        `  ${path.join(".") || "(top level)"}: is ${JSON.stringify(input)}, expected ${message}`,
    )
    .join("\n");
}

/** The expected value at a path, as it reads after "expected". */
function expectationOf(issue: z.core.$ZodIssue): string {
  // Of a key it is said by what the key's own schema has against it.
  if (issue.code === "invalid_key") return issue.issues.map(({ message }) => message).join(", ");
  if (issue.code === "unrecognized_keys") return `no ${issue.keys.map((key) => `"${key}"`).join(", ")}`;
  // Zod says "Invalid input: expected string, received undefined"; what was found is told already.
  return issue.message.replace(/^[^:]+: expected (.*?)(, received .*)?$/, "$1");
}

/** The source that an object of the raw bucket belongs to, by its key's prefix; undefined when no source claims it. */
export function sourceOfKey(config: LakeConfig, key: string): string | undefined {
  return Object.entries(config.sources).find(([, { prefix }]) => key.startsWith(prefix))?.[0];
}

/** The Glue table that a source's rows are in; its rejected lines are in the table with `_rejected` after it. */
export function tableOf(source: string): string {
  return source.replaceAll("-", "_");
}
