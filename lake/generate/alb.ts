/**
 * Made-up access logs of an Application Load Balancer in front of four services, in the exact shape of delivered ones.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
 */
import { type Random, randomText, weighted } from "./random.ts";
import { type SampleFile, type SampleOptions, type SampleWindow, sampleWindows, withOddLines } from "./sample.ts";
import { crowd, type Visitor, visitorOf } from "./visitors.ts";

const ACCOUNT = "111122223333";
const REGION = "eu-central-1";
const BALANCER = "app/shop-public/50dc6c495c0c9188";
const CERTIFICATE = `arn:aws:acm:${REGION}:${ACCOUNT}:certificate/8f6f2a64-4a0c-4d4f-9d0e-1c2b3a495867`;
const HEX = "0123456789abcdef";
const ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyz234567";

interface Service {
  /** Also the target group's name. */
  name: string;
  host: string;
  rulePriority: number;
  network: string;
  port: number;
  medianSeconds: number;
  /** Share of requests that its own code answers with an error. */
  errorShare: number;
  endpoints: (random: Random) => string;
}

/** The first three are the APIs that `sluice.config.ts` names; the fourth shows up under its own name. */
const SERVICES: readonly Service[] = [
  {
    name: "orders-api",
    host: "api.example.com",
    rulePriority: 10,
    network: "10.0.1",
    port: 8080,
    medianSeconds: 0.042,
    errorShare: 0.004,
    endpoints: weighted([
      ["GET /v1/orders", 30],
      ["GET /v1/orders/{id}", 44],
      ["POST /v1/orders", 18],
      ["GET /v1/orders/{id}/items?expand=price%2Ctax", 9],
      ["DELETE /v1/orders/{id}", 2],
    ]),
  },
  {
    name: "search-api",
    host: "api.example.com",
    rulePriority: 20,
    network: "10.0.2",
    port: 8080,
    medianSeconds: 0.118,
    errorShare: 0.007,
    endpoints: weighted([
      ["GET /v1/search?q=boots&page={n}", 40],
      ["GET /v1/search?q=winter%20coat&size=M", 20],
      ["GET /v1/search?q=caf%C3%A9", 10],
      ["GET /v1/suggest?prefix=%22wool", 25],
      ["GET /v1/search?q=100%25%20wool&filter={raw}", 4],
    ]),
  },
  {
    name: "accounts-api",
    host: "accounts.example.com",
    rulePriority: 30,
    network: "10.0.3",
    port: 8443,
    medianSeconds: 0.026,
    errorShare: 0.002,
    endpoints: weighted([
      ["GET /v1/me", 50],
      ["POST /v1/login", 20],
      ["POST /v1/token/refresh", 24],
      ["PUT /v1/me/address", 4],
    ]),
  },
  {
    name: "media-upload",
    host: "upload.example.com",
    rulePriority: 40,
    network: "10.0.4",
    port: 9000,
    medianSeconds: 0.61,
    errorShare: 0.012,
    endpoints: weighted([
      ["PUT /media/{id}.jpg", 60],
      ["POST /media", 25],
      ["GET /media/{id}/status", 15],
    ]),
  },
];

const services = weighted(SERVICES.map((service, index) => [service, [46, 30, 20, 5][index]!] as const));

const listeners = weighted([
  ["h2", 74],
  ["https", 20],
  ["grpcs", 2],
  ["wss", 1],
  ["http", 3],
] as const);

const tls = weighted([
  ["TLS_AES_128_GCM_SHA256 TLSv1.3", 86],
  ["ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2", 14],
] as const);

const readSuccesses = weighted([
  [200, 91],
  [204, 2],
  [304, 5],
  [302, 2],
] as const);
const writeSuccesses = weighted([
  [200, 60],
  [201, 30],
  [204, 10],
] as const);

const refusals = weighted([
  [404, 34],
  [401, 26],
  [400, 16],
  [403, 9],
  [429, 9],
  [422, 6],
] as const);

/** Status codes of errors in the services' own code. */
const breakdowns = weighted([
  [500, 70],
  [503, 20],
  [501, 2],
] as const);

/** Twenty bad minutes of one service on the last day, for the report to show. */
const INCIDENT = { service: "search-api", startMinute: 14 * 60 + 5, endMinute: 14 * 60 + 25 } as const;

/**
 * Plans the files of a load balancer's access log.
 *
 * Records have 30 fields, and 33 from the second day on, when the load balancer learnt to rewrite requests. Odd lines
 * are the result of a broken copy: text without fields, a record with an invalid time, and a record cut within its time.
 */
