/** The settings of queries: one workgroup whose settings no client can override, and the named queries of `queries/`. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import config from "../sluice.config.ts";
import { database } from "./catalog.ts";
import { accountId, isProduction, named } from "./names.ts";
import { results } from "./storage.ts";

const GIB = 1024 ** 3;

export const workgroup = new aws.athena.Workgroup("Workgroup", {
  name: named("Workgroup"),
  description: "Queries of the lake, by its machines and by people",
  forceDestroy: !isProduction,
  configuration: {
    enforceWorkgroupConfiguration: true,
    publishCloudwatchMetricsEnabled: true,
    bytesScannedCutoffPerQuery: config.budgets.queryScanGib * GIB,
    engineVersion: { selectedEngineVersion: "Athena engine version 3" },
    resultConfiguration: {
      outputLocation: $interpolate`s3://${results.name}/athena/`,
      expectedBucketOwner: accountId,
      encryptionConfiguration: { encryptionOption: "SSE_S3" },
    },
  },
});

const folder = join($cli.paths.root, "queries");
for (const file of readdirSync(folder)
  .filter((name) => name.endsWith(".sql"))
  .sort()) {
  const name = basename(file, ".sql");
  new aws.athena.NamedQuery(`Query-${name}`, {
    name,
    description: "Put values in place of {{name: kind}}, or run it with sluice query --name",
    workgroup: workgroup.id,
    database: database.name,
    query: readFileSync(join(folder, file), "utf8"),
  });
}
