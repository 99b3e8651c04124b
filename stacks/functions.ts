/**
 * The tasks: one function per file of `functions/`, each with the environment and the permissions of what it does and
 * no others. A task is named after its file, so `${write-parquet}` in a state machine is `functions/write-parquet.ts`.
 */
import { configIssues, InvalidLakeConfig } from "../lake/sources/config.ts";
import packageLock from "../package-lock.json";
import config from "../sluice.config.ts";
import { workgroup } from "./athena.ts";
import { crawlers, database, defaultDatabaseArn } from "./catalog.ts";
import { ledger } from "./ledger.ts";
import { mailKey, reports } from "./mail.ts";
import { arnOf, named, pascalCase } from "./names.ts";
import {
  deleteObjects,
  executionsOf,
  listObjects,
  onLedger,
  onLedgerItems,
  readObjects,
  uploadObjects,
  writeObjects,
} from "./permissions.ts";
import { pinnedPackages } from "./pinned-packages.ts";
import type { Statement } from "./roles.ts";
import { piiSecret, readPiiSecret } from "./secrets.ts";
import { lake, quarantine, raw, results, staging } from "./storage.ts";

const environment = {
  RAW_BUCKET: raw.name,
  LAKE_BUCKET: lake.name,
  STAGING_BUCKET: staging.name,
  QUARANTINE_BUCKET: quarantine.name,
  RESULTS_BUCKET: results.name,
  LEDGER_TABLE: ledger.name,
  GLUE_DATABASE: database.name,
  ATHENA_WORKGROUP: workgroup.name,
  REPORTS_TOPIC_ARN: reports.arn,
};

interface FunctionOptions {
  timeout?: sst.aws.FunctionArgs["timeout"];
  memory?: sst.aws.FunctionArgs["memory"];
  /** Variables of the environment it reads. */
  reads: (keyof typeof environment)[];
  extraEnvironment?: Record<string, $util.Input<string>>;
  may: Statement[];
  nodejs?: sst.aws.FunctionArgs["nodejs"];
  copyFiles?: sst.aws.FunctionArgs["copyFiles"];
  url?: sst.aws.FunctionArgs["url"];
}

const LOG_RETENTION = { 7: "1 week", 14: "2 weeks", 30: "1 month", 90: "3 months", 365: "1 year" } as const;

function lambda(
  file: string,
  { timeout, memory, reads, extraEnvironment, may, ...options }: FunctionOptions,
): sst.aws.Function {
  const component = pascalCase(file);
  const name = named(component);
  const reserved = config.concurrency.reserved[file];
  return new sst.aws.Function(component, {
    ...options,
    ...(reserved && { concurrency: { reserved } }),
    handler: `functions/${file}.handler`,
    name,
    runtime: "nodejs24.x",
    architecture: "arm64",
    timeout: timeout ?? "30 seconds",
    memory: memory ?? "512 MB",
    environment: {
      ...Object.fromEntries(reads.map((variable) => [variable, environment[variable]])),
      ...extraEnvironment,
    },
    logging: { format: "json", retention: LOG_RETENTION[config.retention.logDays] },
    permissions: [
      ...may,
      // In place of AWS's managed policy, which lets a function write to every log group.
      {
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [arnOf("logs", `log-group:/aws/lambda/${name}:*`)],
      },
    ] as sst.aws.FunctionArgs["permissions"],
    transform: {
      role: (role) => {
        role.name = named(`${component}Role`);
        role.managedPolicyArns = [];
        // SST lets every principal of the account assume a function's role, for its live mode.
        if (!$dev) role.assumeRolePolicy = aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" });
      },
    },
  });
}

/** Lambda gives CPU by memory: this is one core, which is all that work in one thread can use. */
const ONE_CPU = "1769 MB";

const readRaw = [readObjects(raw), listObjects(raw)];
const readStaging = [readObjects(staging), listObjects(staging)];

/** Glue asks for the right on each level down to the table. */
const ofTheCatalog = [arnOf("glue", "catalog"), database.arn, arnOf("glue", $interpolate`table/${database.name}/*`)];

/** Permissions that Athena uses in the name of whoever starts a query: read the tables, keep the result. */
const runQueries: Statement[] = [
  {
    actions: [
      "glue:GetDatabase",
      "glue:GetTable",
      "glue:GetTables",
      "glue:GetPartition",
      "glue:GetPartitions",
      "glue:BatchGetPartition",
    ],
    resources: ofTheCatalog,
  },
  // Athena looks for the database "default" at every query, whatever the query reads.
  { actions: ["glue:GetDatabase"], resources: [arnOf("glue", "catalog"), defaultDatabaseArn] },
  { actions: ["athena:GetDataCatalog"], resources: [arnOf("athena", "datacatalog/AwsDataCatalog")] },
  readObjects(lake),
  listObjects(lake),
  readObjects(quarantine),
  listObjects(quarantine),
  { actions: ["s3:GetBucketLocation"], resources: [results.arn, lake.arn, quarantine.arn] },
  listObjects(results, "athena/"),
  readObjects(results, "athena/"),
  uploadObjects(results, "athena/"),
];

