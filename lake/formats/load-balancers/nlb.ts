/**
 * Access logs of Network Load Balancers: one record for each TLS connection.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-access-logs.html#access-log-entry-format
 */
import { lineScanner } from "../../rows/line-scanner.ts";
import type { RowBlock } from "../../rows/row-block.ts";
import type { LineOutcome, LineReader } from "../../rows/scanner.ts";
import type { ColumnDefinition } from "../../rows/schema.ts";
import { ascii, firstRecordLine, startsWithAt } from "../ascii.ts";
import { column, columnFinder } from "../column-list.ts";
import type { LogFormat } from "../format.ts";
import { RecordFit } from "../record-fit.ts";
import { setEndpointField, setFields, startRecord } from "./load-balancer-record.ts";
import { QuotedFields } from "./quoted-fields.ts";

/** Fields of the first generation (2019), up to `domain_name`. A shorter record was cut. */
const FIRST_GENERATION_FIELDS = 18;
const TIME_FIELD = 2;
const NAME_FIELD = 3;
const CLIENT_FIELD = 5;
const DESTINATION_FIELD = 6;

const onRequest = { optional: true } as const;

const columns: readonly ColumnDefinition[] = [
  column("type"),
  column("version"),
  column("time", "timestamp_micros"),
  column("elb"),
  column("listener"),
  column("client_ip", "string", "client:port"),
  column("client_port", "int32", "client:port"),
  column("destination_ip", "string", "destination:port"),
  column("destination_port", "int32", "destination:port"),
  column("connection_time", "int64"),
  column("tls_handshake_time", "int64"),
  column("received_bytes", "int64"),
  column("sent_bytes", "int64"),
  column("incoming_tls_alert", "int32"),
  column("chosen_cert_arn"),
  column("chosen_cert_serial"),
  column("tls_cipher"),
  column("tls_protocol_version"),
  column("tls_named_group"),
  column("domain_name"),
  column("alpn_fe_protocol"),
  column("alpn_be_protocol"),
  column("alpn_client_preference_list"),
  column("tls_connection_creation_time", "timestamp_micros"),
  // The fields that are split, as they stand.
  column("client", "string", "client:port", onRequest),
  column("destination", "string", "destination:port", onRequest),
];

const indexOf = columnFinder(columns);
const clientIp = indexOf("client_ip");
const clientPort = indexOf("client_port");
const destinationIp = indexOf("destination_ip");
const destinationPort = indexOf("destination_port");

/** The column that each field of a record goes to, as it stands. */
const columnOfField = Int32Array.from(
  [
    ...["type", "version", "time", "elb", "listener", "client", "destination"],
    ...["connection_time", "tls_handshake_time", "received_bytes", "sent_bytes", "incoming_tls_alert"],
    ...["chosen_cert_arn", "chosen_cert_serial", "tls_cipher", "tls_protocol_version", "tls_named_group"],
    ...["domain_name", "alpn_fe_protocol", "alpn_be_protocol", "alpn_client_preference_list"],
    "tls_connection_creation_time",
  ],
  indexOf,
);
const fit = new RecordFit(columns, {
  time: indexOf("time"),
  endpoints: [
    [clientIp, clientPort],
    [destinationIp, destinationPort],
  ],
});
const NAME_START = ascii("net/");

/** `tls` is the only type so far. Only names of Network Load Balancers start with `net/`. */
const TYPE_VERSION_AND_TIME = /^ *[a-z][a-z\d]* +\d+\.\d+ +\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\S* +net\//;

export const nlb: LogFormat = {
  name: "nlb",
  title: "Network Load Balancer access log",
  claims: (head) => TYPE_VERSION_AND_TIME.test(firstRecordLine(head)),
  positional: true,
  columns: () => columns,
  openScanner: () => lineScanner(new NlbReader()),
};

class NlbReader implements LineReader {
  // The preference list is one field of several quoted parts, `"h2","http/1.1"`: here quotes are part of the value.
  readonly #fields = new QuotedFields({ quotes: "inside" });

  readLine(block: RowBlock, start: number, end: number): LineOutcome {
    const fields = this.#fields;
    if (!fields.split(block.bytes, start, end)) return "UNTERMINATED_QUOTE";
    const reason = startRecord(block, fields, TIME_FIELD, FIRST_GENERATION_FIELDS);
    if (reason) return reason;
    setFields(block, fields, columnOfField);
    setEndpointField(block, fields, CLIENT_FIELD, clientIp, clientPort);
    setEndpointField(block, fields, DESTINATION_FIELD, destinationIp, destinationPort);
    return fit.isShifted(block, startsWithAt(block.bytes, fields.starts[NAME_FIELD]!, NAME_START) ? 0 : 1)
      ? "SHIFTED"
      : "row";
  }
}