export function albSample(options: SampleOptions): SampleFile[] {
  const windows = sampleWindows(options, "alb");
  const firstMs = windows[0]!.startMs;
  const lastDayMs = firstMs + (options.days - 1) * 86_400_000;
  return windows.map((window) => ({
    name: fileName(window),
    rows: window.rows,
    comments: 0,
    oddLines: window.oddLines,
    lines: () => withOddLines(records(window, { rewritesFromMs: firstMs + 86_400_000, lastDayMs }), window, oddLine),
  }));
}

/** A file is named after the end of its five minutes (here: of its window), and lies in a folder of that day. */
function fileName(window: SampleWindow): string {
  const random = window.random();
  const start = new Date(window.startMs).toISOString();
  const day = start.slice(0, 10).replaceAll("-", "/");
  const minute = start.slice(0, 16).replaceAll(/[-:]/g, "");
  return (
    `AWSLogs/${ACCOUNT}/elasticloadbalancing/${REGION}/${day}/${ACCOUNT}_elasticloadbalancing_${REGION}_` +
    `${BALANCER.replaceAll("/", ".")}_${minute}Z_198.51.100.${1 + random.below(250)}_${randomText(random, ALPHANUMERIC, 8)}.log.gz`
  );
}

interface Era {
  /** From when records have the fields of request rewriting. */
  rewritesFromMs: number;
  lastDayMs: number;
}

function* records(window: SampleWindow, era: Era): Generator<string> {
  const random = window.random();
  const visitors = crowd(random, Math.min(4000, 50 + Math.ceil(window.rows / 12)));
  for (const ms of window.times(random)) yield record(random, ms, visitorOf(random, visitors), era);
}

function record(random: Random, ms: number, visitor: Visitor, era: Era): string {
  const listener = listeners(random);
  const encrypted = listener !== "http";
  const service = services(random);
  const ended = `${new Date(ms).toISOString().slice(0, 23)}${String(random.below(1000)).padStart(3, "0")}Z`;
  const [method, template] = service.endpoints(random).split(" ") as [string, string];
  const path = visitor.scanner ? "/%2e%2e/etc/passwd" : filled(template, random);
  const minute = Math.floor((ms - era.lastDayMs) / 60_000);
  const troubled = service.name === INCIDENT.service && minute >= INCIDENT.startMinute && minute < INCIDENT.endMinute;
  const ending = outcome(random, service, method, listener, visitor, troubled);

  const targetSeconds = service.medianSeconds * random.logNormal(0.65) * (troubled ? 9 : 1);
  const times =
    ending.kind === "answered"
      ? `${(random.below(3) / 1000).toFixed(3)} ${targetSeconds.toFixed(3)} ${(random.below(2) / 1000).toFixed(3)}`
      : ending.kind === "timed-out"
        ? `0.001 60.0${random.below(10)}${random.below(10)} -1`
        : "-1 -1 -1";
  const reached = ending.kind !== "balancer";
  const target = reached ? `${service.network}.${4 + random.below(6)}:${service.port}` : "-";
  const elapsedMs =
    ending.kind === "answered" ? Math.ceil(targetSeconds * 1000) + 2 : ending.kind === "timed-out" ? 60_002 : 1;
  const created = `${new Date(ms - elapsedMs).toISOString().slice(0, 23)}000Z`;

  const host = visitor.scanner ? "203.0.113.80" : service.host;
  const protocol = listener === "h2" || listener === "grpcs" ? "HTTP/2.0" : "HTTP/1.1";
  const scheme = listener === "wss" ? "wss" : encrypted ? "https" : "http";
  const request = ending.unreadable
    ? "- http://203.0.113.80:443- -"
    : `${method} ${scheme}://${host}:${encrypted ? 443 : 80}${path} ${protocol}`;
  const group = ending.routed
    ? `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:targetgroup/${service.name}/${groupId(service)}`
    : "-";
  const trace = `Root=1-${Math.floor(ms / 1000).toString(16)}-${randomText(random, HEX, 24)}`;
  const client = `${visitor.ip}:${1024 + random.below(64_000)}`;
  const received = 120 + random.below(method === "PUT" || method === "POST" ? 90_000 : 1_400);
  const sent =
    ending.status === "460" ? 0 : Math.ceil((ending.kind === "answered" ? 2_400 : 320) * random.logNormal(0.9));

  const line =
    `${listener} ${ended} ${BALANCER} ${client} ${target} ${times} ${ending.status} ${ending.targetStatus} ${received} ${sent}` +
    ` "${request}" "${quoted(visitor.userAgent)}" ${encrypted ? tls(random) : "- -"} ${group} "${trace}"` +
    ` "${encrypted ? host : "-"}" "${encrypted ? CERTIFICATE : "-"}" ${ending.routed ? service.rulePriority : ending.unreadable ? "-" : 0}` +
    ` ${created} "${ending.actions}" "${ending.redirect ? `https://${host}:443${path}` : "-"}" "${ending.errorReason}"` +
    ` "${target}" "${ending.targetStatus}" "${ending.classification}" "${ending.classificationReason}" TID_${randomText(random, HEX, 32)}`;
  if (ms < era.rewritesFromMs) return line;
  const rewritten = ending.routed && random.chance(0.05);
  return `${line} "${rewritten ? "internal.example.com" : "-"}" "${rewritten ? path.replace("/v1", "") : "-"}" "${rewritten ? "TransformSuccess" : "-"}"`;
}