const athena = (...actions: string[]): Statement => ({ actions, resources: [workgroup.arn] });

/** Publishes to the encrypted topic of the reports. */
const sendMail: Statement[] = [
  { actions: ["sns:Publish"], resources: [reports.arn] },
  { actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [mailKey.arn] },
];

/** Opens the link in a report's e-mail: looks its token up and redirects to the PDF. The one function with a URL. */
export const openReport = lambda("open-report", {
  timeout: "10 seconds",
  reads: ["LEDGER_TABLE"],
  may: [onLedgerItems("link#", "GetItem"), readObjects(results, "reports/")],
  // Whoever holds the link may open the report; the token in it is the key.
  url: { cors: false },
});

/** The queues of `intake.ts` by source. They are made after the functions, so here they have names only. */
const intakeNames = Object.fromEntries(
  Object.keys(config.sources).map((source) => {
    const component = pascalCase(source);
    return [source, { queue: named(`${component}Intake`), deadLetters: named(`${component}IntakeDlq`) }];
  }),
);

export const tasks = {
  // ingest
  "claim-batch": lambda("claim-batch", {
    timeout: "2 minutes",
    reads: ["RAW_BUCKET", "STAGING_BUCKET", "LEDGER_TABLE"],
    extraEnvironment: { INTAKES: JSON.stringify(intakeNames) },
    may: [
      ...readRaw,
      writeObjects(staging),
      // What is no event of S3, or of somebody else's bucket, goes to the dead letters of its source.
      {
        actions: ["sqs:GetQueueUrl", "sqs:SendMessage"],
        resources: Object.values(intakeNames).map(({ deadLetters }) => arnOf("sqs", deadLetters)),
      },
      onLedger("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "BatchWriteItem"),
      { actions: ["states:DescribeExecution"], resources: [executionsOf(named("Ingest"))] },
    ],
  }),
  "detect-format": lambda("detect-format", {
    reads: ["STAGING_BUCKET"],
    may: [...readRaw, ...readStaging],
  }),
  decompress: lambda("decompress", {
    timeout: "15 minutes",
    memory: ONE_CPU,
    reads: ["STAGING_BUCKET"],
    may: [...readRaw, ...readStaging, uploadObjects(staging)],
  }),
  quarantine: lambda("quarantine", {
    timeout: "5 minutes",
    reads: ["STAGING_BUCKET", "QUARANTINE_BUCKET"],
    may: [
      ...readRaw,
      ...readStaging,
      writeObjects(staging),
      // Objects of more than 5 GiB are copied in parts.
      uploadObjects(quarantine),
      // The copy of an object from before its source had a policy for personal data.
      deleteObjects(quarantine),
    ],
  }),
  "plan-chunks": lambda("plan-chunks", {
    timeout: "2 minutes",
    reads: ["STAGING_BUCKET"],
    may: [...readStaging, writeObjects(staging)],
  }),
  parse: lambda("parse", {
    timeout: "10 minutes",
    memory: ONE_CPU,
    reads: ["STAGING_BUCKET", "QUARANTINE_BUCKET"],
    extraEnvironment: { ...(piiSecret && { PII_SECRET_ARN: piiSecret.arn }) },
    may: [...readStaging, writeObjects(staging), writeObjects(quarantine), ...readPiiSecret],
  }),
  "single-out": lambda("single-out", {
    timeout: "2 minutes",
    reads: ["STAGING_BUCKET", "QUARANTINE_BUCKET"],
    may: [...readStaging, writeObjects(staging), writeObjects(quarantine)],
  }),
  "check-quality": lambda("check-quality", {
    timeout: "2 minutes",
    reads: ["STAGING_BUCKET", "LEDGER_TABLE"],
    may: [...readStaging, writeObjects(staging), onLedger("GetItem", "UpdateItem")],
  }),
  "refuse-batch": lambda("refuse-batch", {
    timeout: "2 minutes",
    reads: ["STAGING_BUCKET", "LEDGER_TABLE"],
    may: [...readStaging, onLedger("GetItem", "UpdateItem", "BatchWriteItem")],
  }),
  "write-parquet": lambda("write-parquet", {
    timeout: "10 minutes",
    memory: ONE_CPU,
    reads: ["STAGING_BUCKET", "LAKE_BUCKET"],
    may: [...readStaging, uploadObjects(lake)],
  }),
  record: lambda("record", {
    timeout: "5 minutes",
    reads: ["STAGING_BUCKET", "LAKE_BUCKET", "QUARANTINE_BUCKET", "LEDGER_TABLE"],
    may: [
      ...readStaging,
      // What an earlier run of the batch wrote and this one did not.
      deleteObjects(lake),
      deleteObjects(quarantine),
      listObjects(quarantine),
      onLedger("GetItem", "UpdateItem", "DeleteItem", "BatchWriteItem"),
    ],
  }),

  // catalog
  "register-partitions": lambda("register-partitions", {
    timeout: "2 minutes",
    reads: ["LEDGER_TABLE", "GLUE_DATABASE"],
    may: [onLedger("UpdateItem"), { actions: ["glue:GetTable", "glue:BatchCreatePartition"], resources: ofTheCatalog }],
  }),
  "start-crawler": lambda("start-crawler", {
    reads: [],
    extraEnvironment: {
      CRAWLERS: $jsonStringify(
        Object.fromEntries(Object.entries(crawlers).map(([source, { name }]) => [source, name])),
      ),
    },
    may: crawlerMay("glue:StartCrawler"),
  }),
  "poll-crawler": lambda("poll-crawler", {
    reads: [],
    may: crawlerMay("glue:GetCrawler"),
  }),

  // query
  "run-athena-query": lambda("run-athena-query", {
    timeout: "1 minute",
    reads: ["ATHENA_WORKGROUP", "GLUE_DATABASE"],
    may: [athena("athena:StartQueryExecution"), ...runQueries],
    copyFiles: [{ from: "queries" }],
  }),
  "poll-query": lambda("poll-query", {
    reads: [],
    may: [athena("athena:GetQueryExecution", "athena:StopQueryExecution")],
  }),

  // report
  "plan-report": lambda("plan-report", { reads: [], may: [] }),
  "render-pdf": lambda("render-pdf", {
    timeout: "3 minutes",
    memory: ONE_CPU,
    reads: ["STAGING_BUCKET", "RESULTS_BUCKET", "LEDGER_TABLE"],
    may: [
      readObjects(results, "athena/"),
      // The version before, which a restated one is compared with.
      readObjects(results, "reports/"),
      listObjects(results, "reports/"),
      writeObjects(staging, "reports/"),
      onLedger("Query", "BatchGetItem"),
    ],
    // Bundled, the renderer cannot find its own files, and fonts are files as well. `react` is named so that there is one.
    nodejs: { install: pinnedPackages(packageLock, ["@react-pdf/renderer", "react", "@expo-google-fonts/inter"]) },
  }),
  publish: lambda("publish", {
    timeout: "1 minute",
    reads: ["RESULTS_BUCKET", "LEDGER_TABLE"],
    extraEnvironment: { REPORT_LINK_URL: openReport.url },
    may: [readObjects(staging, "reports/"), uploadObjects(results, "reports/"), onLedger("PutItem", "UpdateItem")],
  }),
  notify: lambda("notify", {
    timeout: "1 minute",
    reads: ["REPORTS_TOPIC_ARN", "LEDGER_TABLE"],
    may: [readObjects(results, "reports/"), onLedgerItems("report#", "GetItem", "PutItem"), ...sendMail],
  }),
  "notify-of-no-data": lambda("notify-of-no-data", {
    timeout: "1 minute",
    reads: ["REPORTS_TOPIC_ARN", "LEDGER_TABLE"],
    may: [onLedgerItems("report#", "GetItem", "PutItem"), ...sendMail],
  }),
  "notify-of-failure": lambda("notify-of-failure", {
    timeout: "1 minute",
    reads: ["REPORTS_TOPIC_ARN"],
    may: sendMail,
  }),
} satisfies Record<string, sst.aws.Function>;

export type TaskName = keyof typeof tasks;

const known = [...Object.keys(tasks), "open-report"];
const unknown = Object.entries(config.concurrency.reserved).filter(([file]) => !known.includes(file));
if (unknown.length > 0)
  throw new InvalidLakeConfig(
    `sluice.config.ts does not hold:\n${configIssues(
      unknown.map(([file, input]) => ({
        path: ["concurrency", "reserved", file],
        input,
        message: `nothing, or one of the functions: ${known.join(", ")}`,
      })),
    )}`,
  );

function crawlerMay(...actions: string[]): Statement[] {
  const arns = Object.values(crawlers).map(({ arn }) => arn);
  return arns.length > 0 ? [{ actions, resources: arns }] : [];
}
