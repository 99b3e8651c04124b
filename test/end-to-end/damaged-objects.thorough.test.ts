/** One batch of objects that are packed in every way and damaged in every way: what the ledger says of each. */
import { readFileSync } from "node:fs";
import { constants, crc32, deflateRawSync, gunzipSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ObjectItem } from "../../lake/batch/ledger.ts";
import { aLake, arrival, type Lake } from "./a-lake.ts";

const HEADER =
  "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status\n";
const COUNT = 60;
const record = (n: number, path = `/page/${(n * 7919) % 1000}`) =>
  `2026-01-17\t12:00:00\tFRA2\t${n}\t192.0.2.7\tGET\td1.cloudfront.net\t${path}\t200\n`;
const body = Array.from({ length: COUNT }, (_, n) => record(n)).join("");
const log = Buffer.from(HEADER + body);
const half = Math.floor(log.length / 2);
const gz = gzipSync(log);
const zst = zstdCompressSync(log, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
/** Two blocks. */
const bzip2 = readFileSync(new URL("../lake/unpack/fixtures/bzip2/cloudfront.bz2", import.meta.url));

const flipped = (bytes: Uint8Array, at: number, bits = 0x10) => {
  const copy = Buffer.from(bytes);
  copy[at < 0 ? copy.length + at : at]! ^= bits;
  return copy;
};
const member = (text: Uint8Array, { flags = 0, method = 8, fields = Buffer.alloc(0) } = {}) => {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(text));
  trailer.writeUInt32LE(text.length, 4);
  return Buffer.concat([Buffer.of(31, 139, method, flags, 0, 0, 0, 0, 0, 3), fields, deflateRawSync(text), trailer]);
};
const mark = Buffer.of(0xef, 0xbb, 0xbf);
const whole = { status: "recorded", rows: COUNT, rejected: 0, comments: 2 };
const twice = { status: "recorded", rows: 2 * COUNT, rejected: 0, comments: 4 };
const corrupt = { status: "quarantined", reason: "CorruptArchive" };
const unknown = (detail: RegExp) => ({
  status: "quarantined",
  reason: "UnknownFormat",
  detail: expect.stringMatching(detail),
});
const cut = (more: object = {}) => ({ status: "truncated", reason: "TruncatedArchive", ...more });
const cutToNothing = { status: "quarantined", reason: "TruncatedArchive" };

