/** A log of each format with a canary in every place that text can stand. */

import type { FormatName, FormatOptions } from "../../../lake/formats/format.ts";
import { formatNamed } from "../../../lake/formats/index.ts";
import type { PiiStep } from "../../../lake/pii/policy.ts";
import type { ColumnDefinition } from "../../../lake/rows/schema.ts";
import type { Canaries } from "./canaries.ts";

export interface PlantedLog {
  readonly format: FormatName;
  readonly formatOptions?: FormatOptions;
  readonly columns: readonly ColumnDefinition[];
  /** A step for each column but those that hold the time. */
  readonly policy: { readonly columns: Readonly<Record<string, PiiStep>> };
  readonly text: string;
  /** Columns that by their format hold no free text. */
  readonly unplantable: readonly string[];
}

/** What the spelling of a text in a record asks for. */
type Spelling = "plain" | "encoded" | "encoded twice";
/** The text to plant in a column. */
type Plant = (column: string) => string;

const SPELLINGS: readonly Spelling[] = ["plain", "encoded", "encoded twice"];

/** Formats whose fields are found by their position. */
const POSITIONAL: ReadonlySet<FormatName> = new Set([
  ...(["cloudfront", "cloudfront-realtime", "alb", "alb-connection"] as const),
  ...(["alb-health-check", "nlb", "elb-classic", "s3-access"] as const),
]);

const STEPS: readonly PiiStep[] = ["drop", "hash", "truncate", "scrub-parameters", "scrub-text"];

/** @throws {Error} When nobody has written down yet what a log of the format looks like: a new format is added here. */
export function plantedLog(format: FormatName, canaries: Canaries): PlantedLog {
  const writer = WRITERS[format];
  if (!writer)
    throw new Error(`No log with canaries is written for ${format}: add it to test/lake/pii/planted-logs.ts`);
  const { formatOptions, write, unplantable = [] } = writer;
  const columns = formatNamed(format)
    .columns(formatOptions)
    .filter(({ optional }) => !optional);
  const policy = Object.fromEntries(columns.flatMap((column, i) => stepOf(column, i, columns)));
  // A record with many values that are not of their columns' types counts as shifted: one or two at a time have a canary.
  const typed = columns.flatMap(({ name, type }) => (type === "string" || name === "time" ? [] : [name]));
  const atATime = typed.length > 12 ? 2 : 1;
  const inTurn = typed.flatMap((_, i) => (i % atATime === 0 ? [typed.slice(i, i + atATime)] : []));
  const records = POSITIONAL.has(format) ? [[], [], [], ...inTurn] : SPELLINGS.map(() => typed);
  const texts = SPELLINGS.map(() => new Map<string, string>());
  const plants = records.map((planted, record): Plant => {
    const spelling = record % SPELLINGS.length;
    return (name) => {
      const column = columns.find((candidate) => candidate.name === name)!;
      if (typed.includes(name) && !planted.includes(name)) return column.type.startsWith("timestamp") ? "-" : "1";
      const text = texts[spelling]!.get(name) ?? plantOf(format, column, policy[name], SPELLINGS[spelling]!, canaries);
      texts[spelling]!.set(name, text);
      return text;
    };
  });
  const text = write(plants, (name) => canaries.word(`${format} ${name}`));
  return { format, ...(formatOptions && { formatOptions }), columns, policy: { columns: policy }, text, unplantable };
}

function stepOf(
  { name, type, upstreamName }: ColumnDefinition,
  index: number,
  columns: readonly ColumnDefinition[],
): [string, PiiStep][] {
  if (name === "time") return [];
  // Every other typed column is kept, and its text that is no value goes to `_extra`.
  if (type !== "string") {
    const place = columns.slice(0, index).filter((other) => other.type !== "string" && other.name !== "time").length;
    return place % 2 === 1 ? [[name, "drop"]] : [];
  }
  // Columns of one field hold parts of each other's text, so none may be kept in part.
  const isPart = columns.some(
    (other) => other.name !== name && other.type === "string" && other.upstreamName === upstreamName,
  );
  return [[name, STEPS[index % (isPart ? 2 : STEPS.length)]!]];
}

function plantOf(
  format: FormatName,
  { name, type, decoding }: ColumnDefinition,
  step: PiiStep | undefined,
  spelling: Spelling,
  canaries: Canaries,
): string {
  const what = `${format} ${name}, ${step ?? "kept"}, ${spelling}`;
  if (type !== "string") return canaries.word(what);
  const spell = (text: string) => spelled(text, decoding, spelling);
  switch (step) {
    case "truncate":
      return spell(spelling === "plain" ? canaries.address(what) : canaries.word(what));
    case "scrub-parameters":
      return spell(`/p?k=${canaries.word(what)}&m=${canaries.word(what)}`);
    case "scrub-text": {
      const at = spelling === "encoded twice" ? "%2540" : "@";
      return spell(`x:${canaries.word(what)}${at}mail.example,${canaries.card(what)}`);
    }
    default:
      return spell(canaries.word(what));
  }
}

