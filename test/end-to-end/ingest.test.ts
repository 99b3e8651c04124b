import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync, zstdCompressSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasSharedData, sharedData } from "../lake/shared-data.ts";
import { aLake, arrival, type Lake } from "./a-lake.ts";

const HEADER =
  "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status\n";
const record = (n: number, date = "2026-01-17") =>
  `${date}\t12:00:${String(n % 60).padStart(2, "0")}\tFRA2\t${n}\t192.0.2.7\tGET\td1.cloudfront.net\t/page/${n}\t200\n`;
const log = (from: number, count: number, date?: string) =>
  gzipSync(HEADER + Array.from({ length: count }, (_, i) => record(from + i, date)).join(""));

/** Which lines of a source are there, whatever file they lie in. */
async function lines(lake: Lake, source = "cloudfront") {
  const rows = await lake.rows(source);
  return rows.map((row) => `${row.date} ${row._source_file} ${row._line} ${row.sc_bytes}`).sort();
}

describe("ingest", () => {
  let lake: Lake;
  beforeAll(async () => {
    lake = await aLake();
  });
  afterAll(() => lake.stop());

  it("turns events into rows, partitions, a ledger and an announcement", async () => {
    const events = [
      await arrival(lake, "cloudfront/one day/a+b.gz", log(0, 10)),
      await arrival(lake, "cloudfront/two.gz", log(10, 5, "2026-01-18")),
      { messageId: "t", body: JSON.stringify({ Service: "Amazon S3", Event: "s3:TestEvent" }) },
      lake.event("cloudfront/folder/", { size: 0, eTag: "0" }),
      lake.event("cloudfront/empty.gz", { size: 0, eTag: "0" }),
    ];
    const { status, output, cause } = await lake.run("Ingest", [...events, events[0]]);
    expect({ status, cause }).toEqual({ status: "SUCCEEDED", cause: undefined });
    expect(output).toMatchObject({
      status: "RECORDED",
      source: "cloudfront",
      counts: { objects: 2, recordedObjects: 2, lines: 19, comments: 4, rows: 15, rejected: 0, files: 2, dates: 2 },
      passedOver: { duplicates: 1, testEvents: 1, folders: 1, emptyObjects: 1, inFlight: 0 },
    });
    expect(await lines(lake)).toHaveLength(15);
    expect(await lake.objectItem("cloudfront/one day/a+b.gz")).toMatchObject({
      status: "recorded",
      format: "cloudfront",
      lines: 12,
      comments: 2,
      rows: 10,
      rejected: 0,
    });
    expect(await lake.dayItem("cloudfront", "2026-01-18")).toMatchObject({ status: "open", partition: "registered" });
    const { Partitions } = (await lake.cloud.call("glue", "GetPartitions", {
      DatabaseName: "sluice_local",
      TableName: "cloudfront",
    })) as { Partitions: { Values: string[] }[] };
    expect(Partitions.map(({ Values }) => Values[0]).sort()).toEqual(["2026-01-17", "2026-01-18"]);
  });

  it("passes over what it has seen, in whatever order and company it comes again", async () => {
    const events = [
      await arrival(lake, "cloudfront/r1.gz", log(100, 3)),
      await arrival(lake, "cloudfront/r2.gz", log(200, 3)),
    ];
    expect((await lake.run("Ingest", events)).output.status).toBe("RECORDED");
    const before = [await lake.fingerprint("lake"), await lines(lake)];
    const again = await lake.run("Ingest", [...events].reverse());
    expect(again.output).toMatchObject({ status: "NOTHING_NEW", passedOver: { duplicates: 2 } });
    const named = { source: "cloudfront", objects: [{ bucket: lake.raw, key: "cloudfront/r2.gz" }] };
    expect((await lake.run("Ingest", named)).output).toMatchObject({ status: "NOTHING_NEW" });
    expect([await lake.fingerprint("lake"), await lines(lake)]).toEqual(before);
  });

  it("gives each object to one of the executions that race for it", async () => {
    const events = await Promise.all(
      Array.from({ length: 30 }, (_, i) => arrival(lake, `cloudfront/race-${i}.gz`, log(1000 + 10 * i, 2))),
    );
    const arns = await Promise.all([
      lake.start("Ingest", events),
      lake.start("Ingest", [...events].reverse()),
      lake.start("Ingest", events.slice(10, 20)),
    ]);
    const endings = await Promise.all(arns.map((arn) => lake.ended(arn)));
    expect(endings.map(({ status, cause }) => ({ status, cause }))).toEqual(
      arns.map(() => ({ status: "SUCCEEDED", cause: undefined })),
    );
    const raced = (await lines(lake)).filter((line) => line.includes("/race-"));
    expect(raced).toHaveLength(60);
    expect(new Set(raced).size).toBe(60);
  });

  it("runs the batch again when an object changes, and replaces its rows", async () => {
    const first = [
      await arrival(lake, "cloudfront/c1.gz", log(5000, 4, "2026-02-01")),
      await arrival(lake, "cloudfront/c2.gz", log(5100, 4, "2026-02-02")),
    ];
    const { output } = await lake.run("Ingest", first);
    const changed = await arrival(lake, "cloudfront/c2.gz", log(5200, 2, "2026-02-03"));
    const next = await lake.run("Ingest", [changed]);
    expect(next.output).toMatchObject({ status: "NOTHING_NEW", resubmitted: 1 });
    await lake.quiet();
    const rows = (await lake.rows("cloudfront")).filter(({ date }) => String(date).startsWith("2026-02"));
    expect(rows.map(({ date, sc_bytes }) => [date, Number(sc_bytes)])).toEqual([
      ["2026-02-01", 5000],
      ["2026-02-01", 5001],
      ["2026-02-01", 5002],
      ["2026-02-01", 5003],
      ["2026-02-03", 5200],
      ["2026-02-03", 5201],
    ]);
    const batch = await lake.batchItem(output.batchId as string);
    expect(batch).toMatchObject({ status: "recorded", generation: 2, counts: { rows: 6 } });
    expect(batch.outputs.map((key) => key.split("/")[1])).toEqual(["date=2026-02-01", "date=2026-02-03"]);
    expect(await lake.items("day#cloudfront#2026-02-02")).toHaveLength(1);
    // The late event of the first version changes nothing any more.
    await lake.run("Ingest", [first[1]]);
    await lake.quiet();
    expect(await lake.batchItem(output.batchId as string)).toMatchObject({ generation: 2 });
  });

  it("takes the rows of an object away that was overwritten by nothing, and keeps those of its batch", async () => {
    const events = [
      await arrival(lake, "cloudfront/emptied.gz", log(7100, 4, "2026-02-14")),
      await arrival(lake, "cloudfront/beside.gz", log(7200, 3, "2026-02-14")),
    ];
    await lake.run("Ingest", events);
    const again = await lake.run("Ingest", [await arrival(lake, "cloudfront/emptied.gz", "")]);
    expect(again.output).toMatchObject({ status: "NOTHING_NEW", resubmitted: 1, passedOver: { emptyObjects: 0 } });
    await lake.quiet();
    expect(await lake.objectItem("cloudfront/emptied.gz")).toMatchObject({
      status: "passed-over",
      reason: "EmptyObject",
    });
    expect(await lake.objectItem("cloudfront/beside.gz")).toMatchObject({ status: "recorded", rows: 3 });
    const left = await lines(lake);
    expect(left.filter((line) => line.includes("/emptied"))).toEqual([]);
    expect(left.filter((line) => line.includes("/beside"))).toHaveLength(3);
  });

  it("gives the same bytes when a batch is forced to run again", async () => {
    const events = [await arrival(lake, "cloudfront/f.gz", log(7000, 50, "2026-02-10"))];
    const { output } = await lake.run("Ingest", events);
    const before = await lake.fingerprint("lake");
    const calm = await lake.run("Ingest", { batchId: output.batchId });
    expect(calm.output.status).toBe("NOTHING_NEW");
    const forced = await lake.run("Ingest", { batchId: output.batchId, force: true });
    expect(forced.output).toMatchObject({ status: "RECORDED", batchId: output.batchId });
    expect(await lake.fingerprint("lake")).toEqual(before);
  });

  it("runs a batch again whose execution ended before it was recorded", async () => {
    const events = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        arrival(lake, `cloudfront/left-${i}.gz`, log(9000 + 10 * i, 3, "2026-02-12")),
      ),
    );
    const arn = await lake.start("Ingest", events);
    while (!(await lake.objectItem("cloudfront/left-0.gz"))?.batchId)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await lake.abort(arn);
    expect((await lake.ended(arn)).status).toBe("ABORTED");
    const again = await lake.run("Ingest", events.slice(0, 1));
    expect(again.output).toMatchObject({ status: "NOTHING_NEW", resubmitted: 1 });
    await lake.quiet();
    expect((await lines(lake)).filter((line) => line.includes("/left-"))).toHaveLength(60);
    expect(await lake.objectItem("cloudfront/left-7.gz")).toMatchObject({ status: "recorded", rows: 3 });
  });

  it("cuts an object that is larger than a chunk, and loses no line where it is cut", async () => {
    // Text that packs no better than real logs do, or unpacking would stop it as a bomb.
    let seed = 1;
    const random = () => {
      seed = (seed * 48271) % 2147483647;
      return seed.toString(36);
    };
    const count = 600_000;
    const text: string[] = [HEADER];
    for (let i = 0; i < count; i++) {
      text.push(
        `2026-02-13\t12:00:00\tFRA2\t${i}\t192.0.2.7\tGET\td1.cloudfront.net\t/page/${random()}/${random()}${random()}${random()}/some/longer/path/of/a/page/that/people/like.html\t200\n`,
      );
    }
    await lake.put("cloudfront/large.gz", gzipSync(text.join(""), { level: 1 }));
    const large = { source: "cloudfront", objects: [{ bucket: lake.raw, key: "cloudfront/large.gz" }] };
    const { status, output, cause } = await lake.run("Ingest", large);
    expect({ status, cause }).toEqual({ status: "SUCCEEDED", cause: undefined });
    expect(output).toMatchObject({ counts: { lines: count + 2, comments: 2, rows: count, rejected: 0 } });
    const staged = await lake.list("staging", `${output.batchId}/`);
    expect(staged.filter((key) => key.endsWith(".txt"))).toHaveLength(2);
    const keys = await lake.list("lake", "cloudfront/date=2026-02-13/");
    const numbers: number[] = [];
    for (const key of keys) {
      for (const row of await lake.parquet("lake", key, ["sc_bytes", "_line"])) {
        expect(Number(row._line)).toBe(Number(row.sc_bytes) + 3);
        numbers.push(Number(row.sc_bytes));
      }
    }
    expect(new Set(numbers).size).toBe(count);
  }, 120_000);

  it("sets aside what cannot be read, with the reason beside it, and keeps the good rows", async () => {
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

    const aside = (await lake.list("quarantine", "cloudfront/")).filter((key) =>
      key.includes(output.batchId as string),
    );
    expect(aside.filter((key) => key.endsWith("/corrupt.gz"))).toHaveLength(1);
    expect(aside.filter((key) => key.endsWith("/reason.json"))).toHaveLength(4);
    const rejectedKey = aside.find((key) => key.endsWith(".parquet"))!;
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
      (await lake.rows("cloudfront"))
        .filter(({ _source_file }) => String(_source_file).endsWith(`/t/${name}`))
        .map(({ sc_bytes, _line }) => [Number(sc_bytes), Number(_line)]);
    const kept = await rowsOf("cut.gz");
    expect(kept).toEqual(Array.from({ length: cut.rows! }, (_, i) => [8300 + i, i + 3]));
    const aside = (await lake.list("quarantine", "cloudfront/")).filter((key) => key.includes(String(output.batchId)));
    expect(aside.filter((key) => key.endsWith("/reason.json"))).toHaveLength(4);
    expect(aside.filter((key) => /\/cut\.(gz|zst)$/.test(key))).toHaveLength(2);
    const rejected = await lake.parquet("quarantine", aside.find((key) => key.endsWith(".parquet"))!);
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

  it("takes CloudFront's Parquet deliveries, and sets aside other Parquet and what is damaged", async () => {
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
    const rows = (await lake.rows("cloudfront")).filter(({ date }) => date === "2026-02-15");
    expect(rows.map(({ cs_uri_stem, sc_bytes, _line }) => [cs_uri_stem, Number(sc_bytes), Number(_line)])).toEqual(
      Array.from({ length: count }, (_, i) => [`/page ${i}`, i, i + 1]),
    );
  });

  it("fails loudly when objects of several sources come together", async () => {
    const events = [lake.event("cloudfront/m.gz", { eTag: "1" }), lake.event("alb/m.gz", { eTag: "2" })];
    expect(await lake.run("Ingest", events)).toMatchObject({ status: "FAILED", error: "MixedArrivals" });
  });

  it("finds by crawling what was not registered", async () => {
    const crawled = await lake.run("Catalog", { source: "cloudfront", crawl: true });
    expect(crawled).toMatchObject({ status: "SUCCEEDED", output: { source: "cloudfront", registered: 0 } });
  });
});

