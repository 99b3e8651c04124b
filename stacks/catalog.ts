/**
 * The catalog of Athena: a database, and for each source a table of its rows and one of its rejected lines. Types are
 * declared here from `lake/`, never inferred. Crawlers, for the sources that ask for one, only add partitions.
 */

import { glueType } from "../lake/rows/schema.ts";
import { tableOf } from "../lake/sources/config.ts";
import { sourceColumns } from "../lake/sources/source-format.ts";
import config from "../sluice.config.ts";
import { arnOf, isProduction, named, pascalCase, roleArn } from "./names.ts";
import { listObjects, readObjects } from "./permissions.ts";
import { glueRole, type Statement } from "./roles.ts";
import { bucketArn, lake, quarantine } from "./storage.ts";

type Column = aws.types.input.glue.CatalogTableStorageDescriptorColumn;

/** Glue's names are lower case, and Athena takes no hyphen without quotes. */
const databaseName = `${$app.name}_${$app.stage}`.toLowerCase().replaceAll("-", "_");

/** The database that every account has, or could have. */
export const defaultDatabaseArn = arnOf("glue", "database/default");

// In prod the lake outlives the stage. So must what it knows of its days: the ledger says that they are registered.
const options = { retainOnDelete: isProduction };

export const database = new aws.glue.CatalogDatabase(
  "Database",
  {
    name: databaseName,
    description: `The lake of ${$app.name}, stage ${$app.stage}`,
  },
  options,
);

function parquetTable(
  name: string,
  table: {
    name: string;
    description: string;
    /** Who answers for it and where to ask, where that is known. */
    people: Record<string, string>;
    location: $util.Output<string>;
    columns: Column[];
  },
) {
  return new aws.glue.CatalogTable(
    name,
    {
      name: table.name,
      databaseName: database.name,
      description: table.description,
      tableType: "EXTERNAL_TABLE",
      parameters: { EXTERNAL: "TRUE", classification: "parquet", "parquet.compression": "SNAPPY", ...table.people },
      partitionKeys: [{ name: "date", type: "string", comment: "UTC day, YYYY-MM-DD" }],
      storageDescriptor: {
        location: table.location,
        inputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        outputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        serDeInfo: {
          name: "parquet",
          serializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
          parameters: { "serialization.format": "1" },
        },
        columns: table.columns,
      },
    },
    options,
  );
}

const rejectedColumns: Column[] = [
  { name: "source_file", type: "string", comment: "object the text was read from" },
  { name: "line", type: "bigint", comment: "physical line of the unpacked object, from 1" },
  { name: "byte_offset", type: "bigint", comment: "where the text begins in the unpacked object, from 0" },
  { name: "reason", type: "string", comment: "reason code" },
  { name: "text", type: "string", comment: "the text as it was; null where the policy for personal data withholds it" },
];

/** A crawler by what is known before it is there. It is optional, so nothing that must be there waits for it. */
interface CrawlerName {
  name: string;
  arn: $util.Output<string>;
}

/** Crawlers by source, for the sources that ask for one. */
export const crawlers: Record<string, CrawlerName> = {};

for (const [source, sourceConfig] of Object.entries(config.sources)) {
  const component = pascalCase(source);
  const { description, steward, contact } = sourceConfig;
  const people = { ...(steward && { steward }), ...(contact && { contact }) };
  const rows = parquetTable(`${component}Table`, {
    name: tableOf(source),
    description: description ?? `Rows of ${source}, by the day of the event`,
    people,
    location: $interpolate`s3://${lake.name}/${source}/`,
    columns: sourceColumns(sourceConfig).map(({ name, type, upstreamName }) => ({
      name,
      type: glueType(type),
      // Glue's limit.
      comment: upstreamName.slice(0, 255),
    })),
  });
  parquetTable(`${component}RejectedTable`, {
    name: `${tableOf(source)}_rejected`,
    description: `Lines of ${source} that became no row, by the day they arrived`,
    people,
    location: $interpolate`s3://${quarantine.name}/${source}/`,
    columns: rejectedColumns,
  });
  if (sourceConfig.crawler) crawlers[source] = partitionCrawler(component, source, rows);
}

function partitionCrawler(component: string, source: string, table: aws.glue.CatalogTable): CrawlerName {
  const name = named(`${component}Crawler`);
  // Glue tries the role out when the crawler is made. With computed ARNs the role is as old as the bucket by then.
  const role = glueRole(`${component}CrawlerRole`, crawlerPermissions(`${component}CrawlerRole`, source));
  new aws.glue.Crawler(`${component}Crawler`, {
    name,
    description: `Registers the days of ${source} that the catalog does not know`,
    databaseName: database.name,
    role: role.arn,
    catalogTargets: [{ databaseName: database.name, tables: [table.name] }],
    // The declared table is right. What differs from it is logged and changes nothing.
    schemaChangePolicy: { updateBehavior: "LOG", deleteBehavior: "LOG" },
    configuration: JSON.stringify({
      CrawlerOutput: { Partitions: { AddOrUpdateBehavior: "InheritFromTable" } },
      // Glue adds this to every crawler of tables. Left out here, each deployment would take it away again.
      Grouping: { TableGroupingPolicy: "CombineCompatibleSchemas" },
      Version: 1,
    }),
  });
  return { name, arn: arnOf("glue", `crawler/${name}`) };
}

/**
 * The part of AWS's managed policy `AWSGlueServiceRole` that a crawler of one table in S3 uses, on that table only.
 *
 * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSGlueServiceRole.html
 */
function crawlerPermissions(role: string, source: string): Statement[] {
  const bucket = { arn: bucketArn("Lake") };
  const database = arnOf("glue", `database/${databaseName}`);
  return [
    listObjects(bucket, `${source}/`),
    readObjects(bucket, `${source}/`),
    { actions: ["s3:GetBucketLocation", "s3:GetBucketAcl"], resources: [bucket.arn] },
    {
      actions: [
        "glue:GetDatabase",
        "glue:GetTable",
        "glue:GetTables",
        "glue:GetTableVersions",
        "glue:GetPartition",
        "glue:GetPartitions",
        "glue:BatchGetPartition",
        "glue:BatchCreatePartition",
        "glue:BatchUpdatePartition",
        "glue:CreatePartition",
        "glue:UpdatePartition",
        "glue:UpdateTable",
      ],
      resources: [arnOf("glue", "catalog"), database, arnOf("glue", `table/${databaseName}/${tableOf(source)}`)],
    },
    // Whatever speaks to the catalog as a Hive metastore looks for the database "default" first.
    { actions: ["glue:GetDatabase"], resources: [defaultDatabaseArn] },
    { actions: ["iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies"], resources: [roleArn(named(role))] },
    {
      actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [arnOf("logs", "log-group:/aws-glue/crawlers"), arnOf("logs", "log-group:/aws-glue/crawlers:*")],
    },
  ];
}
