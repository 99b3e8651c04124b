import { describe, expect, it } from "vitest";
import { acceptedFormat } from "../../../lake/sources/detection.ts";

const object = { bucket: "raw", key: "cloudfront/a.gz" };
const accept = (text: string) => acceptedFormat(object, Buffer.from(text), "cloudfront");

describe("acceptedFormat", () => {
  it("takes what is in the source's format", () => {
    expect(accept("#Version: 1.0\n#Fields: date time\n2026-01-01\t00:00:00\n")).toBe("cloudfront");
  });

  it("names another format that it recognises", () => {
    const alb =
      'http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - -\n';
    expect(() => accept(alb)).toThrow(/of its source, cloudfront: it is alb/);
  });

  it("quotes how an unknown one starts", () => {
    expect(() => accept("\x89PNG...")).toThrow(/starts with ".*PNG/);
  });

  it("says what to do with an unknown one, whether or not its beginning may be quoted", () => {
    const mayQuote = [true, false];
    for (const quote of mayQuote) {
      const taken = (text: string) => acceptedFormat(object, Buffer.from(text), "cloudfront", undefined, quote);
      expect(() => taken("dear diary\n")).toThrow(/\. Fetch it and let "sluice sources infer" propose a source/);
      expect(() => taken("\0\x01\x02\x03 dear diary\n")).toThrow(/\. It is no text: unpack it/);
    }
    expect(() => acceptedFormat(object, Buffer.from("dear diary\n"), "cloudfront", undefined, false)).not.toThrow(
      /diary/,
    );
  });

  it("says that records lack their header", () => {
    expect(() => accept("2014-05-23\t01:13:11\tFRA2\n")).toThrow(/it has no header: expected a #Fields line/);
  });

  it("takes the formats that share the source's table", () => {
    const json = '{"date":"2026-01-17","time":"10:00:00","x-edge-location":"SOF50-P2"}\n';
    expect(accept(json)).toBe("cloudfront-json");
    expect(() => acceptedFormat(object, Buffer.from(json), "json")).toThrow(/it is cloudfront-json/);
  });

  it("lets the bytes win against the configured format", () => {
    const record = '{"id":1,"at":"2026-01-17T10:00:00Z"}\n';
    expect(() => acceptedFormat(object, Buffer.from(record), "csv")).toThrow(/it is json/);
    expect(acceptedFormat(object, Buffer.from("id;at\n"), "csv")).toBe("csv");
  });

  it("takes any lines as text where the source asks for text, but no binary", () => {
    expect(acceptedFormat(object, Buffer.from("dear diary\n"), "text")).toBe("text");
    expect(() => acceptedFormat(object, Buffer.from("PAR1\0\0\x15\0"), "text")).toThrow(/Cannot name/);
  });

  it.each([
    ["zlib", "78da8d90", /it is a zlib stream without gzip's header\. Unpack it/],
    ["zlib at its fastest", "78018d90", /it is a zlib stream without gzip's header\. Unpack it/],
    ["xz", "fd377a585a000004", /it is an xz archive\. Unpack it, or pack its files with gzip, zstd or bzip2 instead/],
    ["zip", "504b0304140000000800", /it is a zip archive\. Deliver the files in it one by one/],
    ["7z", "377abcaf271c0004", /it is a 7z archive/],
    ["tar", `${"00".repeat(257)}7573746172`, /it is a tar archive/],
    ["LZ4", "04224d1864a7", /it is an LZ4 archive/],
    ["Snappy", "ff060000734e61507059", /it is a Snappy archive/],
    ["gzip, still", "1f8b0800", /it is gzip within gzip within gzip/],
    ["Parquet in gzip", "5041523115041500", /it is Parquet within an archive\. Deliver the Parquet file itself/],
  ])("names %s and says what to do", (_, bytes, message) => {
    for (const expected of ["cloudfront", "text", "csv", "json"] as const)
      expect(() => acceptedFormat(object, Buffer.from(bytes, "hex"), expected)).toThrow(message);
  });

  it("takes a text with some control characters in it, and nothing that is full of them", () => {
    for (const expected of ["text", "csv"] as const) {
      expect(acceptedFormat(object, Buffer.from("one\0\u2028\v\f\x1b[1mtwo\nthree\n"), expected)).toBe(expected);
      const random = Buffer.from(Array.from({ length: 500 }, (_, i) => (i * i * 31 + 7) % 256));
      expect(() => acceptedFormat(object, random, expected)).toThrow(/Cannot name/);
      expect(() => acceptedFormat(object, Buffer.alloc(100), expected)).toThrow(/Cannot name/);
    }
  });

  it("does not take a text for something else by its first letters", () => {
    for (const text of ["PAR1 was a race\n", "ORC,ELF\n1,2\n", "LZIP is a tool\n", `${"x".repeat(257)}ustar\n`])
      expect(acceptedFormat(object, Buffer.from(text), "text")).toBe("text");
  });

  it("refuses lines that end in CR alone where they would be one line, and leaves CSV and JSON alone", () => {
    const log = "#Version: 1.0\r#Fields: date time\r2026-01-01\t00:00:00\r";
    expect(() => accept(log)).toThrow(/its lines end in CR alone\. Convert them/);
    expect(() => acceptedFormat(object, Buffer.from("one\rtwo\r"), "text")).toThrow(/CR alone/);
    expect(acceptedFormat(object, Buffer.from("a,b\r1,2\r3,4\r"), "csv")).toBe("csv");
    expect(acceptedFormat(object, Buffer.from('{"a":1}\r{"a":2}\r'), "json")).toBe("json");
    expect(accept("#Version: 1.0\r\n#Fields: date time\r\n")).toBe("cloudfront");
    expect(accept("#Version: 1.0\r")).toBe("cloudfront");
  });

  it.each([
    ["with a byte order mark", Buffer.from("\ufeff#Version: 1.0\n", "utf16le")],
    ["big-endian, with a byte order mark", Buffer.from("\ufeff#Version: 1.0\n", "utf16le").swap16()],
    ["without one", Buffer.from("#Version: 1.0\n", "utf16le")],
  ])("refuses UTF-16 %s by name", (_, head) => {
    for (const expected of ["cloudfront", "text", "csv", "json"] as const)
      expect(() => acceptedFormat(object, head, expected)).toThrow(/its text is UTF-16, and only UTF-8 is read/);
  });
});
