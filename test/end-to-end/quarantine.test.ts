import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aLake, arrival, type Lake } from "./a-lake.ts";
import { HEADER, log, record } from "./small-log.ts";

describe("ingest of objects that are damaged, cut or of another kind", () => {
  let lake: Lake;
  beforeAll(async () => {
    lake = await aLake();
  });
  afterAll(() => lake.stop());

  it("quarantines what cannot be read, with the reason beside it, and keeps the good rows", async () => {
    const good = log(8000, 20, "2026-02-11");
    const corrupt = new Uint8Array(log(8100, 2000, "2026-02-11"));
    corrupt[corrupt.length - 6]! ^= 1;
    const odd = `${HEADER}${record(8200, "2026-02-11")}not a record\n2026-02-31\t00:00:00\tFRA2\t1\t-\tGET\td\t/\t200\n${record(8201, "2026-02-11")}`;
    const events = [
      await arrival(lake, "cloudfront/q/good.gz", good),
      await arrival(lake, "cloudfront/q/corrupt.gz", corrupt),
      await arrival(lake, "cloudfront/q/photo.gz", Buffer.from("\x89PNG\r\n\x1a\n and so on")),
      await arrival(lake, "cloudfront/q/odd.log", odd),
      await arrival(lake, "cloudfront/q/nothing.gz", gzipSync("")),
      await arrival(lake, "cloudfront/q/no-header.gz", gzipSync("2014-05-23\t01:13:11\tFRA2\n")),
      lake.event("cloudfront/q/gone.gz", { eTag: "0123456789abcdef0123456789abcdef" }),
    ];
    const { status, output, cause } = await lake.run("Ingest", events);
    expect({ status, cause }).toEqual({ status: "SUCCEEDED", cause: undefined });
    expect(output).toMatchObject({
      counts: { objects: 7, recordedObjects: 2, quarantinedObjects: 4, passedOverObjects: 1, rows: 22, rejected: 2 },
    });
    const why = async (name: string) => (await lake.objectItem(`cloudfront/q/${name}`)).reason;
    expect(await why("corrupt.gz")).toBe("CorruptArchive");
    expect(await why("photo.gz")).toBe("UnknownFormat");
    expect(await why("no-header.gz")).toBe("MissingHeader");
    expect(await why("gone.gz")).toBe("ObjectVanished");
    expect(await lake.objectItem("cloudfront/q/nothing.gz")).toMatchObject({
      status: "passed-over",
      reason: "EmptyObject",
    });

    const quarantined = (await lake.list("quarantine", "cloudfront/")).filter((key) =>
      key.includes(output.batchId as string),
    );
    expect(quarantined.filter((key) => key.endsWith("/corrupt.gz"))).toHaveLength(1);
    expect(quarantined.filter((key) => key.endsWith("/reason.json"))).toHaveLength(4);
    const rejectedKey = quarantined.find((key) => key.endsWith(".parquet"))!;
    const rejected = await lake.parquet("quarantine", rejectedKey);
    expect(rejected.map(({ line, reason, text }) => [line, reason, text])).toEqual([
      [4n, "TOO_FEW_FIELDS", "not a record"],
      [5n, "INVALID_DATE", "2026-02-31\t00:00:00\tFRA2\t1\t-\tGET\td\t/\t200"],
    ]);
    expect(Number(rejected[0]!.byte_offset)).toBe(odd.indexOf("not a record"));
    const { Partitions } = (await lake.cloud.call("glue", "GetPartitions", {
      DatabaseName: "sluice_local",
      TableName: "cloudfront_rejected",
    })) as { Partitions: { StorageDescriptor: { Location: string } }[] };
    expect(Partitions[0]!.StorageDescriptor.Location).toMatch(/\/cloudfront\/date=[\d-]+\/lines\/$/);
  });

  it("fails a batch of which nothing could be read, after it has recorded it", async () => {
    const corrupt = new Uint8Array(log(8900, 20, "2026-02-12"));
    corrupt[corrupt.length - 6]! ^= 1;
    const alone = await lake.run("Ingest", [await arrival(lake, "cloudfront/n/corrupt.gz", corrupt)]);
    expect(alone).toMatchObject({ status: "FAILED", error: "NothingReadable" });
    expect(alone.cause).toMatch(/1 of its 1 objects were set aside \(CorruptArchive 1\).*corrupt\.gz/);
    const { batchId, reason } = await lake.objectItem("cloudfront/n/corrupt.gz");
    expect(reason).toBe("CorruptArchive");
    expect(await lake.batchItem(batchId!)).toMatchObject({ status: "recorded", counts: { quarantinedObjects: 1 } });

    const rejected = await lake.run("Ingest", [
      await arrival(lake, "cloudfront/n/rejected.log", `${HEADER}not a record\nnor this\n`),
    ]);
    expect(rejected).toMatchObject({ status: "FAILED", error: "NothingReadable" });
    expect(await lake.objectItem("cloudfront/n/rejected.log")).toMatchObject({
      ...{ status: "quarantined", reason: "NothingReadable", lines: 4, comments: 2, rows: 0, rejected: 2 },
    });

    const quiet = await lake.run("Ingest", [await arrival(lake, "cloudfront/n/quiet.log", HEADER)]);
    expect(quiet).toMatchObject({ status: "SUCCEEDED", output: { counts: { recordedObjects: 1, rows: 0 } } });

    const today = new Date().toISOString().slice(0, 10);
    const arrived = (await lake.items(`arrivals#cloudfront#${today}`)).filter(({ sk }) => sk === `batch#${batchId}`);
    expect(arrived).toMatchObject([{ status: "recorded", quarantinedObjects: 1, reasons: { CorruptArchive: 1 } }]);
  });

  it("reads an object with bytes whose key ends in a slash: case 20-key-ending-in-slash", async () => {
    const body = readFileSync(new URL("../cases/20-key-ending-in-slash/body.json", import.meta.url));
    await lake.run("Ingest", [await arrival(lake, "clickstream/2026/logs/", body)]);
    // It has no event time, so its line is rejected: set aside by name, not passed over.
    expect(await lake.objectItem("clickstream/2026/logs/")).toMatchObject({ status: "quarantined" });
  });
});
