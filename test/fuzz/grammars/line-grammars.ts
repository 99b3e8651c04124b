/** Grammars of the formats that have a record a line. */
import type { Random } from "../../../lake/generate/random.ts";
import {
  date,
  endpoint,
  fieldGrammar,
  type Grammar,
  instant,
  mostly,
  numberBelow,
  oneOf,
  putNumber,
  seconds,
  sequence,
  timeOfDay,
  type Value,
} from "./grammar.ts";
import { bytesOf } from "./hostile-text.ts";
import type { TextSink } from "./text-sink.ts";

const dash = oneOf("-");
const address = oneOf("192.0.2.1", "203.0.113.77", "2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001");
const agent = oneOf(
  "Mozilla/5.0%20(X11;%20Linux%20x86_64)%20AppleWebKit/537.36",
  "curl/8.5.0",
  "%E2%9C%93%20bot",
  "a%2520b",
  "",
);
const path = oneOf(
  "/",
  "/index.html",
  "/a%20b/%C3%A9.css",
  "/long/path/to/some/asset/that/goes/on.min.js",
  "/%",
  "/x%2",
);
const status = oneOf("200", "304", "404", "000", "503");
const method = oneOf("GET", "HEAD", "POST", "OPTIONS");
const bytes = numberBelow(5_000_000);

/** The fields of CloudFront's standard logs and how their values look, in the order of the newest generation. */
const cloudfrontFields: readonly (readonly [name: string, value: Value])[] = [
  ["date", date],
  ["time", timeOfDay],
  ["x-edge-location", oneOf("FRA2-C1", "SOF50-P2", "IAD89-C3")],
  ["sc-bytes", bytes],
  ["c-ip", address],
  ["cs-method", method],
  ["cs(Host)", oneOf("d111111abcdef8.cloudfront.net")],
  ["cs-uri-stem", path],
  ["sc-status", status],
  ["cs(Referer)", mostly(dash, oneOf("https://example.com/a?b=c%26d"))],
  ["cs(User-Agent)", agent],
  ["cs-uri-query", mostly(dash, oneOf("a=1&b=%20", "q=%25E2%259C%2593", ""))],
  ["cs(Cookie)", mostly(dash, oneOf("session=abc;%20theme=dark"))],
  ["x-edge-result-type", oneOf("Hit", "Miss", "RefreshHit", "Error")],
  ["x-edge-request-id", sequence(oneOf("k6WGMNkEzR5BEM_SaF47gjtX9zBDO2m349OY2an0QPEaUum1ZOLrow"), numberBelow(1000))],
  ["x-host-header", oneOf("www.example.com", "example.com")],
  ["cs-protocol", oneOf("https", "http", "wss")],
  ["cs-bytes", bytes],
  ["time-taken", seconds(30)],
  ["x-forwarded-for", mostly(dash, address)],
  ["ssl-protocol", oneOf("TLSv1.3", "TLSv1.2", "-")],
  ["ssl-cipher", oneOf("TLS_AES_128_GCM_SHA256", "-")],
  ["x-edge-response-result-type", oneOf("Hit", "Miss", "Error")],
  ["cs-protocol-version", oneOf("HTTP/2.0", "HTTP/1.1", "HTTP/3.0")],
  ["fle-status", dash],
  ["fle-encrypted-fields", mostly(dash, numberBelow(10))],
  ["c-port", numberBelow(65_536)],
  ["time-to-first-byte", seconds(3)],
  ["x-edge-detailed-result-type", oneOf("Hit", "Miss", "ClientCommError")],
  ["sc-content-type", oneOf("text/html", "text/html;%20charset=utf-8", "-")],
  ["sc-content-len", mostly(bytes, dash)],
  ["sc-range-start", mostly(dash, bytes)],
  ["sc-range-end", mostly(dash, bytes)],
];

const FIELDS = bytesOf("#Fields:");
const VERSION = bytesOf("#Version: 1.0\n");
const UNKNOWN_NAMES = ["x-new-field", "cs(Date)", "DATE", "time", "sc-bytes", "extra_1", '"'].map(bytesOf);

