import { describe, expect, it } from "vitest";
import { formatNamed } from "../../lake/formats/index.ts";
import { tableColumns } from "../../lake/rows/schema.ts";
import { elsewhere, prod } from "./stages.ts";

describe("the catalog", () => {
  it.each([
    ["CloudfrontTable", "cloudfront"],
    ["AlbTable", "alb"],
  ] as const)("declares %s with the columns of the lake, in file order", (name, format) => {
    const { inputs } = prod.one("aws:glue/catalogTable", name);
    const columns: { name: string; type: string; comment: string }[] = inputs.storageDescriptor.columns;
    expect(columns.map((column) => column.name)).toEqual(
      tableColumns(formatNamed(format).columns()).map((column) => column.name),
    );
    expect(columns.find((column) => column.name === "_line")).toMatchObject({ type: "bigint" });
    expect(inputs.partitionKeys).toMatchObject([{ name: "date", type: "string" }]);
    expect(inputs.storageDescriptor.location).toBe(`s3://sluice-prod-lake-111122223333/${format}/`);
  });

  it("declares a table of rejected lines for each source", () => {
    const { inputs } = prod.one("aws:glue/catalogTable", "AlbRejectedTable");
    expect(inputs.name).toBe("alb_rejected");
    expect(inputs.storageDescriptor.location).toBe("s3://sluice-prod-quarantine-111122223333/alb/");
  });

  it("says what a table is, who answers for it and where to ask, as far as the source says it", () => {
    const about = (name: string) => {
      const { description, parameters } = elsewhere.one("aws:glue/catalogTable", name).inputs;
      return [description, parameters.steward, parameters.contact];
    };
    expect(about("AlbTable")).toEqual(["Requests to the API", "Platform team", "#platform"]);
    expect(about("AlbRejectedTable")).toEqual([
      "Lines of alb that became no row, by the day they arrived",
      "Platform team",
      "#platform",
    ]);
    expect(about("NlbTable")).toEqual(["Rows of nlb, by the day of the event", undefined, undefined]);
  });

  it("never learns a type from a crawler", () => {
    const { inputs } = prod.one("aws:glue/crawler", "CloudfrontCrawler");
    expect(inputs.schemaChangePolicy).toEqual({ updateBehavior: "LOG", deleteBehavior: "LOG" });
    expect(JSON.parse(inputs.configuration)).toEqual({
      CrawlerOutput: { Partitions: { AddOrUpdateBehavior: "InheritFromTable" } },
      // Glue adds it to what it was given, and the next deployment would see a difference.
      Grouping: { TableGroupingPolicy: "CombineCompatibleSchemas" },
      Version: 1,
    });
    expect(inputs.catalogTargets).toEqual([{ databaseName: "sluice_prod", tables: ["cloudfront"] }]);
  });
});

describe("the workgroup", () => {
  const { configuration } = prod.one("aws:athena/workgroup", "Workgroup").inputs;

  it("holds every client to its own settings", () => {
    expect(configuration).toMatchObject({
      enforceWorkgroupConfiguration: true,
      resultConfiguration: {
        outputLocation: "s3://sluice-prod-results-111122223333/athena/",
        encryptionConfiguration: { encryptionOption: "SSE_S3" },
      },
    });
  });

  it("stops a query at the budget", () => {
    expect(configuration.bytesScannedCutoffPerQuery).toBe(100 * 1024 ** 3);
  });
});