/** How one request ended, in the words of the log. */
interface Ending {
  /** Whether a target answered in time, did not, or was never asked. */
  kind: "answered" | "timed-out" | "balancer";
  status: string;
  targetStatus: string;
  /** A rule chose a target group. */
  routed: boolean;
  actions: string;
  errorReason: string;
  classification: string;
  classificationReason: string;
  redirect?: true;
  /** The request line itself could not be read. */
  unreadable?: true;
}

const plain = { errorReason: "-", classification: "-", classificationReason: "-" } as const;
const balancerEnds = { ...plain, kind: "balancer", targetStatus: "-", routed: true, actions: "forward" } as const;

function outcome(
  random: Random,
  service: Service,
  method: string,
  listener: string,
  visitor: Visitor,
  troubled: boolean,
): Ending {
  if (listener === "http")
    return { ...balancerEnds, status: "301", routed: false, actions: "redirect", redirect: true };
  if (visitor.scanner) {
    const firewall = random.chance(0.7);
    return {
      ...balancerEnds,
      status: firewall ? "403" : "400",
      routed: false,
      actions: firewall ? "waf" : "-",
      classification: firewall ? "Ambiguous" : "Severe",
      classificationReason: firewall ? "UndefinedContentLengthSemantics" : "BadUri",
    };
  }
  if (listener === "wss") return answered("101", "waf,forward");

  const unit = random.unit();
  if (troubled && unit < 0.22)
    return unit < 0.13
      ? { ...balancerEnds, kind: "timed-out", status: "504" }
      : { ...balancerEnds, kind: "timed-out", status: "502" };
  // The client went away before the target answered.
  if (unit < 0.002) return { ...balancerEnds, kind: "timed-out", status: "460" };
  // X-Forwarded-For held more than 30 addresses.
  if (unit < 0.0026) return { ...balancerEnds, status: "463" };
  // The identity provider answered the sign-in with an error.
  if (unit < 0.0036)
    return { ...balancerEnds, status: "561", actions: "authenticate", errorReason: "AuthInvalidIdToken" };
  // The connection closed before there was any status.
  if (unit < 0.0042) return { ...balancerEnds, status: "-", routed: false, actions: "-", unreadable: true };
  if (unit < 0.005) return { ...balancerEnds, status: "502" };
  if (unit < 0.0056) return { ...balancerEnds, status: "503", errorReason: "-" };
  if (unit < 0.0064) return { ...balancerEnds, kind: "timed-out", status: "504" };
  if (unit < 0.0064 + service.errorShare) return answered(String(breakdowns(random)));
  if (unit < 0.0064 + service.errorShare + 0.04) return answered(String(refusals(random)));
  return answered(
    String((method === "GET" ? readSuccesses : writeSuccesses)(random)),
    random.chance(0.3) ? "authenticate,forward" : "waf,forward",
  );
}

function answered(status: string, actions = "forward"): Ending {
  return { ...plain, kind: "answered", status, targetStatus: status, routed: true, actions };
}

function filled(template: string, random: Random): string {
  return template
    .replace("{id}", () => randomText(random, HEX, 12))
    .replace("{n}", () => String(1 + random.below(9)))
    .replace("{raw}", () => "\\x22a\\xC3\\xA9\\x22");
}

/** The load balancer escapes quotes and backslashes within quoted fields. */
function quoted(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', "\\x22");
}

function groupId(service: Service): string {
  return (0x73e2d6bc24d8a000n + BigInt(service.rulePriority)).toString(16);
}

function oddLine(n: number): string {
  switch (n % 3) {
    case 0:
      return "--- log rotated ---";
    case 1:
      return `https 2026-01-17T27:61:00.000000Z ${BALANCER} 192.0.2.9:2817 - -1 -1 -1 400 - 0 152 "- http://203.0.113.80:80- -" "-" - - - "-"`;
    default:
      return "h2 2026-01-17T0";
  }
}
