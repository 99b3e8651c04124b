import { gzipSync, zstdCompressSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aLake, arrival, type Lake } from "./a-lake.ts";
import { HEADER, log, record } from "./small-log.ts";

describe("ingest of truncated archives and of Parquet", () => {
  let lake: Lake;
  beforeAll(async () => {
    lake = await aLake();
  });
  afterAll(() => lake.stop());

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
