import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allFields } from "../../../../lake/formats/cloudfront/cloudfront-realtime.ts";
import { guessFields } from "../../../../lake/formats/cloudfront/realtime-fields.ts";
import { proposeSource } from "../../../../lake/sources/infer-source.ts";

/** Usual values of the fields that tell themselves. */
const USUAL: Readonly<Record<string, string>> = {
  timestamp: "1768644000.123",
  "c-ip": "192.0.2.1",
  "time-to-first-byte": "0.002",
  "sc-status": "200",
  "cs-method": "GET",
  "cs-protocol": "https",
  "cs-host": "www.example.com",
  "cs-uri-stem": "/a/b.html",
  "x-edge-location": "FRA56-P8",
  "x-edge-request-id": "uou6Lj-x==",
  "cs-protocol-version": "HTTP/2.0",
  "c-ip-version": "IPv4",
  "cs-user-agent": "curl/8.1",
  "ssl-protocol": "TLSv1.3",
  "x-edge-result-type": "Hit",
  "sc-content-type": "text/html",
  "c-country": "DE",
};

/** The full list of 2022: without the server's address and the primary distribution. */
const FIELDS_OF_2022 = allFields.slice(0, 46).filter((name) => name !== "s-ip" && !name.startsWith("primary-"));

describe("guessFields", () => {
  it("finds any choice of fields whose values tell themselves", () => {
    const names = Object.keys(USUAL);
    fc.assert(
      fc.property(fc.subarray(names.slice(1)), (chosen) => {
        const fields = ["timestamp", ...chosen].sort((a, b) => allFields.indexOf(a) - allFields.indexOf(b));
        // Values that others have as well: a host may be that of the header, a result any of three.
        const alike = (name: string) =>
          name === "x-edge-response-result-type" ? "x-edge-result-type" : name === "x-host-header" ? "cs-host" : name;
        const guessed = guessFields([fields.map((name) => USUAL[name]!)], allFields);
        expect(guessed!.fields.map(alike)).toEqual(fields);
      }),
    );
  });

  it("finds the full list of 2022 in a record of it, and says of which it is not sure", async () => {
    const record =
      "1684226820.937\t203.0.113.21\t0.332\t403\t347\tGET\thttps\td111.cloudfront.net\t/\t50\tARN1-C1\tuou6Lj==\td111.cloudfront.net\t0.332\tHTTP/2.0\tIPv4\tcurl/7.88.1\t-\t-\t-\tError\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tError\t-\t-\tapplication/json\t23\t-\t-\t39096\tError\tSE\t-\t*/*\t*\thost:d111.cloudfront.net%0Auser-agent:curl/7.88.1%0Aaccept:*/*%0A\thost%0Auser-agent%0Aaccept%0A\t3\t0.330\t0.331\t16509\n";
    const proposal = await proposeSource(Buffer.from(record));
    expect(proposal).toMatchObject({
      format: "cloudfront-realtime",
      formatOptions: { fields: FIELDS_OF_2022 },
      rows: 1,
    });
    expect(proposal.invalidFields).toBe(0);
    expect(proposal.doubts.join("\n")).toMatch(/43 fields are guessed/);
    expect(proposal.doubts.join("\n")).toMatch(/could be others.*cs-referer/);
  });

  it("proposes no fields for a log of all of them", async () => {
    const record = ["1684226820.937", "203.0.113.21", "192.0.2.9", "0.3", "200", "1", "GET", "https", "h.example", "/"];
    const text = `${[...record, ...Array(59).fill("-")].with(11, "FRA2-C1").join("\t")}\n`;
    const proposal = await proposeSource(Buffer.from(text));
    expect(proposal.format).toBe("cloudfront-realtime");
    expect(proposal.formatOptions).toBe(undefined);
  });
});
