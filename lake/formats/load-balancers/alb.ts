/**
 * Access logs of Application Load Balancers. Each generation added fields at the end of the list.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html#access-log-entry-format
 */
import {
  ALB_CLIENT_FIELD,
  ALB_FIRST_DURATION_FIELD,
  ALB_FIRST_GENERATION_FIELDS,
  ALB_LAST_DURATION_FIELD,
  ALB_REQUEST_FIELD,
  ALB_TARGET_FIELD,
  ALB_TIME_FIELD,
} from "../../kernel/shared-numbers.ts";
import { lineScanner } from "../../rows/line-scanner.ts";
import type { RowBlock } from "../../rows/row-block.ts";
import type { LineOutcome, LineReader } from "../../rows/scanner.ts";
import type { ColumnDefinition } from "../../rows/schema.ts";
import { firstRecordLine, latin1 } from "../ascii.ts";
import { column, columnFinder } from "../column-list.ts";
import type { LogFormat } from "../format.ts";
import { oddQuotes, quotedPositions, RecordFit } from "../record-fit.ts";
import { setRequestLine } from "../request-line.ts";
import { setEndpointField, setFields, startRecord } from "./load-balancer-record.ts";
import { QuotedFields } from "./quoted-fields.ts";

const escaped = { decoding: "backslash" } as const;
const onRequest = { optional: true } as const;

const columns: readonly ColumnDefinition[] = [
  column("type"),
  column("time", "timestamp_micros"),
  column("elb"),
  column("client_ip", "string", "client:port"),
  column("client_port", "int32", "client:port"),
  column("target_ip", "string", "target:port"),
  column("target_port", "int32", "target:port"),
  column("request_processing_time", "double"),
  column("target_processing_time", "double"),
  column("response_processing_time", "double"),
  column("elb_status_code", "int32"),
  column("target_status_code", "int32"),
  column("received_bytes", "int64"),
  column("sent_bytes", "int64"),
  column("request_verb", "string", "request", escaped),
  column("request_url", "string", "request", escaped),
  column("request_proto", "string", "request", escaped),
  column("request_domain", "string", "request", escaped),
  column("request_path", "string", "request", escaped),
  column("user_agent", "string", "user_agent", escaped),
  column("ssl_cipher"),
  column("ssl_protocol"),
  column("target_group_arn"),
  column("trace_id", "string", "trace_id", escaped),
  column("domain_name", "string", "domain_name", escaped),
  column("chosen_cert_arn"),
  column("matched_rule_priority", "int32"),
  column("request_creation_time", "timestamp_micros"),
  column("actions_executed"),
  column("redirect_url", "string", "redirect_url", escaped),
  column("error_reason"),
  column("target_port_list", "string", "target:port_list"),
  column("target_status_code_list"),
  column("classification"),
  column("classification_reason"),
  column("conn_trace_id"),
  column("transformed_host", "string", "transformed_host", escaped),
  column("transformed_uri", "string", "transformed_uri", escaped),
  column("request_transform_status"),
  // The load balancer's own address, of the node that took the request.
  column("ip_address"),
  // The fields that are split, as they stand.
  column("client", "string", "client:port", onRequest),
  column("target", "string", "target:port", onRequest),
  column("request", "string", "request", { ...escaped, ...onRequest }),
];

const indexOf = columnFinder(columns);

const requestColumns = {
  verb: indexOf("request_verb"),
  url: indexOf("request_url"),
  proto: indexOf("request_proto"),
  domain: indexOf("request_domain"),
  path: indexOf("request_path"),
};
const clientIp = indexOf("client_ip");
const clientPort = indexOf("client_port");
const targetIp = indexOf("target_ip");
const targetPort = indexOf("target_port");

/** The column that each field of a record goes to, as it stands. */
export const columnOfField = Int32Array.from(
  [
    ...["type", "time", "elb", "client", "target"],
    ...["request_processing_time", "target_processing_time", "response_processing_time"],
    ...["elb_status_code", "target_status_code", "received_bytes", "sent_bytes", "request", "user_agent"],
    ...["ssl_cipher", "ssl_protocol", "target_group_arn", "trace_id", "domain_name", "chosen_cert_arn"],
    ...["matched_rule_priority", "request_creation_time", "actions_executed", "redirect_url", "error_reason"],
    ...["target_port_list", "target_status_code_list", "classification", "classification_reason"],
    ...["conn_trace_id", "transformed_host", "transformed_uri", "request_transform_status", "ip_address"],
  ],
  indexOf,
);
const quotes = quotedPositions([12, 13, 17, 18, 19, 22, 23, 24], [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 15, 16, 20, 21]);
const fit = new RecordFit(columns, { time: indexOf("time"), quotesTexts: true });
const DURATION_FIELDS = { first: ALB_FIRST_DURATION_FIELD, last: ALB_LAST_DURATION_FIELD };

/** The third field is the load balancer's name; a number there is the latency of a health check. */
const TYPE_AND_TIME =
  /^ *([a-z][a-z\d]*) +\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[.\d]*(?:Z|[+-]\d\d:?\d\d)? +(?![\d.]+ +)(\S+)/;
const TYPE = /^(https?|h2|grpcs?|wss?)$/;

export const alb: LogFormat = {
  name: "alb",
  title: "Application Load Balancer access log",
  claims(head) {
    const [, type, name] = TYPE_AND_TIME.exec(firstRecordLine(head)) ?? [];
    // Types are added from time to time; only this load balancer's names start with `app/`.
    return type !== undefined && (TYPE.test(type) || name!.startsWith("app/"));
  },
  positional: true,
  columns: () => columns,
  openScanner: () => lineScanner(new AlbReader()),
};

class AlbReader implements LineReader {
  readonly #fields = new QuotedFields();

  readLine(block: RowBlock, start: number, end: number): LineOutcome {
    const fields = this.#fields;
    if (!fields.split(block.bytes, start, end)) return "UNTERMINATED_QUOTE";
    const reason = startRecord(block, fields, ALB_TIME_FIELD, ALB_FIRST_GENERATION_FIELDS);
    if (reason && isOtherLog(block, start, end)) return "OTHER_FORMAT";
    if (reason) return reason;
    setFields(block, fields, columnOfField, DURATION_FIELDS);
    setEndpointField(block, fields, ALB_CLIENT_FIELD, clientIp, clientPort);
    setEndpointField(block, fields, ALB_TARGET_FIELD, targetIp, targetPort);
    if (!fields.isDash(block.bytes, ALB_REQUEST_FIELD))
      setRequestLine(block, requestColumns, fields.starts[ALB_REQUEST_FIELD]!, fields.ends[ALB_REQUEST_FIELD]!);
    return fit.isShifted(block, oddQuotes(block.bytes, fields, quotes)) ? "SHIFTED" : "row";
  }
}

/** The beginnings of connection logs, health check logs and logs of other load balancers, which may have the same prefix. */
const OTHER_LOG = /^([a-z]+ +\d\.\d +|\d{4}-\d{2}-\d{2}T|[a-z][a-z\d]* +\S+ +(-|[\d.]+) +\S+ +\S+ +(PASS|FAIL) +)/;

function isOtherLog(block: RowBlock, start: number, end: number): boolean {
  return OTHER_LOG.test(latin1(block.bytes, start, Math.min(end, start + 512)));
}