function spelled(text: string, decoding: ColumnDefinition["decoding"], spelling: Spelling): string {
  if (spelling === "plain" || !decoding) return text;
  const code = (letter: string) => letter.charCodeAt(0).toString(16).padStart(2, "0");
  return [...text].map((letter) => (decoding === "percent" ? `%${code(letter)}` : `\\x${code(letter)}`)).join("");
}

interface Writer {
  readonly formatOptions?: FormatOptions;
  readonly unplantable?: readonly string[];
  /** Writes a record for each plant, and what is no record. */
  write(plants: readonly Plant[], word: (name: string) => string): string;
}

const TIME = "2026-01-17T12:00:00.123456Z";

const upstream = (format: FormatName) =>
  formatNamed(format)
    .columns()
    .filter(({ name }) => name !== "time");

const configured = [
  { name: "time", type: "timestamp_millis", upstreamName: "when" },
  { name: "user_id", type: "string", upstreamName: "user" },
  { name: "email", type: "string", upstreamName: "e-mail" },
  { name: "ip", type: "string", upstreamName: "ip" },
  { name: "url", type: "string", upstreamName: "url" },
  { name: "note", type: "string", upstreamName: "note" },
  { name: "age", type: "int32", upstreamName: "age" },
  { name: "amount", type: "double", upstreamName: "amount" },
  { name: "member", type: "boolean", upstreamName: "member" },
  { name: "born", type: "date", upstreamName: "born" },
] as const;
const options: FormatOptions = { columns: configured, time: "time" };
const own = configured.slice(1);

/** A request whose parts are the plants of its columns. */
const request = (plant: Plant) =>
  `${plant("request_verb")} http://${plant("request_domain")}:80/${plant("request_path")}?k=${plant("request_url")} HTTP/${plant("request_proto")}`;

const lines = (...all: string[]) => `${all.join("\n")}\n`;

