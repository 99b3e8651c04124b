import { describe, expect, it } from "vitest";
import { defineLake } from "../../lake/config.ts";
import { proposeSource } from "../../lake/infer-source.ts";

const propose = (text: string) => proposeSource(Buffer.from(text));

describe("proposeSource", () => {
  it("types the keys of JSON records and finds their time", async () => {
    const proposal = await propose(
      '{"userId":7,"at":"2026-01-17T10:00:00+01:00","ok":true,"price":1.5,"zip":"01234","date":"2026-01-17"}\n' +
        '{"userId":null,"at":"2026-01-17T11:00:00Z","ok":false,"price":2,"zip":"99999","tags":["a"]}\n',
    );
    expect(proposal).toEqual({
      format: "json",
      formatOptions: {
        columns: [
          { name: "user_id", type: "int64", upstreamName: "userId" },
          { name: "at", type: "timestamp_millis", upstreamName: "at" },
          { name: "ok", type: "boolean", upstreamName: "ok" },
          { name: "price", type: "double", upstreamName: "price" },
          { name: "zip", type: "string", upstreamName: "zip" },
          { name: "event_date", type: "date", upstreamName: "date" },
          { name: "tags", type: "string", upstreamName: "tags" },
        ],
        time: "at",
      },
      rows: 2,
      rejected: 0,
      invalidFields: 0,
    });
    const { format, formatOptions } = proposal;
    const source = { format, formatOptions: { ...formatOptions }, prefix: "app/" };
    expect(() => defineLake({ sources: { app: source }, alertRecipients: ["a@example.com"] })).not.toThrow();
  });

  it("types the fields of delimited text", async () => {
    const proposal = await propose("ts;Full Name;Full-Name\n1768644000;a;1\n1768644001;b;\n");
    expect(proposal.formatOptions).toMatchObject({
      time: "ts",
      columns: [
        { name: "ts", type: "timestamp_millis" },
        { name: "full_name", type: "string" },
        { name: "full_name_2", type: "int64" },
      ],
    });
    expect(proposal).toMatchObject({ format: "csv", rows: 2, rejected: 0, invalidFields: 0 });
  });

  it("asks for no options where the format knows its columns, and takes the rest for lines", async () => {
    const json = '{"date":"2026-01-17","time":"10:00:00","x-edge-location":"SOF50-P2"}\n';
    expect(await propose(json)).toEqual({ format: "cloudfront-json", rows: 1, rejected: 0, invalidFields: 0 });
    expect(await propose("dear diary\n")).toEqual({ format: "text", rows: 1, rejected: 0, invalidFields: 0 });
  });
});
