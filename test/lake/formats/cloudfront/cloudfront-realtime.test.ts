import { describe, expect, it } from "vitest";
import { cloudfrontRealtime } from "../../../../lake/formats/cloudfront/cloudfront-realtime.ts";
import { formatOf } from "../../../../lake/formats/index.ts";
import { parseText, readRows } from "../../columns/parse-text.ts";

/** All 69 fields of the documentation. */
const line = `1768644000.123\t192.0.2.1\t203.0.113.9\t0.002\t200\t391\tGET\thttps\twww.example.com\t/index.html\t100\tFRA56-P8\tid==\tx.cloudfront.net\t0.002\tHTTP/2.0\tIPv4\tcurl/8%2520x\t-${"\t-".repeat(50)}`;
const names = (fields: string[]) => ({ formatOptions: { fields } });

describe("cloudfront-realtime", () => {
  it("is recognised, and a table with an epoch in front is not it", () => {
    expect(formatOf(Buffer.from(`${line}\n`))).toBe("cloudfront-realtime");
    expect(formatOf(Buffer.from("1768644000.123\ta\tb\n1768644000.124\tc\td\n"))).toBe("csv");
  });

  it("reads all fields in CloudFront's order", async () => {
    const { files, rejected } = await parseText(cloudfrontRealtime, `${line}\n`);
    expect(rejected).toEqual([]);
    expect((await readRows(files))[0]).toMatchObject({
      date: "2026-01-17",
      time: new Date("2026-01-17T10:00:00.123Z"),
      c_ip: "192.0.2.1",
      sc_status: 200,
      sc_bytes: 391n,
      cs_user_agent: "curl/8%20x",
      cs_referer: null,
      asn: null,
      _extra: null,
    });
  });

  it("reads the configured fields, wherever the time stands, and keeps what has no column", async () => {
    const { files } = await parseText(
      cloudfrontRealtime,
      "192.0.2.1\t1768644000\tx\t9\n",
      names(["c-ip", "timestamp", "new-field"]),
    );
    expect((await readRows(files))[0]).toMatchObject({
      c_ip: "192.0.2.1",
      time: new Date("2026-01-17T10:00:00Z"),
      _extra: '{"new-field":"x","extra_4":"9"}',
    });
  });

  it("reads all fields that there are, and times in milliseconds or with more digits", async () => {
    const values = cloudfrontRealtime.columns().map(({ type }, i) => (type === "string" ? `v${i}` : String(i)));
    const times = ["1768644000.123", "1768644000123", "1768644000.123456", "1768644000"];
    const text = times.map((time) => [time, ...values.slice(1)].join("\t")).join("\n");
    const { files, rejected } = await parseText(cloudfrontRealtime, text);
    expect(rejected).toEqual([]);
    const rows = await readRows(files);
    expect(rows.map(({ time }) => (time as Date).getTime() % 1000)).toEqual([123, 123, 123, 0]);
    expect(rows[0]).toMatchObject({
      cmcd_encoded_bitrate: 46n,
      cmcd_version: "v63",
      connection_id: "v68",
      _extra: null,
    });
  });

  it("rejects what has no time", async () => {
    const { rejected } = await parseText(cloudfrontRealtime, "2026-01-17\tx\ty\n\nabc\n1768644000.1\n");
    expect(rejected.map(({ reason, line }) => [line, reason])).toEqual([
      [1, "INVALID_DATE"],
      [3, "INVALID_DATE"],
      [4, "TOO_FEW_FIELDS"],
    ]);
  });

  it("takes a text of its fields only", () => {
    const accepts = (text: string) => cloudfrontRealtime.accepts!(Buffer.from(text), { fields: ["c-ip", "timestamp"] });
    expect(accepts("192.0.2.1\t1768644000.123\n")).toBe(true);
    expect(accepts("1768644000.123\t192.0.2.1\n")).toBe(false);
  });
});