describe("ingest of 1,000 small objects", () => {
  let lake: Lake;
  beforeAll(async () => {
    lake = await aLake();
  });
  afterAll(() => lake.stop());

  it("hands over less than 32 KiB from any state to the next", async () => {
    const body = log(0, 2);
    const objects = Array.from({ length: 1000 }, (_, i) => ({ bucket: lake.raw, key: `cloudfront/small/${i}.gz` }));
    for (let at = 0; at < 1000; at += 50) {
      await Promise.all(objects.slice(at, at + 50).map(({ key }) => lake.put(key, body)));
    }
    const { arn, status, output } = await lake.run("Ingest", { source: "cloudfront", objects });
    expect(status).toBe("SUCCEEDED");
    expect(output).toMatchObject({ counts: { objects: 1000, rows: 2000, files: 1 } });
    const events = await lake.history(arn);
    const sizes = events.map((event) => ({
      bytes: Buffer.byteLength(event.stateExitedEventDetails?.output ?? event.taskSucceededEventDetails?.output ?? ""),
      name: event.stateExitedEventDetails?.name,
    }));
    const largest = sizes.reduce((a, b) => (a.bytes >= b.bytes ? a : b));
    expect(largest.bytes).toBeGreaterThan(0);
    expect(largest.bytes).toBeLessThan(32 << 10);
    expect(events.length).toBeLessThan(25_000);
  }, 120_000);
});

