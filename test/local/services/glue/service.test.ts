import { setTimeout as sleep } from "node:timers/promises";
import type { GetCrawlerResponse, GetPartitionsResponse } from "@aws-sdk/client-glue";
import { afterEach, describe, expect, it } from "vitest";
import { Catalog } from "../../../../local/services/glue/catalog.ts";
import { Crawlers } from "../../../../local/services/glue/crawlers.ts";
import { glueService } from "../../../../local/services/glue/service.ts";
import type { TableObject, TableObjects } from "../../../../local/services/glue/table-objects.ts";
import { Store } from "../../../../local/store.ts";
import type { RequestContext } from "../../../../local/wire/service.ts";

const context: RequestContext = { region: "eu-central-1", accountId: "000000000000", now: Date.now };
const LOCATION = "s3://lake/cloudfront/";
const open: Crawlers[] = [];

afterEach(async () => {
  for (const crawlers of open.splice(0)) await crawlers.close();
});

function setUp({ keys = [] as string[], crawlDurationMs = 5, store = new Store(":memory:") } = {}) {
  const objects: TableObjects = {
    async *list(bucket, prefix): AsyncIterable<TableObject> {
      if (bucket !== "lake") throw new Error(`The specified bucket does not exist: ${bucket}`);
      for (const key of keys) if (key.startsWith(prefix)) yield { key, size: 1 };
    },
    localPath: (_, key) => `/nowhere/${key}`,
    put: () => Promise.reject(new Error("a crawler writes nothing")),
  };
  const catalog = new Catalog(store);
  const crawlers = new Crawlers({ store, catalog, objects, crawlDurationMs });
  open.push(crawlers);
  const { operations } = glueService({ catalog, crawlers });
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the shape of the operation it calls
  const call = async (name: string, input: object): Promise<any> => operations[name]!(input, context);
  return { call, store };
}

async function withTable(call: (name: string, input: object) => Promise<unknown>): Promise<void> {
  await call("CreateDatabase", { DatabaseInput: { Name: "Sluice" } });
  await call("CreateTable", {
    DatabaseName: "sluice",
    TableInput: {
      Name: "CloudFront",
      PartitionKeys: [{ Name: "date", Type: "string" }],
      StorageDescriptor: { Location: LOCATION, Columns: [{ Name: "C_Ip", Type: "string" }] },
    },
  });
}

const names = { DatabaseName: "sluice", TableName: "cloudfront" };
const partitionInput = (date: string) => ({
  Values: [date],
  StorageDescriptor: { Location: `${LOCATION}date=${date}/` },
});

describe("the catalog", () => {
  it("folds names to lower case and finds them in any case", async () => {
    const { call } = setUp();
    await withTable(call);
    const { Table } = await call("GetTable", { DatabaseName: "SLUICE", Name: "CLOUDFRONT" });
    expect(Table).toMatchObject({ Name: "cloudfront", DatabaseName: "sluice", VersionId: "0" });
    expect(Table.StorageDescriptor.Columns).toEqual([{ Name: "c_ip", Type: "string" }]);
    expect(Table.CreateTime).toBeInstanceOf(Date);
  });

  it("refuses what exists and what does not, by Glue's names", async () => {
    const { call } = setUp();
    await withTable(call);
    await expect(call("CreateDatabase", { DatabaseInput: { Name: "sluice" } })).rejects.toMatchObject({
      code: "AlreadyExistsException",
    });
    await expect(call("GetTable", { DatabaseName: "sluice", Name: "alb" })).rejects.toMatchObject({
      code: "EntityNotFoundException",
    });
    await expect(call("GetPartition", { ...names, PartitionValues: ["2026-01-17"] })).rejects.toMatchObject({
      code: "EntityNotFoundException",
    });
  });

  it("forgets a table's partitions with the table", async () => {
    const { call } = setUp();
    await withTable(call);
    await call("CreatePartition", { ...names, PartitionInput: partitionInput("2026-01-17") });
    await call("DeleteTable", { DatabaseName: "sluice", Name: "cloudfront" });
    await call("DeleteDatabase", { Name: "sluice" });
    await withTable(call);
    expect((await call("GetPartitions", names)).Partitions).toEqual([]);
  });

  it("keeps everything in the database file", async () => {
    const { call, store } = setUp();
    await withTable(call);
    await call("CreatePartition", { ...names, PartitionInput: partitionInput("2026-01-17") });
    const again = setUp({ store });
    const { Partition } = await again.call("GetPartition", { ...names, PartitionValues: ["2026-01-17"] });
    expect(Partition.StorageDescriptor.Location).toBe(`${LOCATION}date=2026-01-17/`);
  });
});

