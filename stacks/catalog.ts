/**
 * The catalog of Athena: a database, and for each source a table of its rows and one of its rejected lines. Types are
 * declared here from `lake/`, never inferred. Crawlers, for the sources that ask for one, only add partitions.
 */

import { glueType } from "../lake/rows/schema.ts";
import { tableOf } from "../lake/sources/config.ts";
import { sourceColumns } from "../lake/sources/source-format.ts";
import config from "../sluice.config.ts";
import { arnOf, isProduction, named, pascalCase } from "./names.ts";
import { listObjects, readObjects } from "./permissions.ts";
import { serviceRole } from "./roles.ts";
import { lake, quarantine } from "./storage.ts";

type Column = aws.types.input.glue.CatalogTableStorageDescriptorColumn;

/** Glue's names are lower case, and Athena takes no hyphen without quotes. */
const databaseName = `${$app.name}_${$app.stage}`.toLowerCase().replaceAll("-", "_");

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
  table: { name: string; description: string; location: $util.Output<string>; columns: Column[] },
) {
  return new aws.glue.CatalogTable(
    name,
    {
      name: table.name,
      databaseName: database.name,
      description: table.description,
      tableType: "EXTERNAL_TABLE",
      parameters: { EXTERNAL: "TRUE", classification: "parquet", "parquet.compression": "SNAPPY" },
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

/** Crawlers by source, for the sources that ask for one. */
export const crawlers: Record<string, aws.glue.Crawler> = {};

for (const [source, sourceConfig] of Object.entries(config.sources)) {
  const component = pascalCase(source);
  const rows = parquetTable(`${component}Table`, {
    name: tableOf(source),
    description: `Rows of ${source}, by the day of the event`,
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
    location: $interpolate`s3://${quarantine.name}/${source}/`,
    columns: rejectedColumns,
  });
  if (sourceConfig.crawler) crawlers[source] = partitionCrawler(component, source, rows);
}

function partitionCrawler(component: string, source: string, table: aws.glue.CatalogTable): aws.glue.Crawler {
  const role = serviceRole(`${component}CrawlerRole`, "glue.amazonaws.com", [
    listObjects(lake, `${source}/`),
    readObjects(lake, `${source}/`),
    { actions: ["s3:GetBucketLocation"], resources: [lake.arn] },
    {
      actions: [
        "glue:GetDatabase",
        "glue:GetTable",
        "glue:GetPartition",
        "glue:GetPartitions",
        "glue:BatchGetPartition",
        "glue:BatchCreatePartition",
        "glue:CreatePartition",
        "glue:UpdatePartition",
        "glue:UpdateTable",
      ],
      resources: [arnOf("glue", "catalog"), database.arn, table.arn],
    },
    {
      actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [arnOf("logs", "log-group:/aws-glue/crawlers"), arnOf("logs", "log-group:/aws-glue/crawlers:*")],
    },
  ]);
  return new aws.glue.Crawler(`${component}Crawler`, {
    name: named(`${component}Crawler`),
    description: `Registers the days of ${source} that the catalog does not know`,
    databaseName: database.name,
    role: role.arn,
    catalogTargets: [{ databaseName: database.name, tables: [table.name] }],
    // The declared table is right. What differs from it is logged and changes nothing.
    schemaChangePolicy: { updateBehavior: "LOG", deleteBehavior: "LOG" },
    configuration: JSON.stringify({
      Version: 1,
      CrawlerOutput: { Partitions: { AddOrUpdateBehavior: "InheritFromTable" } },
    }),
  });
}