/** Records under `#Fields` lines that change within the object, and without one. */
export function cloudfrontGrammar(): Grammar {
  let layout: readonly (readonly [Uint8Array, Value])[] = [];
  const all = cloudfrontFields.map(([name, value]) => [bytesOf(name), value] as const);

  const chooseLayout = (random: Random) => {
    layout = all.slice(0, random.chance(0.7) ? all.length : 12 + random.below(all.length - 11));
    if (random.chance(0.25)) layout = layout.filter(() => random.chance(0.8));
    if (random.chance(0.2)) {
      // A field at another place, or one that nobody knows, or one that comes twice.
      const changed = [...layout];
      for (let i = random.below(4); i >= 0 && changed.length > 0; i--) {
        const [moved] = changed.splice(random.below(changed.length), 1);
        const name = random.chance(0.3) ? UNKNOWN_NAMES[random.below(UNKNOWN_NAMES.length)]! : moved![0];
        changed.splice(random.below(changed.length + 1), 0, [name, moved![1]]);
      }
      layout = changed;
    }
  };
  const putHeader = (random: Random, out: TextSink) => {
    const separator = random.chance(0.8) ? 0x20 : 0x09;
    out.put(FIELDS);
    for (const [name] of layout) {
      out.putByte(separator);
      out.put(name);
    }
    if (random.chance(0.05)) out.putByte(separator);
  };
  return {
    delimiter: 0x09,
    begin(random, out) {
      if (random.chance(0.2)) {
        layout = all.slice(0, 12 + random.below(all.length - 11));
        return;
      }
      chooseLayout(random);
      if (random.chance(0.8)) out.put(VERSION);
      putHeader(random, out);
      out.putByte(0x0a);
    },
    record(random, out) {
      // The same header again ends what a mutated one began.
      if (random.below(80) === 0) {
        if (random.chance(0.3)) chooseLayout(random);
        putHeader(random, out);
        return;
      }
      for (let i = 0; i < layout.length; i++) {
        if (i > 0) out.putByte(0x09);
        layout[i]![1](random, out);
      }
    },
  };
}

const realtimeFields: readonly Value[] = [
  (random, out) => {
    putNumber(out, 1_768_644_000 + random.below(3) * 86_400 + random.below(1000));
    out.put(bytesOf(".123"));
  },
  address,
  address,
  seconds(3),
  status,
  bytes,
  method,
  oneOf("https", "http"),
  oneOf("www.example.com"),
  path,
  bytes,
  oneOf("FRA56-P8"),
  oneOf("id=="),
  oneOf("x.cloudfront.net"),
  seconds(3),
  oneOf("HTTP/2.0"),
  oneOf("IPv4", "IPv6"),
  agent,
  mostly(dash, oneOf("https://example.com/")),
  mostly(dash, oneOf("a=b;%20c=d")),
  mostly(dash, oneOf("q=%2520")),
  oneOf("Hit", "Miss"),
  ...Array.from({ length: 9 }, () => dash),
  bytes,
  numberBelow(65_536),
  oneOf("Hit", "Miss"),
  oneOf("DE", "US"),
  // Without all of its fields a record is none.
  ...Array.from({ length: 34 }, () => dash),
];

export const realtimeGrammar = () => fieldGrammar(realtimeFields, "\t", { optional: 5 });

const duration = mostly(seconds(20), oneOf("-1"));
const request = mostly(
  sequence(
    oneOf('"GET ', '"POST ', '"- '),
    oneOf("https://example.com:443", "http://[2001:db8::1]:80", "http://h:80", "wss://ws.example.com:8443", ""),
    oneOf("/", "/a?b=c", "/a b/c d", "/x#y", "/%20", "-", "/\\x22quoted\\x22", "?q"),
    oneOf(' HTTP/1.1"', ' HTTP/2.0"', ' -"', ' "', '"'),
  ),
  oneOf('"- http://h:80- -"', '"-"', '""', '"GET"', "-", '"\\"GET\\" /"', '"http://a:b@c:80/d HTTP/1.1"'),
);
const quotedAgent = oneOf(
  '"Mozilla/5.0 (X11; Linux x86_64)"',
  '"curl/8.5.0"',
  '"-"',
  '"\\xFFFFFFE2\\xFFFFFF9C\\xFFFFFF93"',
  '"a\\\\"',
);
const cipher = oneOf("ECDHE-RSA-AES128-GCM-SHA256", "-");
const tls = oneOf("TLSv1.2", "TLSv1.3", "-");
const quoted = (...texts: string[]) => oneOf(...texts.map((text) => `"${text}"`));

