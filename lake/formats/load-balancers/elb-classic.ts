/**
 * Access logs of Classic Load Balancers. The user agent and the TLS fields came in 2015.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html#access-log-entry-format
 */
import { lineScanner } from "../../rows/line-scanner.ts";
import type { RowBlock } from "../../rows/row-block.ts";
import type { LineOutcome, LineReader } from "../../rows/scanner.ts";
import type { ColumnDefinition } from "../../rows/schema.ts";
import { firstRecordLine } from "../ascii.ts";
import { column, columnFinder } from "../column-list.ts";
import type { LogFormat } from "../format.ts";
import { oddQuotes, quotedPositions, RecordFit } from "../record-fit.ts";
import { setRequestLine } from "../request-line.ts";
import { setEndpointField, setFields, startRecord } from "./load-balancer-record.ts";
import { QuotedFields } from "./quoted-fields.ts";

/** Fields up to `sent_bytes`, which a record has even when the request could not be read. */
const FEWEST_FIELDS = 11;
const TIME_FIELD = 0;
const CLIENT_FIELD = 2;
const BACKEND_FIELD = 3;
const DURATION_FIELDS = { first: 4, last: 6 };
const REQUEST_FIELD = 11;

const escaped = { decoding: "backslash" } as const;
const onRequest = { optional: true } as const;

const columns: readonly ColumnDefinition[] = [
  column("time", "timestamp_micros"),
  column("elb"),
  column("client_ip", "string", "client:port"),
  column("client_port", "int32", "client:port"),
  column("backend_ip", "string", "backend:port"),
  column("backend_port", "int32", "backend:port"),
  column("request_processing_time", "double"),
  column("backend_processing_time", "double"),
  column("response_processing_time", "double"),
  column("elb_status_code", "int32"),
  column("backend_status_code", "int32"),
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
  // The fields that are split, as they stand.
  column("client", "string", "client:port", onRequest),
  column("backend", "string", "backend:port", onRequest),
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
const backendIp = indexOf("backend_ip");
const backendPort = indexOf("backend_port");

/** The column that each field of a record goes to, as it stands. */
const columnOfField = Int32Array.from(
  [
    ...["time", "elb", "client", "backend"],
    ...["request_processing_time", "backend_processing_time", "response_processing_time"],
    ...["elb_status_code", "backend_status_code", "received_bytes", "sent_bytes", "request", "user_agent"],
    ...["ssl_cipher", "ssl_protocol"],
  ],
  indexOf,
);
const quotes = quotedPositions([11, 12], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14]);
const fit = new RecordFit(columns, {
  time: indexOf("time"),
  quotesTexts: true,
  endpoints: [
    [clientIp, clientPort],
    [backendIp, backendPort],
  ],
});

/** Connection logs of the application load balancers begin like this as well, but with an address after the time. */
const TIME_NAME_AND_CLIENT =
  /^ *\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[.\dZ]* +[\w-]+ +\S+:\d{1,5} +(-|\S+:\d{1,5}) +-?[\d.]+ +/;

export const elbClassic: LogFormat = {
  name: "elb-classic",
  title: "Classic Load Balancer access log",
  claims: (head) => TIME_NAME_AND_CLIENT.test(firstRecordLine(head)),
  positional: true,
  columns: () => columns,
  openScanner: () => lineScanner(new ElbClassicReader()),
};

class ElbClassicReader implements LineReader {
  readonly #fields = new QuotedFields();

  readLine(block: RowBlock, start: number, end: number): LineOutcome {
    const fields = this.#fields;
    if (!fields.split(block.bytes, start, end)) return "UNTERMINATED_QUOTE";
    const reason = startRecord(block, fields, TIME_FIELD, FEWEST_FIELDS);
    if (reason) return reason;
    setFields(block, fields, columnOfField, DURATION_FIELDS);
    setEndpointField(block, fields, CLIENT_FIELD, clientIp, clientPort);
    setEndpointField(block, fields, BACKEND_FIELD, backendIp, backendPort);
    if (fields.count > REQUEST_FIELD && !fields.isDash(block.bytes, REQUEST_FIELD))
      setRequestLine(block, requestColumns, fields.starts[REQUEST_FIELD]!, fields.ends[REQUEST_FIELD]!);
    return fit.isShifted(block, oddQuotes(block.bytes, fields, quotes)) ? "SHIFTED" : "row";
  }
}
