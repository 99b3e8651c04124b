/**
 * What the projects that published the shared files expect of them, in their own names and types. Where we differ, an
 * exception says why; one that is not needed any more fails.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cloudfront } from "../../../lake/formats/cloudfront/cloudfront.ts";
import type { LogFormat } from "../../../lake/formats/format.ts";
import { alb } from "../../../lake/formats/load-balancers/alb.ts";
import { elbClassic } from "../../../lake/formats/load-balancers/elb-classic.ts";
import { nlb } from "../../../lake/formats/load-balancers/nlb.ts";
import { s3Access } from "../../../lake/formats/s3-access.ts";
import { hasSharedData, sharedData } from "../../shared-data.ts";
import { parseText, type Row, readRows } from "../columns/parse-text.ts";
import { readSample } from "./read-sample.ts";

type Value = unknown;
type Upstream = Readonly<Record<string, Value>>;
interface ExpectedRecord {
  readonly line: number;
  readonly upstream?: Upstream | string;
  readonly decoded?: Upstream;
}

const formats: Record<string, LogFormat> = {
  alb,
  cloudfront,
  "elb-classic": elbClassic,
  nlb,
  "s3-access": s3Access,
};

const NOT_DECODED = "upstream leaves CloudFront's escapes as they are; we undo them once";
const CUT = "upstream refuses a record that lacks its last field; here what is missing is null";
const NO_DURATION = "AWS documents -1 as: no time could be measured. It is null here, or it would count in averages";
const ROUNDED = "upstream rounds durations to whole seconds (the list of shared files says so, too)";

/** By file, line and field; `*` stands for every one that upstream has. */
const exceptions: Readonly<Record<string, string>> = {
  "alb/access-log-parser.log 2 *": CUT,
  "elb-classic/access-log-parser.log 3 *": CUT,
  "nlb/access-log-parser.log 2 *": CUT,
  "cloudfront/access-log-parser-33f.log 4 *": CUT,
  "cloudfront/access-log-parser-33f.log 3 cs_user_agent": NOT_DECODED,
  "alb/jsherz-2019-25f.log.gz * requestProcessingTime": ROUNDED,
  "alb/jsherz-2019-25f.log.gz * targetProcessingTime": ROUNDED,
  "alb/aws-log-parser.log * type": "upstream has the name of an enumeration's member; we keep the log's text",
  "elb-classic/logstash-grok.log 2 request_processing_time": NO_DURATION,
  "elb-classic/logstash-grok.log 2 backend_processing_time": NO_DURATION,
  "elb-classic/logstash-grok.log 2 response_processing_time": NO_DURATION,
};

const endpoint = (ip: string, port: string) => (row: Row) => (row[ip] === null ? null : `${row[ip]}:${row[port]}`);
const client = endpoint("client_ip", "client_port");
const targetOfKind = { alb: endpoint("target_ip", "target_port"), classic: endpoint("backend_ip", "backend_port") };
const target = (row: Row) => targetOfKind["backend_ip" in row ? "classic" : "alb"](row);
const backend = (name: string) => (row: Row) => row[`backend_${name}` in row ? `backend_${name}` : `target_${name}`];
const query = (row: Row) => String(row.request_url).split("?")[1] ?? "";

/** Upstream's names for what we have under another, or in another shape. */
const names: Readonly<Record<string, string | ((row: Row) => Value)>> = {
  // Endpoints.
  client,
  client_host: client,
  client_port: client,
  target,
  target_host: target,
  target_port: target,
  backend_port: target,
  destination_port: endpoint("destination_ip", "destination_port"),
  clientip: (row) => row.client_ip ?? row.c_ip,
  clientport: "client_port",
  backendip: "backend_ip",
  backendport: "backend_port",
  clientIp: "client_ip",
  clientPort: "client_port",
  targetIp: "target_ip",
  targetPort: "target_port",
  client_ip: (row) => row.client_ip ?? row.c_ip,
  // Requests.
  method: "request_verb",
  request_method: "request_verb",
  verb: "request_verb",
  request_uri: "request_url",
  "request.method": "request_verb",
  "http_request.method": "request_verb",
  "http_request.url": "request_url",
  "http_request.path": "request_path",
  "http_request.protocol": "request_proto",
  "http_request.query": query,
  request_protocol: "request_proto",
  path: "request_path",
  httpversion: (row) => String(row.request_proto).replace("HTTP/", ""),
  protocol: (row) => row.request_proto ?? row.cs_protocol,
  request: (row) => [row.request_verb, row.request_url, row.request_proto].join(" "),
  // Results.
  response: "elb_status_code",
  backend_response: "backend_status_code",
  backendresponse: "backend_status_code",
  target_processing_time: backend("processing_time"),
  target_status_code: backend("status_code"),
  bytes: "sent_bytes",
  traceability_id: "conn_trace_id",
  timestamp: "time",
  timestamp_utc: "time",
  date: (row) => (row.time as Date).toISOString().slice(0, 10),
  // CloudFront.
  edge_location: "x_edge_location",
  sent_bytes: (row) => row.sent_bytes ?? row.sc_bytes,
  received_bytes: (row) => row.received_bytes ?? row.cs_bytes,
  http_method: "cs_method",
  host: "cs_host",
  uri_stem: "cs_uri_stem",
  status_code: "sc_status",
  referrer: "cs_referer",
  user_agent: (row) => row.user_agent ?? row.cs_user_agent,
  uri_query: "cs_uri_query",
  cookie: "cs_cookie",
  cookies: "cs_cookie",
  edge_result_type: "x_edge_result_type",
  edge_request_id: "x_edge_request_id",
  host_header: (row) => row.host_header ?? row.x_host_header,
  forwarded_for: "x_forwarded_for",
  edge_response_result_type: "x_edge_response_result_type",
  protocol_version: "cs_protocol_version",
};