describe("partitions", () => {
  it("reports those that exist per item and creates the rest", async () => {
    const { call } = setUp();
    await withTable(call);
    await call("CreatePartition", { ...names, PartitionInput: partitionInput("2026-01-17") });
    const { Errors } = await call("BatchCreatePartition", {
      ...names,
      PartitionInputList: [partitionInput("2026-01-17"), partitionInput("2026-01-18")],
    });
    expect(Errors).toEqual([
      {
        PartitionValues: ["2026-01-17"],
        ErrorDetail: { ErrorCode: "AlreadyExistsException", ErrorMessage: "Partition already exists." },
      },
    ]);
    const { Partitions } = await call("BatchGetPartition", {
      ...names,
      PartitionsToGet: [{ Values: ["2026-01-18"] }, { Values: ["2026-01-19"] }],
    });
    expect(Partitions).toHaveLength(1);
  });

  it.each([
    ["date = '2026-01-17'", ["2026-01-17"]],
    ["date > '2026-01-17'", ["2026-01-18", "2026-02-01"]],
    ["date BETWEEN '2026-01-17' AND '2026-01-18'", ["2026-01-17", "2026-01-18"]],
    ["date LIKE '2026-01-%' AND NOT date = '2026-01-17'", ["2026-01-18"]],
    [
      "date IN ('2026-01-17', '2026-02-01') OR (date <> '2026-01-17' AND date < '2026-02-01')",
      ["2026-01-17", "2026-01-18", "2026-02-01"],
    ],
  ])("are found by %s", async (Expression, expected) => {
    const { call } = setUp();
    await withTable(call);
    for (const date of ["2026-01-17", "2026-01-18", "2026-02-01"]) {
      await call("CreatePartition", { ...names, PartitionInput: partitionInput(date) });
    }
    const found = (await call("GetPartitions", { ...names, Expression })) as GetPartitionsResponse;
    expect(found.Partitions!.map((partition) => partition.Values![0])).toEqual(expected);
  });

  it("refuse an expression they do not understand", async () => {
    const { call } = setUp();
    await withTable(call);
    await expect(call("GetPartitions", { ...names, Expression: "c_ip = '1'" })).rejects.toThrow(
      /"c_ip" is not a partition key/,
    );
  });

  it("come in pages", async () => {
    const { call } = setUp();
    await withTable(call);
    for (const day of ["01", "02", "03"])
      await call("CreatePartition", { ...names, PartitionInput: partitionInput(`2026-01-${day}`) });
    const first = await call("GetPartitions", { ...names, MaxResults: 2 });
    const second = await call("GetPartitions", { ...names, MaxResults: 2, NextToken: first.NextToken });
    expect([first.Partitions.length, second.Partitions.length, second.NextToken]).toEqual([2, 1, undefined]);
  });
});

