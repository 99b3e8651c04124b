/**
 * Made-up CloudFront standard logs of a web shop, in the exact shape of delivered ones.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
 */
import { type Random, randomText, weighted } from "./random.ts";
import { type SampleFile, type SampleOptions, type SampleWindow, sampleWindows, withOddLines } from "./sample.ts";
import { crowd, type Visitor, visitorOf } from "./visitors.ts";

const DISTRIBUTION = "E2SLUICEDEMO01";
const HOST = "d111111abcdef8.cloudfront.net";
const BASE64_URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const HEADER = [
  "#Version: 1.0",
  "#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) " +
    "cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken " +
    "x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status " +
    "fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len " +
    "sc-range-start sc-range-end",
] as const;

const edges = weighted([
  ["FRA56-P4", 24],
  ["FRA60-P9", 14],
  ["TXL50-P2", 10],
  ["LHR61-P5", 9],
  ["CDG52-P1", 9],
  ["AMS1-P3", 8],
  ["VIE50-C1", 6],
  ["ZRH55-P1", 5],
  ["MXP63-P2", 5],
  ["WAW51-P1", 4],
  ["IAD89-C2", 4],
  ["SFO53-P7", 2],
  ["NRT57-P3", 1],
  ["GRU3-P1", 1],
] as const);

const hosts = weighted([
  ["www.example.com", 86],
  ["static.example.com", 10],
  [HOST, 4],
] as const);

/** Pages that people ask for: path, how often, type, typical size, share served from the cache. */
const pages = weighted(
  (
    [
      ["/", 110, "text/html", 18_000, 0.55],
      ["/index.html", 12, "text/html", 18_000, 0.55],
      ["/assets/app.7f3c21d9.js", 100, "application/javascript", 212_000, 0.98],
      ["/assets/app.51c0aa8e.css", 96, "text/css", 41_000, 0.98],
      ["/assets/fonts/inter-latin.woff2", 60, "font/woff2", 48_000, 0.99],
      ["/assets/img/hero-winter.avif", 58, "image/avif", 96_000, 0.97],
      ["/assets/img/logo.svg", 90, "image/svg+xml", 4_200, 0.99],
      ["/favicon.ico", 34, "image/x-icon", 5_430, 0.98],
      ["/search", 46, "text/html", 22_000, 0.05],
      ["/cart", 30, "text/html", 9_000, 0],
      ["/api/session", 52, "application/json", 640, 0],
      ["/api/cart", 40, "application/json", 1_900, 0],
      ["/products/winter-boots", 26, "text/html", 31_000, 0.7],
      ["/products/caf%C3%A9-press", 14, "text/html", 29_000, 0.7],
      ["/products/100%25-wool-scarf", 9, "text/html", 27_000, 0.7],
      ["/men%C3%BC/%D1%88%D0%B0%D1%80%D1%84.html", 3, "text/html", 15_000, 0.6],
      ["/downloads/Annual%20Report%202025.pdf", 4, "application/pdf", 2_400_000, 0.9],
      ["/video/winter-campaign.mp4", 9, "video/mp4", 38_000_000, 0.95],
      ["/robots.txt", 6, "text/plain", 310, 0.9],
      ["/sitemap.xml", 3, "application/xml", 184_000, 0.8],
    ] as const
  ).map(([path, weight, contentType, typicalBytes, hitShare]) => [
    { path, contentType, typicalBytes, hitShare },
    weight,
  ]),
);

/** Missing pages: scanners ask for the first ones, old links for the rest. */
const missing = weighted([
  ["/wp-login.php", 30],
  ["/.env", 22],
  ["/.git/config", 14],
  ["/admin/", 9],
  ["/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php", 8],
  ["/cgi-bin/.%2e/%2e%2e/bin/sh", 3],
] as const);
const oldLinks = weighted([
  ["/summer-sale", 30],
  ["/assets/app.1b99e0f2.js", 24],
  ["/products/beach-towel", 18],
  ["/apple-touch-icon-precomposed.png", 12],
  ["/blog/2019/03/hello%20world", 4],
] as const);