const cases: Record<string, [bytes: Uint8Array | string, expected: object]> = {
  "plain.log": [log, whole],
  "plain-named.gz": [log, whole],
  "gzip-named.log": [gz, whole],
  "crlf.gz": [gzipSync(Buffer.from(log.toString().replaceAll("\n", "\r\n"))), whole],
  "no-final-newline.gz": [gzipSync(log.subarray(0, -1)), whole],
  "two-members.gz": [Buffer.concat([gz, gz]), twice],
  "empty-members.gz": [Buffer.concat([gzipSync(""), gz, gzipSync(""), gz, gzipSync("")]), twice],
  "split-in-a-line.gz": [Buffer.concat([gzipSync(log.subarray(0, half)), gzipSync(log.subarray(half))]), whole],
  "member-per-line.gz": [
    Buffer.concat(
      log
        .toString()
        .split(/(?<=\n)/)
        .map((line) => gzipSync(line)),
    ),
    whole,
  ],
  "all-header-fields.gz": [
    member(log, { flags: 0x1c, fields: Buffer.from("\x03\0abcname.log\0a comment\0", "latin1") }),
    whole,
  ],
  "zero-padding.gz": [Buffer.concat([gz, Buffer.alloc(1000)]), whole],
  "padding-between.gz": [Buffer.concat([gz, Buffer.alloc(512), gz]), twice],
  "trailing-garbage.gz": [
    Buffer.concat([gz, Buffer.from("garbage")]),
    { ...whole, warning: expect.stringMatching(/7 bytes/) },
  ],
  "marks.gz": [Buffer.concat([gzipSync(Buffer.concat([mark, log])), gzipSync(Buffer.concat([mark, log]))]), twice],
  "twice.gz": [gzipSync(gz), whole],
  "gzip-of-zstd.gz": [gzipSync(zst), whole],
  "thrice.gz": [gzipSync(gzipSync(gz)), unknown(/gzip within gzip within gzip/)],
  "of-nothing.gz": [gzipSync(""), { status: "passed-over", reason: "EmptyObject" }],

  "cut-in-header.gz": [gz.subarray(0, 7), cutToNothing],
  "cut-in-stream.gz": [gz.subarray(0, gz.length - 100), cut({ comments: 2, rejected: 1 })],
  "cut-before-checksum.gz": [gz.subarray(0, -8), cut({ rows: COUNT, rejected: 0 })],
  "cut-in-checksum.gz": [gz.subarray(0, -6), cut({ rows: COUNT, rejected: 0 })],
  "cut-in-length.gz": [gz.subarray(0, -1), cut({ rows: COUNT, rejected: 0 })],
  "cut-in-second.gz": [Buffer.concat([gz, gz.subarray(0, 40)]), cut({ rows: COUNT })],
  "cut-in-second-header.gz": [Buffer.concat([gz, gz.subarray(0, 4)]), cut({ rows: COUNT, rejected: 0 })],
  "cut-outer.gz": [gzipSync(gz).subarray(0, -60), cut()],
  "cut-inner.gz": [gzipSync(gz.subarray(0, -60)), cut({ comments: 2 })],
  "stored.gz": [gzipSync(log, { level: 0 }).subarray(0, -2000), cut({ rejected: 1 })],

  "checksum.gz": [flipped(gz, -8), corrupt],
  "length.gz": [flipped(gz, -4), corrupt],
  "stream.gz": [flipped(gz, Math.floor(gz.length / 2)), corrupt],
  "method.gz": [flipped(gz, 2, 1), corrupt],
  "reserved-flags.gz": [flipped(gz, 3, 0x80), corrupt],
  "header-checksum.gz": [member(log, { flags: 2, fields: Buffer.of(1, 2) }), corrupt],
  "second-damaged.gz": [Buffer.concat([gz, flipped(gz, 60)]), corrupt],
  "second-magic.gz": [Buffer.concat([gz, flipped(gz, 1)]), corrupt],
  "garbage-like-gzip.gz": [Buffer.concat([gz, Buffer.of(0x1f, 0x8b), Buffer.from("garbage")]), corrupt],
  "garbage-between.gz": [Buffer.concat([gz, Buffer.from("garbage"), gz]), corrupt],
  "magic-only.gz": [Buffer.of(0x1f, 0x8b, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), corrupt],

  "frames.zst": [Buffer.concat([zst, Buffer.of(0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 7, 7), zst]), twice],
  "cut.zst": [zst.subarray(0, -2), cut({ rows: COUNT, rejected: 0 })],
  "cut-in-block.zst": [zst.subarray(0, 200), cutToNothing],
  "cut-in-second.zst": [Buffer.concat([zst, zst.subarray(0, 200)]), cut({ rows: COUNT, rejected: 0 })],
  "checksum.zst": [flipped(zst, -1), corrupt],
  "window.zst": [
    Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0, 22 << 3, 1, 0, 0),
    { status: "quarantined", reason: "ArchiveTooLarge" },
  ],
  "dictionary.zst": [Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 2, 0x50, 0xd2, 4, 1, 0, 0), unknown(/dictionary 1234/)],

  "whole.bz2": [bzip2, { status: "recorded", rows: 2000, comments: 2 }],
  "twice.bz2": [Buffer.concat([bzip2, bzip2]), { status: "recorded", rows: 4000, comments: 4 }],
  "cut.bz2": [bzip2.subarray(0, -5), cut({ rows: 2000, rejected: 0 })],
  "cut-in-block.bz2": [bzip2.subarray(0, -300), cut({ comments: 2, rejected: 1 })],
  "block.bz2": [flipped(bzip2, 2000), corrupt],

  "bomb.gz": [gzipSync(Buffer.alloc(100 << 20)), { status: "quarantined", reason: "ArchiveTooLarge" }],
  "utf-16le.log": [Buffer.from(`\ufeff${log}`, "utf16le"), unknown(/UTF-16/)],
  "utf-16be.gz": [gzipSync(Buffer.from(log.toString(), "utf16le").swap16()), unknown(/UTF-16.*Convert it to UTF-8/)],
  "mac.log": [Buffer.from(log.toString().replaceAll("\n", "\r")), unknown(/end in CR alone/)],
  "archive.xz": [Buffer.from("fd377a585a000004e6d6b446", "hex"), unknown(/an xz archive/)],
  "archive.zip": [Buffer.from("504b03041400000008000000", "hex"), unknown(/a zip archive/)],
  "archive.tar.gz": [
    gzipSync(Buffer.concat([Buffer.alloc(257), Buffer.from("ustar\0"), Buffer.alloc(249)])),
    unknown(/a tar archive/),
  ],
  "long-line.gz": [
    gzipSync(`${HEADER}${record(1, `/${"0123456789abcdefghij".repeat(500_000)}`)}${record(2)}`, { level: 0 }),
    { status: "recorded", rows: 2, rejected: 0 },
  ],
  "odd-characters.gz": [
    gzipSync(
      `${HEADER}${record(1, "/nul\0")}${record(2, "/ls\u2028ps\u2029")}${record(3, "/vt\vff\f")}${record(4, "/nel\u0085")}`,
    ),
    { status: "recorded", rows: 4, rejected: 0 },
  ],
};

