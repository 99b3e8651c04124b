/** Objects that landed under the wrong prefix: every source says what it got, and takes only what is its own. */
import { describe, expect, it } from "vitest";
import type { FormatName } from "../../../lake/formats/index.ts";
import { acceptedFormat } from "../../../lake/sources/detection.ts";

const record = "https 2026-01-17T10:00:00.000000Z app/a/1 192.0.2.1:2817 - -1 -1 -1 400 - 0 152";
const objects: Record<string, string> = {
  cloudfront: "#Version: 1.0\n#Fields: date time c-ip\n2026-01-17\t10:00:00\t192.0.2.1\n",
  "cloudfront-json": '{"date":"2026-01-17","time":"10:00:00","x-edge-location":"FRA2"}\n',
  "cloudfront-realtime": `1768644000.123\t192.0.2.1\t203.0.113.9\t0.002\t200\t391\tGET\thttps\th\t/\t1\tFRA56-P8${"\t-".repeat(57)}\n`,
  alb: `${record} "GET https://h:443/ HTTP/1.1" "-" - - - "-" "-" "-" - 2026-01-17T10:00:00.000000Z "-"\n`,
  "alb-connection": "2026-01-17T17:05:15.514108Z 203.0.113.1 36280 443 - - - - - - Failed:ClientCertUntrusted\n",
  "alb-health-check": "http 2026-01-17T12:44:59.875678Z 0.019584011 172.31.20.97:80 Targets PASS 200 -\n",
  nlb: "tls 2.0 2026-01-17T02:59:40 net/a/1 l 192.0.2.1:51341 10.0.0.1:443 5 2 98 246 - - - - - - h - - -\n",
  "elb-classic":
    '2026-01-17T23:39:43.945958Z lb 192.0.2.1:2817 10.0.0.1:80 0.1 0.1 0.1 200 200 0 29 "GET http://h:80/ HTTP/1.1"\n',
  "s3-access":
    '79a5 bucket [17/Jan/2026:00:00:38 +0000] 192.0.2.3 79a5 3E57 REST.GET.OBJECT k "GET /k HTTP/1.1" 200 -\n',
  json: ' \n[\n {"id":1}\n]\n',
  csv: "id,at\n1,2026-01-17\n2,2026-01-18\n",
};
const names = Object.keys(objects) as FormatName[];
const accept = (text: string | Uint8Array, source: FormatName) =>
  acceptedFormat({ bucket: "raw", key: "k" }, Buffer.from(text as string), source);

/** One table for both, so either source takes both. */
const siblings = new Set(["cloudfront", "cloudfront-json"]);

describe("an object under another source's prefix", () => {
  it.each(names)("%s is named", (name) => {
    for (const source of names) {
      if (source === name || (siblings.has(name) && siblings.has(source))) {
        expect(accept(objects[name]!, source)).toBe(name);
        continue;
      }
      const taken = () => accept(objects[name]!, source);
      expect(taken, source).toThrow(`as that of its source, ${source}: it is ${name}`);
      try {
        taken();
      } catch (error) {
        expect((error as Error).name).toBe("UnknownFormat");
      }
    }
  });

  it.each(names)("%s is named behind a byte order mark and a broken first line", (name) => {
    expect(accept(`\ufeff${objects[name]}`, name)).toBe(name);
    if (name !== "csv" && name !== "json") expect(accept(`~~~ broken\n${objects[name]}`, name)).toBe(name);
  });

  it("leaves another's table of dates and times to the general formats", () => {
    const table = `day\thour${"\tx".repeat(12)}\n`
      .repeat(2)
      .replaceAll("day", "2026-01-17")
      .replaceAll("hour", "10:00:00");
    expect(accept(table, "csv")).toBe("csv");
    expect(() => accept(table, "cloudfront")).toThrow(/it is csv/);
    const anonymous = `2026-01-17\t10:00:00\tFRA2\t391\tx.x.x.x\t${"-\t".repeat(9)}\n`;
    expect(accept(anonymous, "cloudfront")).toBe("cloudfront");
  });

  it("knows the buckets of old", () => {
    expect(accept(objects["s3-access"]!.replace("bucket", "DOC-EXAMPLE_BUCKET1"), "s3-access")).toBe("s3-access");
  });

  const foreign: [string, string | Uint8Array, RegExp][] = [
    ["an HTML page", "<!DOCTYPE html>\n<html><body>503, a, b</body></html>\n", /it is an HTML page/],
    ["a page without a doctype", "\n <html>\n<head></head></html>", /it is an HTML page/],
    ["an error of S3", '<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>', /an error of AWS in XML/],
    ["an error without a prologue", "<Error><Code>NoSuchKey</Code></Error>", /an error of AWS in XML/],
    ["another XML document", "<feed xmlns='x'>\n</feed>", /an XML document/],
    [
      "a load balancer's test file",
      "Enable AccessLog for ELB: web at 2026-01-17T10:00:00Z",
      /tries whether it may write/,
    ],
    [
      "a test file for connection logs",
      "Enable ConnectionLog for ELB: app/web/1 at 2026-01-17T10:00:00Z\n",
      /tries whether/,
    ],
    ["a test file that says no more", "Enable HealthCheckLog for ELB\n", /tries whether it may write/],
    ["a PDF", "%PDF-1.7\n%\xe2\xe3\n1 0 obj\n", /a PDF/],
    ["a PNG image", Buffer.from("89504e470d0a1a0a0000000d", "hex"), /a PNG image/],
    ["an ELF program", Buffer.from("7f454c46020101000000", "hex"), /an ELF program/],
  ];

  it.each(foreign)("%s is refused by name", (_, content, message) => {
    for (const source of names) expect(() => accept(content, source), source).toThrow(message);
  });

  it.each([
    ["of a web server", '192.0.2.1 - - [17/Jan/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "curl"\n'],
    [
      "of IIS",
      "#Software: Microsoft IIS 10.0\n#Version: 1.0\n#Fields: date time s-ip\n2026-01-17 10:00:00 192.0.2.1\n",
    ],
    ["that name nothing", "#Version: 1.0\n#Fields: foo bar\n1\t2\n"],
    ["of a mail server", "Jan 17 10:00:00 mx postfix/smtpd[1]: connect from unknown[192.0.2.1]\n"],
    ["in prose", "{hello} world\nfoo\n"],
  ])("lines %s are in no format", (_, text) => {
    for (const source of names.filter((name) => name !== "csv"))
      expect(() => accept(text, source), source).toThrow(/Cannot name the log format of s3:\/\/raw\/k: it starts with/);
  });

  it.each(["", " \n\n \r\n\t"])("white space (%j) is in no format, and said to be that", (text) => {
    for (const source of names.filter((name) => name !== "csv"))
      expect(() => accept(text, source), source).toThrow(/nothing but white space/);
  });
});