describe("a crawler", () => {
  const crawler = {
    Name: "cloudfront",
    Role: "arn:aws:iam::000000000000:role/crawler",
    DatabaseName: "sluice",
    Targets: { S3Targets: [{ Path: "s3://lake/cloudfront" }] },
  };
  const keys = [
    "cloudfront/date=2026-01-17/a-0.parquet",
    "cloudfront/date=2026-01-17/a-1.parquet",
    "cloudfront/date=2026-01-18/b-0.parquet",
    "cloudfront/date=2026-01-19/_SUCCESS",
    "cloudfront/notes.txt",
    "cloudfront-v2/date=2026-01-20/c-0.parquet",
  ];

  async function ready(call: (name: string, input: object) => Promise<GetCrawlerResponse>) {
    for (let attempt = 0; attempt < 200; attempt++) {
      const { Crawler } = await call("GetCrawler", { Name: "cloudfront" });
      if (Crawler!.State === "READY") return Crawler!;
      await sleep(5);
    }
    throw new Error("The crawler did not come to an end.");
  }

  it("registers the folders that hold files, with the table's columns", async () => {
    const { call } = setUp({ keys });
    await withTable(call);
    await call("CreateCrawler", crawler);
    await call("StartCrawler", { Name: "cloudfront" });
    expect((await call("GetCrawler", { Name: "cloudfront" })).Crawler.State).toBe("RUNNING");
    const { LastCrawl } = await ready(call);
    expect(LastCrawl).toMatchObject({ Status: "SUCCEEDED", MessagePrefix: expect.any(String) });
    const { Partitions } = (await call("GetPartitions", names)) as GetPartitionsResponse;
    expect(
      Partitions!.map(({ Values, StorageDescriptor: found }) => [Values, found!.Location, found!.Columns]),
    ).toEqual([
      [["2026-01-17"], `${LOCATION}date=2026-01-17/`, [{ Name: "c_ip", Type: "string" }]],
      [["2026-01-18"], `${LOCATION}date=2026-01-18/`, [{ Name: "c_ip", Type: "string" }]],
    ]);
    const { Crawls } = await call("ListCrawls", { CrawlerName: "cloudfront" });
    expect(JSON.parse(Crawls[0].Summary)).toEqual({ PARTITION: { ADDED: 2, DELETED: 0 } });
  });

  it("is refused while it runs", async () => {
    const { call } = setUp({ keys, crawlDurationMs: 1000 });
    await withTable(call);
    await call("CreateCrawler", crawler);
    await call("StartCrawler", { Name: "cloudfront" });
    await expect(call("StartCrawler", { Name: "cloudfront" })).rejects.toMatchObject({
      code: "CrawlerRunningException",
    });
  });

  it("can be stopped, and says so", async () => {
    const { call } = setUp({ keys, crawlDurationMs: 10_000 });
    await withTable(call);
    await call("CreateCrawler", crawler);
    await call("StartCrawler", { Name: "cloudfront" });
    await call("StopCrawler", { Name: "cloudfront" });
    expect((await ready(call)).LastCrawl!.Status).toBe("CANCELLED");
    await expect(call("StopCrawler", { Name: "cloudfront" })).rejects.toMatchObject({
      code: "CrawlerNotRunningException",
    });
  });

  it("fails, with a reason, where no table is declared", async () => {
    const { call } = setUp({ keys });
    await withTable(call);
    await call("CreateCrawler", { ...crawler, Targets: { S3Targets: [{ Path: "s3://lake/alb/" }] } });
    await call("StartCrawler", { Name: "cloudfront" });
    expect((await ready(call)).LastCrawl).toMatchObject({
      Status: "FAILED",
      ErrorMessage: expect.stringMatching(/No table/),
    });
  });

  it("that ran when the process died is READY again after the start, its crawl failed", async () => {
    const { call, store } = setUp({ keys, crawlDurationMs: 60_000 });
    await withTable(call);
    await call("CreateCrawler", crawler);
    await call("StartCrawler", { Name: "cloudfront" });
    const again = setUp({ keys, store });
    const { Crawler } = await again.call("GetCrawler", { Name: "cloudfront" });
    expect(Crawler).toMatchObject({ State: "READY", LastCrawl: { Status: "FAILED" } });
  });
});