/** Names that mean another thing in one file than in the others. */
const namesOfFile: Readonly<Record<string, typeof names>> = {
  "elb-classic/logstash-grok.log": { request: "request_url" },
};

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replaceAll("-", "_");

function ours(file: string, row: Row, name: string): Value {
  const found = namesOfFile[file]?.[name] ?? names[name] ?? snake(name);
  if (typeof found === "function") return found(row);
  if (!(found in row)) throw new Error(`No column for upstream's ${name}`);
  return row[found];
}

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** One text for values that mean the same: `-` and null, 200 and "200", a list and its text, an instant in any spelling. */
function plain(name: string, value: Value): string | null {
  if (value === null || value === undefined || value === "-" || value === "") return null;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.join(name.endsWith("list") ? " " : ",") || null;
  if (typeof value === "object") {
    const { ip, port, ...others } = value as Record<string, Value>;
    if (ip !== undefined) return `${ip}:${port}`;
    const members = Object.entries(others).map(([key, member]) => `${key}=${member}`);
    return members.length > 0 ? members.join("&") : null;
  }
  const text = String(value);
  const [, day, month, year, time] = /^\[(\d\d)\/(\w{3})\/(\d{4}):([\d:]+) \+0000\]$/.exec(text) ?? [];
  if (day)
    return new Date(`${year}-${String(MONTHS.indexOf(month!) / 3 + 1).padStart(2, "0")}-${day}T${time}Z`).toISOString();
  if (/^\d{4}-\d\d-\d\d[T\t ]\d\d:\d\d:\d\d/.test(text))
    return new Date(`${text.replace("\t", "T").replace(/Z$/, "")}Z`).toISOString();
  return /^-?\d+(\.\d+)?(e-?\d+)?$/.test(text) ? String(Number(text)) : text;
}

/** Upstream's members, those of a nested request under a path. */
function membersOf(upstream: Upstream): [string, Value][] {
  return Object.entries(upstream).flatMap(([name, value]): [string, Value][] => {
    if (name === "absent") return (value as string[]).map((absent) => [absent, null]);
    if (name === "http_request")
      return Object.entries(value as Upstream).map(([part, text]) => [`${name}.${part}`, text]);
    return [[name, value]];
  });
}

const files = hasSharedData
  ? Object.keys(formats).flatMap((folder) =>
      readdirSync(`${sharedData}${folder}`)
        .filter((name) => name.endsWith(".expected.json"))
        .map((name) => `${folder}/${name.replace(".expected.json", "")}`),
    )
  : [];

const needed = new Set<string>();

/** The exception for a field, which is needed if it is looked for. */
function exceptionFor(file: string, line: number, field: string): string | undefined {
  const key = [`${file} ${line} ${field}`, `${file} ${line} *`, `${file} * ${field}`].find((id) => id in exceptions);
  if (key) needed.add(key);
  return key && exceptions[key];
}

describe.skipIf(!hasSharedData)("what the files' own projects expect (skipped without ../shared/data)", () => {
  it.each(files)("is what we read of %s", async (file) => {
    const expected = (
      JSON.parse(readFileSync(`${sharedData}${file}.expected.json`, "utf8")) as ExpectedRecord[]
    ).filter(({ upstream, decoded }) => upstream !== undefined || decoded !== undefined);
    if (expected.length === 0) return;
    const rows = await readRows((await parseText(formats[file.split("/")[0]!]!, await readSample(file))).files);
    const differences: string[] = [];
    for (const { line, upstream, decoded } of expected) {
      const row = rows.find(({ _line }) => _line === BigInt(line));
      if (typeof upstream === "string" || !row) {
        const isSame = row === undefined;
        if (!isSame && !exceptionFor(file, line, "*")) differences.push(`${line}: upstream has ${upstream}`);
        continue;
      }
      for (const [name, value] of membersOf({ ...upstream, ...decoded })) {
        const wanted = plain(name, value);
        const isTimeOfDay = name === "time" && wanted !== null && /^\d\d:/.test(wanted);
        const got = isTimeOfDay ? (row.time as Date).toISOString().slice(11, 19) : plain(name, ours(file, row, name));
        if (got !== wanted && !exceptionFor(file, line, name))
          differences.push(`${line} ${name}: ${got}, upstream ${wanted}`);
      }
    }
    expect(differences).toEqual([]);
  });

  it("differs from ours in every exception that is listed", () => {
    expect([...needed].sort()).toEqual(Object.keys(exceptions).sort());
  });
});
