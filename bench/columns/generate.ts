/**
 * Logs for measurements, by seed: the shapes, lengths and repetitions of real traffic. Four hours around a midnight, so
 * that there are two partitions.
 *
 *     npx node bench/columns/generate.ts cloudfront 1000000 /tmp/cf.log
 */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { Random } from "./random.ts";

export interface GenerateOptions {
  readonly rows: number;
  readonly seed: number;
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const HEX = "0123456789abcdef";
const START_MS = Date.UTC(2025, 9, 14, 22, 0, 0);
const SPAN_MS = 4 * 3600 * 1000;
/** Lines joined before they become bytes. */
const BLOCK_LINES = 5000;

const words = (
  "home shop product cart checkout blog post img static assets js css main vendor chunk app api v1 v2 users items " +
  "search category women men kids sale new summer winter shoes bags hero banner thumb icon logo fonts video media " +
  "stream docs help about contact login account orders review detail"
).split(" ");

const extensions: readonly (readonly [string, string])[] = [
  [".js", "application/javascript"],
  [".css", "text/css"],
  [".jpg", "image/jpeg"],
  [".png", "image/png"],
  [".webp", "image/webp"],
  [".html", "text/html"],
  [".json", "application/json"],
  [".woff2", "font/woff2"],
  [".svg", "image/svg+xml"],
  [".mp4", "video/mp4"],
  ["", "text/html;%20charset=utf-8"],
];

const hosts = ["www", "cdn", "static", "img", "api"].map((name) => `${name}.example-shop.com`);

function userAgent(random: Random): string {
  const kind = random.unit();
  const chrome = `${100 + random.below(40)}.0.${random.unit() < 0.7 ? 0 : 4000 + random.below(3000)}.0`;
  const webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
  if (kind < 0.35) return `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/${chrome} Safari/537.36`;
  if (kind < 0.5) return `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${webkit} Chrome/${chrome} Safari/537.36`;
  if (kind < 0.75) {
    const phone = `${random.pick(["SM-G", "Pixel ", "SM-A", "moto g", "M20"])}${100 + random.below(900)}`;
    return `Mozilla/5.0 (Linux; Android ${9 + random.below(6)}; ${phone}) ${webkit} Chrome/${chrome} Mobile Safari/537.36`;
  }
  if (kind < 0.93) {
    const version = `${14 + random.below(5)}_${random.below(8)}`;
    return (
      `Mozilla/5.0 (iPhone; CPU iPhone OS ${version} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) ` +
      `Version/${14 + random.below(5)}.${random.below(7)} Mobile/15E148 Safari/604.1`
    );
  }
  if (kind < 0.97) {
    const bot = random.pick(["Googlebot", "bingbot", "AhrefsBot", "SemrushBot", "PetalBot"]);
    return `${bot}/${1 + random.below(9)}.${random.below(9)} (+http://www.${random.pick(words)}.com/bot.html)`;
  }
  const tool = random.pick(["curl", "python-requests", "okhttp", "Go-http-client", "axios", "node-fetch"]);
  return `${tool}/${random.below(9)}.${random.below(90)}.${random.below(20)}`;
}

function ipAddress(random: Random): string {
  if (random.unit() < 0.8) {
    return `${1 + random.below(223)}.${random.below(256)}.${random.below(256)}.${random.below(256)}`;
  }
  const groups = Array.from({ length: 6 }, () => random.text(HEX, 4));
  return `${random.pick(["2001", "2600", "2a02", "2804"])}:${random.text(HEX, 3)}:${groups.join(":")}`;
}

/** Who and what there is, before anything happens. */
class World {
  readonly random: Random;
  readonly userAgents: string[];
  readonly clients: { ip: string; agent: number; edge: string; tls: string; cipher: string; version: string }[];
  readonly pages: { path: string; contentType: string; bytes: number }[];
  readonly referers: string[];
  readonly nextClient: () => number;
  readonly nextPage: () => number;
  readonly nextReferer: () => number;