const referers = weighted([
  ["-", 40],
  ["https://www.example.com/", 34],
  ["https://www.google.com/", 16],
  ["https://www.example.com/search?q=boots", 6],
  ["https://l.instagram.com/?u=https%3A%2F%2Fwww.example.com%2F", 3],
] as const);

const queries = weighted([
  ["q=boots", 30],
  ["q=winter%2520coat&page=2", 12],
  ["q=caf%25C3%25A9", 8],
  ["q=%D1%88%D0%B0%D1%80%D1%84", 4],
  ["q=%22wool+scarf%22&sort=price%20asc", 5],
  ["q=a%26b&empty=&flag", 2],
] as const);
const campaigns = weighted([
  ["-", 80],
  ["utm_source=newsletter&utm_medium=email&utm_campaign=winter%2520sale", 12],
  ["gclid=EAIaIQobChMI5cT9&utm_source=google", 8],
] as const);

const tls = weighted([
  ["TLSv1.3\tTLS_AES_128_GCM_SHA256", 88],
  ["TLSv1.3\tTLS_AES_256_GCM_SHA384", 4],
  ["TLSv1.2\tECDHE-RSA-AES128-GCM-SHA256", 8],
] as const);
const versions = weighted([
  ["HTTP/2.0", 62],
  ["HTTP/3.0", 28],
  ["HTTP/1.1", 10],
] as const);

/**
 * Plans the files of a distribution's standard log.
 *
 * Odd lines are the result of a broken copy: text without fields, a record with an invalid date, and a record cut within its
 * date. Some good records carry one value more than the header names.
 */
export function cloudfrontSample(options: SampleOptions): SampleFile[] {
  return sampleWindows(options, "cloudfront").map((window) => ({
    name: fileName(window),
    rows: window.rows,
    comments: HEADER.length,
    oddLines: window.oddLines,
    *lines() {
      yield* HEADER;
      yield* withOddLines(records(window, window.index > 0), window, oddLine);
    },
  }));
}

function fileName(window: SampleWindow): string {
  const hour = new Date(window.startMs).toISOString().slice(0, 13).replace("T", "-");
  const unique = randomText(window.random(), "0123456789abcdef", 8);
  return `${DISTRIBUTION}.${hour}.${unique}.gz`;
}

function* records(window: SampleWindow, mayBeLate: boolean): Generator<string> {
  const random = window.random();
  const visitors = crowd(random, Math.min(4000, 50 + Math.ceil(window.rows / 12)));
  const agents = new Map(visitors.map((visitor) => [visitor, escaped(visitor.userAgent)]));
  for (const ms of window.times(random)) {
    const visitor = visitorOf(random, visitors);
    // CloudFront delivers some records hours after the event, in the file of another hour or day.
    const lateMs = mayBeLate && random.chance(0.004) ? random.below(40 * 60_000) : 0;
    yield record(random, ms - lateMs, visitor, agents.get(visitor)!);
  }
}

