import { describe, expect, it } from "vitest";
import { formatOf } from "../../../../lake/formats/index.ts";
import { albConnection } from "../../../../lake/formats/load-balancers/alb-connection.ts";
import { parseText, readRows } from "../../columns/parse-text.ts";

// The documentation's examples: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-connection-logs.html
const success =
  '2023-10-04T17:05:15.514108Z 203.0.113.1 36280 443 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 4.036 "CN=amazondomains.com,O=endEntity,L=Seattle,ST=Washington,C=US" NotBefore=2023-09-21T22:43:21Z;NotAfter=2026-06-17T22:43:21Z FEF257372D5C14D4 Success TID_3180a73013c8ca4bac2f731159d4b0fe';
const failed =
  "2023-10-04T17:05:15.514108Z 2001:db8::1 36280 443 - - - - - - Failed:ClientCertUntrusted TID_1496ea80bfeacc93";
const plain = "2023-10-04T17:05:15Z 203.0.113.1 36280 80 - - - - - - - TID_3180a73013c8ca4bac2f731159d4b0fe";

describe("alb-connection", () => {
  it.each([success, failed, plain])("recognises %s", (line) => {
    expect(formatOf(Buffer.from(`${line}\n`))).toBe("alb-connection");
  });

  it("reads every field", async () => {
    const { files, rejected } = await parseText(albConnection, `${success} new\n${failed}\n`);
    expect(rejected).toEqual([]);
    const [first, second] = await readRows(files);
    expect(first).toMatchObject({
      client_ip: "203.0.113.1",
      client_port: 36280,
      listener_port: 443,
      tls_protocol: "TLSv1.2",
      tls_handshake_latency: 4.036,
      leaf_client_cert_subject: "CN=amazondomains.com,O=endEntity,L=Seattle,ST=Washington,C=US",
      leaf_client_cert_serial_number: "FEF257372D5C14D4",
      tls_verify_status: "Success",
      conn_trace_id: "TID_3180a73013c8ca4bac2f731159d4b0fe",
      _extra: '{"extra_13":"new"}',
    });
    expect(first!.time).toEqual(new Date("2023-10-04T17:05:15.514Z"));
    expect(second).toMatchObject({ client_ip: "2001:db8::1", tls_cipher: null, tls_handshake_latency: null });
  });

  it("rejects cut and foreign lines", async () => {
    const { rejected } = await parseText(
      albConnection,
      `${success.slice(0, 60)}\n${success.slice(0, 130)}\n2023-13-01 x\n`,
    );
    expect(rejected.map(({ reason }) => reason)).toEqual(["TOO_FEW_FIELDS", "UNTERMINATED_QUOTE", "INVALID_DATE"]);
  });
});