const WRITERS: Readonly<Partial<Record<FormatName, Writer>>> = {
  cloudfront: {
    write: (plants, word) =>
      lines(
        `#Version: 1.0 ${word("remark")}`,
        `#Fields: date time ${upstream("cloudfront")
          .map(({ upstreamName }) => upstreamName)
          .join(" ")} x-${word("header")}`,
        ...plants.map((plant) =>
          [
            ...["2026-01-17", "12:00:00"],
            ...upstream("cloudfront").map(({ name }) => plant(name)),
            ...[word("unknown field"), word("surplus field"), `${word("surplus e-mail")}@mail.example`],
          ].join("\t"),
        ),
        `2026-01-17\tnoon\t${word("no time")}`,
        `2026-99-17\t12:00:00\t${word("no date")}`,
        word("no record"),
      ),
  },
  "cloudfront-realtime": {
    write: (plants, word) =>
      lines(
        ...plants.map((plant) =>
          ["1768651200.123", ...upstream("cloudfront-realtime").map(({ name }) => plant(name)), word("surplus")].join(
            "\t",
          ),
        ),
        `${word("no time")}\t${word("no time")}`,
      ),
  },
  "cloudfront-json": {
    write: (plants, word) =>
      lines(
        ...plants.map((plant) =>
          JSON.stringify({
            ...{ date: "2026-01-17", time: "12:00:00" },
            ...Object.fromEntries(
              upstream("cloudfront-json")
                .filter(({ optional }) => !optional)
                .map(({ name, upstreamName }) => [upstreamName, plant(name)]),
            ),
            [word("key")]: word("value"),
          }),
        ),
        JSON.stringify({ date: word("date"), time: word("time"), "c-ip": word("address") }),
        `{"c-ip":"${word("cut")}`,
      ),
  },
  alb: loadBalancer(
    "alb",
    (plant, word) => [
      ...[plant("type"), TIME, plant("elb"), `${plant("client_ip")}:80`, `${plant("target_ip")}:80`],
      ...["request_processing_time", "target_processing_time", "response_processing_time"].map(plant),
      ...["elb_status_code", "target_status_code", "received_bytes", "sent_bytes"].map(plant),
      ...[`"${request(plant)}"`, `"${plant("user_agent")}"`, plant("ssl_cipher"), plant("ssl_protocol")],
      ...[
        plant("target_group_arn"),
        `"${plant("trace_id")}"`,
        `"${plant("domain_name")}"`,
        `"${plant("chosen_cert_arn")}"`,
      ],
      ...["matched_rule_priority", "request_creation_time"].map(plant),
      ...["actions_executed", "redirect_url", "error_reason"].map((name) => `"${plant(name)}"`),
      ...["target_port_list", "target_status_code_list", "classification", "classification_reason"].map(plant),
      ...["conn_trace_id", "transformed_host", "transformed_uri", "request_transform_status", "ip_address"].map(plant),
      ...[word("surplus"), `"${word("surplus in quotes")}"`],
    ],
    ["client_port", "target_port"],
  ),
  "elb-classic": loadBalancer(
    "elb-classic",
    (plant, word) => [
      ...[TIME, plant("elb"), `${plant("client_ip")}:80`, `${plant("backend_ip")}:80`],
      ...["request_processing_time", "backend_processing_time", "response_processing_time"].map(plant),
      ...["elb_status_code", "backend_status_code", "received_bytes", "sent_bytes"].map(plant),
      ...[
        `"${request(plant)}"`,
        `"${plant("user_agent")}"`,
        plant("ssl_cipher"),
        plant("ssl_protocol"),
        word("surplus"),
      ],
    ],
    ["client_port", "backend_port"],
  ),
  nlb: loadBalancer(
    "nlb",
    (plant, word) => [
      ...[
        plant("type"),
        plant("version"),
        TIME,
        `net/${plant("elb")}`,
        plant("listener"),
        `${plant("client_ip")}:80`,
        `${plant("destination_ip")}:80`,
      ],
      ...upstream("nlb")
        .slice(8)
        .filter(({ optional }) => !optional)
        .map(({ name }) => plant(name)),
      word("surplus"),
    ],
    ["client_port", "destination_port"],
  ),
  "alb-connection": loadBalancer("alb-connection", (plant, word) => [
    TIME,
    ...upstream("alb-connection").map(({ name }) => (name.endsWith("subject") ? `"${plant(name)}"` : plant(name))),
    word("surplus"),
  ]),
  "alb-health-check": loadBalancer(
    "alb-health-check",
    (plant, word) => [
      ...[plant("type"), TIME, plant("latency"), plant("target_addr"), plant("target_group_id"), plant("status")],
      ...[plant("status_code"), plant("reason_code"), plant("elb"), plant("ip_address"), word("surplus")],
    ],
    ["target_port"],
  ),
  "s3-access": loadBalancer("s3-access", (plant, word) => [
    ...[plant("bucket_owner"), plant("bucket"), "[17/Jan/2026:12:00:00 +0000]"],
    ...["remote_ip", "requester", "request_id", "operation", "key"].map(plant),
    `"${request(plant)}"`,
    ...["http_status", "error_code", "bytes_sent", "object_size", "total_time", "turn_around_time"].map(plant),
    ...[`"${plant("referer")}"`, `"${plant("user_agent")}"`],
    ...upstream("s3-access")
      .filter(({ optional }) => !optional)
      .slice(20)
      .map(({ name }) => plant(name)),
    word("surplus"),
  ]),
  json: {
    formatOptions: options,
    write: (plants, word) =>
      lines(
        ...plants.map((plant) =>
          JSON.stringify({
            when: TIME,
            ...Object.fromEntries(own.map(({ name, upstreamName }) => [upstreamName, plant(name)])),
            [word("key")]: word("value"),
            nested: { [word("nested key")]: [{ deep: word("nested value") }] },
            // A key in another spelling is another key.
            User: word("other spelling"),
          }),
        ),
        // Escapes of JSON, and an e-mail address in a nested value of a column of text.
        `{"when":"${TIME}","user":${escapedJson(word("escaped"))},"note":{"to":"${word("in a column of JSON")}\\u0040mail.example"}}`,
        `{"when":"${TIME}","user":"${word("first of two")}","user":"${word("second of two")}"}`,
        `{"when":"${word("no time")}","user":"${word("with no time")}"}`,
        `["${word("no object")}"]`,
        `{"when":"${TIME}","user":"${word("cut")}`,
      ),
  },
  csv: {
    formatOptions: options,
    write: (plants, word) =>
      lines(
        ["when", ...own.map(({ upstreamName }) => upstreamName), word("header")].join(";"),
        ...plants.map((plant) =>
          [TIME, ...own.map(({ name }) => `"${plant(name)}"`), `"${word("quote")}""d"`, word("surplus")].join(";"),
        ),
        `${word("no time")};${word("with no time")}`,
        `"${TIME};${word("unterminated")}`,
      ),
  },
  text: {
    formatOptions: {
      ...options,
      pattern: ["(?P<when>\\S+)", ...own.map((_, i) => `(?P<g${i}>\\S+)`), "(?P<other>\\S+)"].join(" "),
      columns: configured.map((column, i) => ({ ...column, upstreamName: i === 0 ? "when" : `g${i - 1}` })),
    },
    write: (plants, word) =>
      lines(
        ...plants.map((plant) => [TIME, ...own.map(({ name }) => plant(name)), word("group without column")].join(" ")),
        `${word("no match")} ${word("no match")}@mail.example`,
        [word("no time"), ...own.map(() => word("with no time")), "x"].join(" "),
      ),
  },
};

function loadBalancer(
  name: string,
  fields: (plant: Plant, word: (name: string) => string) => string[],
  unplantable: string[] = [],
): Writer {
  return {
    unplantable,
    write: (plants, word) =>
      lines(
        ...plants.map((plant) => fields(plant, word).join(" ")),
        `${word(`${name} no record`)} ${word("no record")}`,
        fields(word, word).join(" ").replace(/2026/g, "1226"),
        `${fields(
          () => "x",
          () => "x",
        )
          .slice(0, 6)
          .join(" ")} "${word("unterminated")}`,
      ),
  };
}

function escapedJson(word: string): string {
  return `"${[...word].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`;
}