function record(random: Random, ms: number, visitor: Visitor, agent: string): string {
  const [date, time] = new Date(ms).toISOString().split("T") as [string, string];
  const notFound = visitor.scanner || random.chance(0.008);
  const page = pages(random);
  const path = visitor.scanner ? missing(random) : notFound ? oldLinks(random) : page.path;
  const query = path === "/search" ? queries(random) : path === "/" ? campaigns(random) : "-";
  const method = path === "/api/cart" && random.chance(0.4) ? "POST" : random.chance(0.01) ? "HEAD" : "GET";
  const https = random.chance(0.985);
  const { status, result, detail } = outcome(random, notFound, https, page.hitShare);

  const empty = status === 304 || status === 0 || method === "HEAD";
  const error = status >= 400 || status === 301;
  const ranged = status === 206;
  const bodyBytes = empty ? 0 : error ? 600 + random.below(700) : Math.ceil(page.typicalBytes * random.logNormal(0.12));
  const rangeStart = ranged ? random.below(20) * 1_048_576 : 0;
  const rangeBytes = ranged ? 1_048_576 : bodyBytes;
  const contentType = empty ? "-" : error ? "text/html" : page.contentType;

  const firstByte = (result === "Hit" ? 0.0015 : result === "RefreshHit" ? 0.03 : 0.075) * random.logNormal(0.7);
  const taken = firstByte + (rangeBytes / 9_000_000) * random.logNormal(0.6);
  // A small part of the fleet still escapes what the browser had escaped already.
  const doubleEscaped = random.chance(0.02);
  const forwarded = random.chance(0.01) ? `${visitor.ip},%20198.51.100.7` : "-";
  const encryption = https ? tls(random) : "-\t-";
  const requestId = `${randomText(random, BASE64_URL, 54)}==`;
  const fields =
    `${date}\t${time.slice(0, 8)}\t${edges(random)}\t${rangeBytes + 380 + random.below(160)}\t${visitor.ip}\t${method}\t${HOST}\t${path}` +
    `\t${String(status).padStart(3, "0")}\t${referers(random)}\t${doubleEscaped ? agent.replaceAll("%", "%25") : agent}\t${query}\t-` +
    `\t${result}\t${requestId}\t${hosts(random)}\t${https ? "https" : "http"}\t${40 + random.below(900)}\t${taken.toFixed(3)}` +
    `\t${forwarded}\t${encryption}\t${result}\t${versions(random)}\t-\t-\t${1024 + random.below(64_000)}\t${firstByte.toFixed(3)}` +
    `\t${detail}\t${contentType}\t${empty ? "-" : rangeBytes}\t${ranged ? rangeStart : "-"}\t${ranged ? rangeStart + rangeBytes - 1 : "-"}`;
  // A field that a newer release of the service adds at the end, before its header names it.
  return random.chance(0.000_5) ? `${fields}\tnew-in-2026` : fields;
}

function outcome(
  random: Random,
  notFound: boolean,
  https: boolean,
  hitShare: number,
): { status: number; result: string; detail: string } {
  if (!https) return { status: 301, result: "Redirect", detail: "Redirect" };
  if (notFound) return { status: 404, result: "Error", detail: "Error" };
  const unit = random.unit();
  if (unit < 0.0012) return { status: 0, result: "Error", detail: "ClientCommError" };
  if (unit < 0.003) return { status: 403, result: "Error", detail: "AccessDenied" };
  if (unit < 0.0042) return { status: 502, result: "Error", detail: "OriginDnsError" };
  if (unit < 0.0052) return { status: 504, result: "Error", detail: "OriginCommError" };
  if (unit < 0.0056) return { status: 503, result: "LimitExceeded", detail: "LimitExceeded" };
  if (unit < 0.009) return { status: 302, result: "LambdaGeneratedResponse", detail: "LambdaGeneratedResponse" };
  if (unit < 0.05) return { status: 304, result: "RefreshHit", detail: "RefreshHit" };
  if (unit < 0.062) return { status: 206, result: "Hit", detail: "Hit" };
  if (random.chance(hitShare))
    return { status: 200, result: "Hit", detail: random.chance(0.12) ? "OriginShieldHit" : "Hit" };
  return { status: 200, result: "Miss", detail: "Miss" };
}

/** The way CloudFront escapes header values: blanks, quotes and what is not ASCII. */
function escaped(text: string): string {
  return text === "-" ? text : text.replaceAll('"', "%22").replaceAll(" ", "%20");
}

function oddLine(n: number): string {
  switch (n % 3) {
    case 0:
      return "[proxy] upstream reset before headers, 3 lines dropped";
    case 1:
      return `2026-13-45\t08:61:07\tFRA56-P4\t512\t192.0.2.9\tGET\t${HOST}\t/\t200`;
    default:
      return "2026-01";
  }
}