const albFields: readonly Value[] = [
  oneOf("https", "http", "h2", "grpcs", "wss"),
  instant,
  oneOf("app/my-alb/50dc6c495c0c9188"),
  endpoint,
  mostly(endpoint, dash),
  duration,
  duration,
  duration,
  status,
  mostly(status, dash),
  bytes,
  bytes,
  request,
  quotedAgent,
  cipher,
  tls,
  oneOf("arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067", "-"),
  quoted("Root=1-58337262-36d228ad5d99923122bbe354", "Root=1-1;\\x22", "-"),
  quoted("example.com", "-", ""),
  quoted("arn:aws:acm:us-east-2:123456789012:certificate/12345678", "session-reused", "-"),
  numberBelow(100),
  instant,
  quoted("forward", "waf,forward", "authenticate,redirect", "-"),
  quoted("-", "https://example.com:443/\\x22"),
  quoted("-", "LambdaInvalidResponse"),
  quoted("10.0.0.1:80", "10.0.0.1:80 10.0.0.2:80", "-"),
  quoted("200", "200 502", "-"),
  quoted("-", "Acceptable", "Ambiguous"),
  quoted("-", "GetHeadZeroContentLength"),
  oneOf("TID_3180a73013c8ca4bac2f731159d4b0fe", "-"),
  quoted("-", "example.com"),
  quoted("-", "/a\\x20b"),
  quoted("-", "TransformSuccess"),
];

export const albGrammar = () => fieldGrammar(albFields, " ", { optional: 18 });

const nlbFields: readonly Value[] = [
  oneOf("tls"),
  oneOf("2.0"),
  sequence(date, oneOf("T"), timeOfDay),
  oneOf("net/my-nlb/c6e77e28c25b2234"),
  oneOf("g3d4b5e8bb8464cd"),
  endpoint,
  endpoint,
  numberBelow(1000),
  mostly(numberBelow(100), dash),
  bytes,
  bytes,
  mostly(dash, numberBelow(100)),
  oneOf("arn:aws:acm:us-east-2:123456789012:certificate/2a108f19", "-"),
  dash,
  cipher,
  oneOf("tlsv12", "tlsv13", "-"),
  dash,
  oneOf("my-nlb.elb.us-east-2.amazonaws.com", "-"),
  oneOf("h2", "-"),
  oneOf("h2", "-"),
  oneOf('"h2","http/1.1"', "-", '""'),
  sequence(date, oneOf("T"), timeOfDay),
];

export const nlbGrammar = () => fieldGrammar(nlbFields, " ", { optional: 6 });

const connectionFields: readonly Value[] = [
  instant,
  address,
  numberBelow(65_536),
  oneOf("443", "80"),
  tls,
  cipher,
  mostly(seconds(5), dash),
  quoted("CN=amazondomains.com,O=endEntity,L=Seattle", "-", "\\x22"),
  oneOf("NotBefore=2023-09-21T22:43:21Z;NotAfter=2026-06-17T22:43:21Z", "-"),
  oneOf("FEF257372D5C14D4", "-"),
  oneOf("Success", "Failed:ClientCertUntrusted", "-"),
  oneOf("TID_3180a73013c8ca4bac2f731159d4b0fe"),
];

export const connectionGrammar = () => fieldGrammar(connectionFields, " ", { optional: 2 });

const healthCheckFields: readonly Value[] = [
  oneOf("http", "https", "h2", "lambda", "grpc"),
  instant,
  mostly(seconds(5), dash),
  mostly(endpoint, oneOf("arn:aws:lambda:eu-west-1:111122223333:function:f:42", "-")),
  oneOf("HCLogsTestIPs", "targets"),
  oneOf("PASS", "FAIL"),
  mostly(status, dash),
  oneOf("-", "TargetError", "ConnectionTimeout"),
  oneOf("app/web/0123456789abcdef", "-"),
  mostly(address, dash),
];

