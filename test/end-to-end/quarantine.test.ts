import { readFileSync } from "node:fs";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
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

  it("keeps the whole lines of archives that are cut, reports them, and replaces the rows by those of whole copies", async () => {
    const whole = log(8300, 2000, "2026-02-14");
    const body = Array.from({ length: 9000 }, (_, i) => record(8400 + i, "2026-02-14")).join("");
    const zstd = zstdCompressSync(HEADER + body);
    const events = [
      await arrival(lake, "cloudfront/t/cut.gz", whole.subarray(0, -2000)),
      await arrival(lake, "cloudfront/t/cut.zst", zstd.subarray(0, -200)),
      await arrival(lake, "cloudfront/t/no-checksum.gz", log(9900, 3, "2026-02-14").subarray(0, -8)),
      await arrival(lake, "cloudfront/t/no-text.gz", whole.subarray(0, 12)),
      await arrival(lake, "cloudfront/t/tail.gz", Buffer.concat([log(9950, 2, "2026-02-14"), Buffer.from("tail")])),
    ];
    const { status, output, cause } = await lake.run("Ingest", events);
    expect({ status, cause }).toEqual({ status: "SUCCEEDED", cause: undefined });
    expect(output).toMatchObject({
      counts: { objects: 5, recordedObjects: 1, truncatedObjects: 3, quarantinedObjects: 1, rejected: 2 },
    });
    const cut = await lake.objectItem("cloudfront/t/cut.gz");
    expect(cut).toMatchObject({ status: "truncated", reason: "TruncatedArchive", rejected: 1, comments: 2 });
    expect(cut.detail).toMatch(/cut\.gz is cut: the gzip member at byte 0 breaks off at byte/);
    expect(cut.lines).toBe(cut.comments! + cut.rows! + cut.rejected!);
    expect(cut.rows).toBeGreaterThan(500);
    expect((await lake.objectItem("cloudfront/t/cut.zst")).rows).toBeGreaterThan(1000);
    expect(await lake.objectItem("cloudfront/t/no-checksum.gz")).toMatchObject({
      status: "truncated",
      rows: 3,
      rejected: 0,
    });
    expect(await lake.objectItem("cloudfront/t/no-text.gz")).toMatchObject({
      status: "quarantined",
      reason: "TruncatedArchive",
    });
    expect(await lake.objectItem("cloudfront/t/tail.gz")).toMatchObject({
      status: "recorded",
      rows: 2,
      warning: expect.stringMatching(/^4 bytes from byte \d+ on follow the archive/),
    });

    const rowsOf = async (name: string) =>
      (await lake.rows("cloudfront", { date: "2026-02-14" }))
        .filter(({ _source_file }) => String(_source_file).endsWith(`/t/${name}`))
        .map(({ sc_bytes, _line }) => [Number(sc_bytes), Number(_line)]);
    const kept = await rowsOf("cut.gz");
    expect(kept).toEqual(Array.from({ length: cut.rows! }, (_, i) => [8300 + i, i + 3]));
    const quarantined = (await lake.list("quarantine", "cloudfront/")).filter((key) =>
      key.includes(String(output.batchId)),
    );
    expect(quarantined.filter((key) => key.endsWith("/reason.json"))).toHaveLength(4);
    expect(quarantined.filter((key) => /\/cut\.(gz|zst)$/.test(key))).toHaveLength(2);
    const rejected = await lake.parquet("quarantine", quarantined.find((key) => key.endsWith(".parquet"))!);
    expect(rejected.map(({ reason }) => reason)).toEqual(["TRUNCATED", "TRUNCATED"]);
    expect(Number(rejected[0]!.line)).toBe(cut.lines);

    const before = await lake.fingerprint("quarantine");
    const forced = await lake.run("Ingest", { batchId: output.batchId, force: true });
    expect(forced.output).toMatchObject({ counts: { truncatedObjects: 3 } });
    expect(await lake.fingerprint("quarantine")).toEqual(before);

    await lake.run("Ingest", [await arrival(lake, "cloudfront/t/cut.gz", whole)]);
    await lake.quiet();
    expect(await lake.objectItem("cloudfront/t/cut.gz")).toMatchObject({ status: "recorded", rows: 2000, rejected: 0 });
    expect(await rowsOf("cut.gz")).toHaveLength(2000);
    const left = (await lake.list("quarantine", "cloudfront/")).filter((key) => key.includes(String(output.batchId)));
    expect(left.filter((key) => key.endsWith("/reason.json"))).toHaveLength(3);
  });

  it("takes CloudFront's Parquet deliveries, and quarantines other Parquet and what is damaged", async () => {
    const column = (name: string, values: string[]) => ({
      name,
      data: values,
      type: "STRING" as const,
      nullable: true,
    });
    const file = (columnData: ReturnType<typeof column>[]) => new Uint8Array(parquetWriteBuffer({ columnData }));
    const count = 500;
    const delivery = file([
      column("date", Array<string>(count).fill("2026-02-15")),
      column("time", Array<string>(count).fill("12:00:00")),
      column(
        "cs_uri_stem",
        Array.from({ length: count }, (_, i) => `/page%20${i}`),
      ),
      column(
        "sc_bytes",
        Array.from({ length: count }, (_, i) => String(i)),
      ),
    ]);
    const damaged = new Uint8Array(delivery);
    damaged.fill(0xff, 10, 200);
    const events = [
      await arrival(lake, "cloudfront/p/v2.parquet", delivery),
      await arrival(lake, "cloudfront/p/other.parquet", file([column("order_id", ["1"])])),
      await arrival(lake, "cloudfront/p/cut.parquet", delivery.subarray(0, -20)),
      await arrival(lake, "cloudfront/p/damaged.parquet", damaged),
      await arrival(lake, "cloudfront/p/packed.parquet.gz", gzipSync(delivery)),
    ];
    const { status, output, cause } = await lake.run("Ingest", events);
    expect({ status, cause }).toEqual({ status: "SUCCEEDED", cause: undefined });
    expect(output).toMatchObject({ counts: { recordedObjects: 1, quarantinedObjects: 4, rows: count, lines: count } });
    const why = async (name: string) => (await lake.objectItem(`cloudfront/p/${name}`)).detail;
    expect(await why("other.parquet")).toMatch(/it is Parquet with the columns order_id/);
    expect(await why("cut.parquet")).toMatch(/its Parquet footer cannot be read: it is cut or damaged/);
    expect(await why("damaged.parquet")).toMatch(/column .* of row group 0 is damaged/);
    expect(await why("packed.parquet.gz")).toMatch(/it is Parquet within an archive\. Deliver the Parquet file itself/);
    const rows = await lake.rows("cloudfront", { date: "2026-02-15" });
    expect(rows.map(({ cs_uri_stem, sc_bytes, _line }) => [cs_uri_stem, Number(sc_bytes), Number(_line)])).toEqual(
      Array.from({ length: count }, (_, i) => [`/page ${i}`, i, i + 1]),
    );
  });
});