describe("objects that are damaged in every way", () => {
  let lake: Lake;
  const items = new Map<string, ObjectItem>();
  let counts: Record<string, number>;

  beforeAll(async () => {
    lake = await aLake();
    const events = [];
    for (const [name, [bytes]] of Object.entries(cases)) events.push(await arrival(lake, `cloudfront/${name}`, bytes));
    events.push(lake.event("cloudfront/zero-bytes.gz", { size: 0, eTag: "0" }));
    const { status, output, cause } = await lake.run("Ingest", events);
    expect({ status, cause }).toEqual({ status: "SUCCEEDED", cause: undefined });
    expect(output.passedOver).toMatchObject({ emptyObjects: 1 });
    counts = output.counts as Record<string, number>;
    for (const name of Object.keys(cases)) items.set(name, await lake.objectItem(`cloudfront/${name}`));
  }, 300_000);
  afterAll(() => lake.stop());

  it.each(Object.entries(cases))("%s", (name, [, expected]) => {
    const item = items.get(name)!;
    expect(item).toMatchObject(expected);
    if (item.lines !== undefined) expect(item.comments! + item.rows! + item.rejected!).toBe(item.lines);
    if (item.status === "truncated") expect(item.detail).toMatch(/is cut: .* at byte \d+/);
  });

  it("are all counted by what became of them", () => {
    const having = (status: string) => [...items.values()].filter((item) => item.status === status).length;
    expect(counts).toMatchObject({
      objects: Object.keys(cases).length,
      recordedObjects: having("recorded"),
      truncatedObjects: having("truncated"),
      quarantinedObjects: having("quarantined"),
      passedOverObjects: having("passed-over"),
    });
  });

  it("give no row that is not in the log", async () => {
    const lines = new Set([...Array(COUNT).keys()].map((n) => `${n} /page/${(n * 7919) % 1000}`));
    const rows = await lake.rows("cloudfront", { columns: ["sc_bytes", "cs_uri_stem", "_source_file"] });
    for (const { sc_bytes, cs_uri_stem, _source_file } of rows)
      if (!/(long-line|odd-characters)\.gz$|\.bz2$/.test(String(_source_file)))
        expect(lines).toContain(`${sc_bytes} ${cs_uri_stem}`);
    const stems = rows.filter(({ _source_file }) => /odd-characters/.test(String(_source_file)));
    expect(stems.map(({ cs_uri_stem }) => cs_uri_stem)).toEqual([
      "/nul\0",
      "/ls\u2028ps\u2029",
      "/vt\vff\f",
      "/nel\u0085",
    ]);
  });

  it("have a reason, and a copy, in quarantine unless they are whole", async () => {
    const keys = await lake.list("quarantine", "cloudfront/");
    const reported = [...items.values()].filter(({ status }) => status === "truncated" || status === "quarantined");
    expect(keys.filter((key) => key.endsWith("/reason.json"))).toHaveLength(reported.length);
    for (const { key } of reported) {
      const copy = keys.find((candidate) => candidate.endsWith(`/${key.split("/").at(-1)}`));
      expect(
        Buffer.from(await lake.read("quarantine", copy!)).equals(Buffer.from(cases[key.split("/").at(-1)!]![0])),
      ).toBe(true);
    }
  });
});

it("makes the archives it says", () => {
  expect(gunzipSync(gz).equals(log)).toBe(true);
  expect(gz.length).toBeGreaterThan(300);
});