export const healthCheckGrammar = () => fieldGrammar(healthCheckFields, " ", { optional: 2 });

const classicFields: readonly Value[] = [
  instant,
  oneOf("my-loadbalancer"),
  endpoint,
  mostly(endpoint, dash),
  duration,
  duration,
  duration,
  status,
  mostly(status, dash),
  bytes,
  bytes,
  request,
  quotedAgent,
  cipher,
  tls,
];

export const classicGrammar = () => fieldGrammar(classicFields, " ", { optional: 5 });

const s3Time = sequence(oneOf("[17/Jan/2026:", "[18/Jan/2026:"), timeOfDay, oneOf(" +0000]", " +0000]", " -0130]"));
const s3Fields: readonly Value[] = [
  oneOf("a19b12df90c456a18e96d34c56d23c56a78f0d89a45f6a78901b23c45d67ef8a"),
  oneOf("a-bucket"),
  s3Time,
  address,
  oneOf("a19b12df90c456a18e96d34c56d23c56a78f0d89", "-", "arn:aws:iam::1:user/x"),
  sequence(oneOf("3E57427F3EXAMPLE"), numberBelow(100)),
  oneOf("REST.GET.OBJECT", "REST.PUT.OBJECT", "BATCH.DELETE.OBJECT"),
  oneOf("-", "a/key%2520b", "key"),
  oneOf('"GET /a-bucket/key HTTP/1.1"', '"GET /?versioning HTTP/1.1"', '"GET /"a"b HTTP/1.1"', "-"),
  status,
  oneOf("-", "NoSuchKey"),
  mostly(bytes, dash),
  mostly(bytes, dash),
  mostly(numberBelow(1000), dash),
  mostly(numberBelow(1000), dash),
  oneOf('"-"', '"https://example.com/"', '""'),
  oneOf('"S3Console/0.4"', '"a "quoted" agent"', '"-"'),
  oneOf("-", "L4kqtJlcpXroDTDmpUMLUo"),
  oneOf("s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3=", "-"),
  oneOf("SigV4", "SigV2", "-"),
  cipher,
  oneOf("AuthHeader", "QueryString", "-"),
  oneOf("a-bucket.s3.us-west-1.amazonaws.com"),
  tls,
  oneOf("-", "arn:aws:s3:us-west-1:123456789012:accesspoint/ap"),
  oneOf("-", "Yes"),
];

export const s3Grammar = () => fieldGrammar(s3Fields, " ", { optional: 8 });

/** What web servers write, for a source with a pattern. */
export const commonLogGrammar = () =>
  fieldGrammar(
    [
      address,
      dash,
      oneOf("-", "frank"),
      sequence(oneOf("[17/Jan/2026:"), timeOfDay, oneOf(" +0000]", " +0530]")),
      oneOf('"GET / HTTP/1.1"', '"POST /a b HTTP/1.0"', '"-"'),
      status,
      mostly(bytes, dash),
    ],
    " ",
  );

const traceTime = sequence(date, oneOf(" ", "T"), timeOfDay, oneOf("", ".123", ",456"));
const traceLines = oneOf(
  "\n\tat a.b.C.d(E.java:1)",
  "\n  indented",
  "\nCaused by: x",
  "\r\n\tat x",
  "\n",
  "\n ",
  "\n\t\r",
  `\n\t${"long ".repeat(300)}`,
);

/** Records with stack traces: lines that belong to the one before. */
export const continuedGrammar = () =>
  fieldGrammar(
    [
      traceTime,
      oneOf("INFO", "ERROR", "WARN "),
      oneOf("started", "a.b.Exception: no", "-", "caf\xc3\xa9"),
      (random, out) => {
        for (let more = random.chance(0.5) ? random.below(6) : 0; more > 0; more--) traceLines(random, out);
      },
    ],
    " ",
  );

/** Single values, one a line, for the typed parse of every column type. */
export const valueGrammar = () =>
  fieldGrammar(
    [
      (random, out) => {
        const kind = [
          numberBelow(1000),
          bytes,
          seconds(1000),
          date,
          instant,
          oneOf("true", "false"),
          path,
          agent,
          dash,
        ];
        kind[random.below(kind.length)]!(random, out);
      },
    ],
    ".",
  );