  constructor(seed: number, rows: number) {
    const random = new Random(seed);
    this.random = random;
    // A short log has fewer clients and pages, or nothing would repeat in it.
    const share = Math.min(1, Math.max(0.02, rows / 1_000_000));
    const many = (count: number) => Math.ceil(count * share);
    this.userAgents = Array.from({ length: many(4000) }, () => userAgent(random));
    const nextAgent = random.zipf(this.userAgents.length, 0.9);
    const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const airport = () => upper[random.below(26)]! + upper[random.below(26)] + upper[random.below(26)];
    const edges = Array.from(
      { length: 200 },
      () => `${airport()}${1 + random.below(62)}-${random.pick(["C", "P"])}${1 + random.below(8)}`,
    );
    this.clients = Array.from({ length: many(150_000) }, () => {
      const isNewTls = random.unit() < 0.85;
      const version = random.unit();
      return {
        ip: ipAddress(random),
        agent: nextAgent(),
        edge: random.pick(edges),
        tls: isNewTls ? "TLSv1.3" : "TLSv1.2",
        cipher: isNewTls ? "TLS_AES_128_GCM_SHA256" : "ECDHE-RSA-AES128-GCM-SHA256",
        version: version < 0.6 ? "HTTP/2.0" : version < 0.85 ? "HTTP/3.0" : "HTTP/1.1",
      };
    });
    this.pages = Array.from({ length: many(60_000) }, () => {
      const [extension, contentType] = random.pick(extensions);
      const folders = Array.from({ length: 1 + random.below(4) }, () => random.pick(words));
      const name =
        random.unit() < 0.5
          ? `${random.pick(words)}-${random.text(HEX, 8)}`
          : `${random.pick(words)}_${random.below(100_000)}`;
      return {
        path: `/${folders.join("/")}/${name}${extension}`,
        contentType,
        bytes: 200 + Math.floor(random.unit() ** 4 * 3e6),
      };
    });
    this.referers = Array.from({ length: many(5000) }, () =>
      random.unit() < 0.75
        ? `https://www.example-shop.com/${random.pick(words)}/${random.pick(words)}-${random.below(10_000)}`
        : `https://www.${random.pick(["google", "bing", "facebook"])}.com/search?q=${random.pick(words)}%2520x`,
    );
    this.nextClient = random.zipf(this.clients.length, 0.7);
    this.nextPage = random.zipf(this.pages.length, 1);
    this.nextReferer = random.zipf(this.referers.length, 1);
  }
}

function* blocks(rows: number, header: string, line: (row: number) => string): Generator<Uint8Array, void, undefined> {
  let text = header;
  for (let row = 0; row < rows; row++) {
    text += line(row);
    if ((row + 1) % BLOCK_LINES === 0) {
      yield Buffer.from(text);
      text = "";
    }
  }
  if (text !== "") yield Buffer.from(text);
}

const CLOUDFRONT_HEADER =
  "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status " +
  "cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol " +
  "cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version " +
  "fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type " +
  "sc-content-len sc-range-start sc-range-end\n";

const statuses = (
  [
    ["200", 800],
    ["304", 110],
    ["206", 30],
    ["404", 25],
    ["301", 12],
    ["403", 10],
    ["302", 5],
    ["500", 2],
    ["502", 3],
    ["499", 3],
  ] as const
).flatMap(([status, count]) => Array.from({ length: count }, () => status));

function query(random: Random): string {
  const kind = random.unit();
  if (kind < 0.62) return "-";
  if (kind < 0.86) return `v=${1 + random.below(9)}.${random.below(20)}.${random.below(9)}`;
  if (kind < 0.93) {
    const source = random.pick(["google", "fb", "newsletter", "ig"]);
    return `utm_source=${source}&utm_campaign=${random.pick(words)}&gclid=${random.text(BASE64, 24)}`;
  }
  return `id=${random.below(1e6)}&page=${random.below(30)}&q=${random.pick(words)}%2520${random.pick(words)}`;
}

/** A CloudFront standard log of 33 fields. */
export function cloudFrontText({ rows, seed }: GenerateOptions): Generator<Uint8Array, void, undefined> {
  const world = new World(seed, rows);
  const { random, clients, pages, referers } = world;
  const agents = world.userAgents.map((agent) => agent.replaceAll(" ", "%20").replaceAll('"', "%22"));
  return blocks(rows, CLOUDFRONT_HEADER, (row) => {
    const client = clients[world.nextClient()]!;
    const page = pages[world.nextPage()]!;
    const at = new Date(START_MS + (row / rows) * SPAN_MS + random.unit() * 60_000 - 30_000).toISOString();
    const status = random.pick(statuses);
    const isError = status >= "400";
    const isRedirect = status.startsWith("30");
    const luck = random.unit();
    const result = isError
      ? "Error"
      : isRedirect
        ? "Redirect"
        : luck < 0.84
          ? "Hit"
          : luck < 0.95
            ? "Miss"
            : "RefreshHit";
    const detail = result === "Miss" && random.unit() < 0.1 ? "MissGeneratedResponse" : result;
    const contentBytes = isRedirect ? 0 : page.bytes;
    const isRange = status === "206";
    const sentBytes = isRange
      ? Math.min(contentBytes, 65_536 + random.below(1e6)) + 600
      : contentBytes + 400 + random.below(300);
    const seconds = result === "Miss" ? random.logNormal(-2, 0.8) : random.logNormal(-5.5, 1.2);
    return `${[
      at.slice(0, 10),
      at.slice(11, 19),
      client.edge,
      sentBytes,
      client.ip,
      random.unit() < 0.96 ? "GET" : random.pick(["POST", "HEAD", "OPTIONS"]),
      "d1234abcdefgh8.cloudfront.net",
      page.path,
      status === "499" ? "000" : status,
      random.unit() < 0.35 ? "-" : referers[world.nextReferer()],
      agents[client.agent],
      query(random),
      "-",
      result,
      `${random.text(BASE64, 54)}==`,
      random.pick(hosts),
      random.unit() < 0.98 ? "https" : "http",
      80 + random.below(900),
      seconds.toFixed(3),
      random.unit() < 0.97 ? "-" : ipAddress(random),
      client.tls,
      client.cipher,
      result,
      client.version,
      "-",
      "-",
      1024 + random.below(64_500),
      (seconds * (0.5 + random.unit() * 0.5)).toFixed(3),
      detail,
      status === "304" ? "-" : page.contentType,
      contentBytes === 0 ? "-" : contentBytes,
      isRange ? "0" : "-",
      isRange ? sentBytes - 601 : "-",
    ].join("\t")}\n`;
  });
}

/** An ALB access log of 30 fields. */
export function albText({ rows, seed }: GenerateOptions): Generator<Uint8Array, void, undefined> {
  const world = new World(seed, rows);
  const { random, clients, userAgents } = world;
  const targets = Array.from(
    { length: 40 },
    () => `10.0.${random.below(8)}.${random.below(256)}:${random.pick([80, 8080, 3000])}`,
  );
  const account = "us-east-1:123456789012";
  const groups = Array.from(
    { length: 6 },
    () =>
      `arn:aws:elasticloadbalancing:${account}:targetgroup/${random.pick(words)}-${random.pick(words)}/${random.text(HEX, 16)}`,
  );
  const certificates = Array.from(
    { length: 3 },
    () => `arn:aws:acm:${account}:certificate/${random.text(HEX, 8)}-${random.text(HEX, 4)}-4${random.text(HEX, 3)}`,
  );
  const paths = Array.from({ length: 8000 }, () => {
    const folders = Array.from({ length: 1 + random.below(4) }, () => random.pick(words));
    return `/${folders.join("/")}/${random.below(100_000)}`;
  });
  const nextPath = random.zipf(paths.length, 0.95);
  const micros = (ms: number) =>
    `${new Date(ms).toISOString().slice(0, 20)}${String(random.below(1e6)).padStart(6, "0")}Z`;
  return blocks(rows, "", (row) => {
    const client = clients[world.nextClient()]!;
    const ms = START_MS + (row / rows) * SPAN_MS + random.unit() * 4000 - 2000;
    const luck = random.unit();
    const status =
      luck < 0.9
        ? 200
        : luck < 0.93
          ? 304
          : luck < 0.95
            ? 302
            : luck < 0.975
              ? 404
              : luck < 0.985
                ? 400
                : luck < 0.99
                  ? 502
                  : luck < 0.995
                    ? 503
                    : 504;
    const hasFailed = status >= 502;
    const target = random.pick(targets);
    const version = client.version === "HTTP/3.0" ? "HTTP/2.0" : client.version;
    const verb = random.unit() < 0.8 ? "GET" : random.pick(["POST", "POST", "PUT", "DELETE"]);
    const search =
      random.unit() < 0.3 ? `?page=${random.below(50)}&q=${random.pick(words)}%20${random.pick(words)}` : "";
    const durations = hasFailed ? "-1 -1 -1" : `0.00${random.below(3)} ${random.logNormal(-4, 1.2).toFixed(3)} 0.000`;
    return (
      `${version === "HTTP/2.0" ? "h2" : "https"} ${micros(ms)} app/prod-web/50dc6c495c0c9188 ` +
      `${client.ip}:${1024 + random.below(64_500)} ${hasFailed && random.unit() < 0.5 ? "-" : target} ${durations} ` +
      `${status} ${hasFailed ? "-" : status} ${80 + random.below(2000)} ${200 + Math.floor(random.unit() ** 3 * 60_000)} ` +
      `"${verb} https://api.example-shop.com:443${paths[nextPath()]}${search} ${version}" "${userAgents[client.agent]}" ` +
      `${client.cipher} ${client.tls} ${random.pick(groups)} "Root=1-${random.text(HEX, 8)}-${random.text(HEX, 24)}" ` +
      `"${random.pick(hosts)}" "${random.pick(certificates)}" ${random.below(20)} ${micros(ms - 30)} ` +
      `"${random.unit() < 0.97 ? "forward" : "waf,forward"}" "-" "${hasFailed ? "TargetConnectionError" : "-"}" "${target}" ` +
      `"${hasFailed ? "-" : status}" "-" "-" TID_${random.text(HEX, 32)}\n`
    );
  });
}

const countries = "US DE FR GB IN JP BR CA AU ES IT NL SE PL MX KR".split(" ");
const towns =
  "São Paulo,München,Zürich,Paris,London,Mumbai,Tokyo,Berlin,Lyon,Kraków,Austin,Oslo,Köln,Springfield,Portland".split(
    ",",
  );
const eventTypes =
  "page_view page_view page_view click click scroll add_to_cart purchase search login signup impression impression".split(
    " ",
  );

function uuid(random: Random): string {
  return `${random.text(HEX, 8)}-${random.text(HEX, 4)}-4${random.text(HEX, 3)}-a${random.text(HEX, 3)}-${random.text(HEX, 12)}`;
}

/** What an event says beside the keys that all events have. */
function eventProperties(random: Random, type: string): object {
  switch (type) {
    case "purchase":
      return {
        order_id: `o${random.below(1e9)}`,
        value: random.below(50_000) / 100,
        currency: random.pick(["USD", "EUR", "GBP"]),
        items: 1 + random.below(6),
      };
    case "search":
      return { query: `${random.pick(words)} ${random.pick(words)}`, results: random.below(500) };
    case "click":
      return { element: `#${random.pick(words)}-${random.below(50)}`, x: random.below(1920), y: random.below(4000) };
    case "add_to_cart":
      return { sku: `SKU-${random.below(20_000)}`, qty: 1 + random.below(3), price: random.below(20_000) / 100 };
    case "scroll":
      return { depth: random.below(101) };
    default:
      return {};
  }
}

/** Events of a web shop as JSON lines of 21 keys: some null, one absent now and then, one an object. */
export function clickstreamText({ rows, seed }: GenerateOptions): Generator<Uint8Array, void, undefined> {
  const world = new World(seed, rows);
  const { random, clients, pages, referers, userAgents } = world;
  const cities = Array.from({ length: 600 }, () =>
    random.unit() < 0.7 ? `${random.pick(towns)} ${random.pick(words)}` : random.pick(towns),
  );
  return blocks(rows, "", (row) => {
    const who = world.nextClient();
    const client = clients[who]!;
    const ms = Math.floor(START_MS + (row / rows) * SPAN_MS + random.unit() * 20_000 - 10_000);
    const type = random.pick(eventTypes);
    return `${JSON.stringify({
      event_id: uuid(random),
      event_type: type,
      event_time: new Date(ms).toISOString(),
      user_id: random.unit() < 0.4 ? `u${100_000 + who}` : null,
      anonymous_id: `a${who.toString(36)}${(Math.imul(who, 0x9e3779b1) >>> 0).toString(16)}`,
      session_id: (who * 7919 + (Math.floor(ms / 1_800_000) % 4096)).toString(16),
      page_url: `https://www.example-shop.com${pages[world.nextPage()]!.path}`,
      page_title: `${random.pick(words)} ${random.pick(words)} – Example Shop`,
      referrer: random.unit() < 0.5 ? referers[world.nextReferer()] : undefined,
      device_type: ["desktop", "mobile", "tablet"][client.agent % 3],
      user_agent: userAgents[client.agent],
      screen_width: random.pick([1920, 1440, 390, 412, 768, 1366]),
      screen_height: random.pick([1080, 900, 844, 915, 1024, 768]),
      language: random.pick(["en-US", "de-DE", "fr-FR", "en-GB", "ja-JP", "pt-BR"]),
      country: countries[who % countries.length],
      city: cities[who % cities.length],
      ip: client.ip,
      is_logged_in: random.unit() < 0.4,
      engagement_ms: random.below(60_000),
      scroll_ratio: random.below(10_001) / 10_000,
      properties: eventProperties(random, type),
    })}\n`;
  });
}

export const generators = { cloudfront: cloudFrontText, alb: albText, json: clickstreamText };
export type GeneratedKind = keyof typeof generators;

async function main([kind, rows, path, seed = "1"]: string[]): Promise<void> {
  if (!kind || !(kind in generators) || !rows || !path) {
    throw new Error(`Usage: generate.ts ${Object.keys(generators).join("|")} ROWS PATH [SEED]`);
  }
  const out = createWriteStream(path);
  for (const block of generators[kind as GeneratedKind]({ rows: Number(rows), seed: Number(seed) })) {
    if (!out.write(block)) await once(out, "drain");
  }
  out.end();
  await finished(out);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(process.argv.slice(2));
