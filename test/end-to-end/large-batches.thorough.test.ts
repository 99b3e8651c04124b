import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aLake, type Lake } from "./a-lake.ts";
import { HEADER, log } from "./small-log.ts";

describe("ingest of large batches", () => {
  let lake: Lake;
  beforeAll(async () => {
    lake = await aLake();
  });
  afterAll(() => lake.stop());

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

  it("takes an object of 3,800 dates", async () => {
    const dates = Array.from({ length: 3800 }, (_, n) => new Date(Date.UTC(2015, 0, 1 + n)).toISOString().slice(0, 10));
    const body = dates
      .map((date, n) => `${date}\t12:00:00\tFRA2\t${n}\t192.0.2.7\tGET\td1.cloudfront.net\t/\t200\n`)
      .join("");
    await lake.put("cloudfront/dates.gz", gzipSync(HEADER + body));
    const object = { source: "cloudfront", objects: [{ bucket: lake.raw, key: "cloudfront/dates.gz" }] };
    const { arn, status, output, cause } = await lake.run("Ingest", object);
    expect({ status, cause }).toEqual({ status: "SUCCEEDED", cause: undefined });
    expect(output).toMatchObject({ counts: { rows: 3800, files: 3800, dates: 3800 } });
    expect((await lake.history(arn)).length).toBeLessThan(150);
    const keys = (await lake.list("lake", "cloudfront/")).filter((key) => key.includes(output.batchId as string));
    expect(keys).toHaveLength(3800);
    expect(await lake.parquet("lake", keys.find((key) => key.includes(dates[1234]!))!, ["sc_bytes"])).toEqual([
      { sc_bytes: 1234n },
    ]);
  }, 300_000);

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