describe.skipIf(!hasSharedData)("ingest of the real files beside the repository", () => {
  let lake: Lake;
  beforeAll(async () => {
    lake = await aLake();
  });
  afterAll(() => lake.stop());

  for (const source of ["cloudfront", "alb"]) {
    it(`accounts for each line of ${source}`, async () => {
      const folder = join(sharedData, source);
      const files = readdirSync(folder).filter((name) => /\.(log|gz)$/.test(name) && !name.startsWith("v2-"));
      for (const name of files) await lake.put(`${source}/${name}`, readFileSync(join(folder, name)));
      const objects = files.map((name) => ({ bucket: lake.raw, key: `${source}/${name}` }));
      const { status, output, cause } = await lake.run("Ingest", { source, objects });
      expect({ status, cause }).toEqual({ status: "SUCCEEDED", cause: undefined });
      const counted = new Map<string, number>();
      for (const { _source_file } of await lake.rows(source, ["_source_file"])) {
        counted.set(String(_source_file), (counted.get(String(_source_file)) ?? 0) + 1);
      }
      for (const name of files) {
        const item = await lake.objectItem(`${source}/${name}`);
        expect(item, name).toMatchObject({ status: "recorded", lines: physicalLines(join(folder, name)) });
        expect(item.comments! + item.rows! + item.rejected!, name).toBe(item.lines);
        expect(counted.get(`s3://${lake.raw}/${source}/${name}`) ?? 0, name).toBe(item.rows);
        const expected = expectedRecords(folder, name);
        if (expected !== undefined) expect(item.rows, name).toBe(expected);
      }
      expect(output).toMatchObject({ counts: { objects: files.length } });
    }, 120_000);
  }
});

/** Counted in another way than the lake does. */
function physicalLines(path: string): number {
  const bytes = readFileSync(path);
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString("latin1");
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}

function expectedRecords(folder: string, name: string): number | undefined {
  const names = readdirSync(folder);
  if (!names.includes(`${name}.expected.json`)) return undefined;
  const records = JSON.parse(readFileSync(join(folder, `${name}.expected.json`), "utf8")) as { error?: string }[];
  return records.filter(({ error }) => !error).length;
}
