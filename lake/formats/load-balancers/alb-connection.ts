/**
 * Connection logs of Application Load Balancers: one record for each attempt to connect, also those that failed.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-connection-logs.html#connection-log-entry-format
 */
import { lineScanner } from "../../rows/line-scanner.ts";
import type { RowBlock } from "../../rows/row-block.ts";
import type { LineOutcome, LineReader } from "../../rows/scanner.ts";
import type { ColumnDefinition } from "../../rows/schema.ts";
import { firstRecordLine } from "../ascii.ts";
import { column } from "../column-list.ts";
import type { LogFormat } from "../format.ts";
import { oddQuotes, quotedPositions, RecordFit } from "../record-fit.ts";
import { setFields, startRecord } from "./load-balancer-record.ts";
import { QuotedFields } from "./quoted-fields.ts";

/** Fields of the first generation (2023), up to `tls_verify_status`. */
const FIRST_GENERATION_FIELDS = 11;

const escaped = { decoding: "backslash" } as const;

/** In the order of the fields, `conn_trace_id` being the newest. */
const columns: readonly ColumnDefinition[] = [
  column("time", "timestamp_micros", "timestamp"),
  column("client_ip"),
  column("client_port", "int32"),
  column("listener_port", "int32"),
  column("tls_protocol"),
  column("tls_cipher"),
  column("tls_handshake_latency", "double"),
  column("leaf_client_cert_subject", "string", "leaf_client_cert_subject", escaped),
  column("leaf_client_cert_validity"),
  column("leaf_client_cert_serial_number"),
  column("tls_verify_status"),
  column("conn_trace_id"),
];

const columnOfField = Int32Array.from(columns.keys());
const quotes = quotedPositions([7], [1, 2, 3, 4, 5, 6, 9, 10]);
const fit = new RecordFit(columns, { time: 0, quotesTexts: true });

/** A time, an address without a port, two ports. */
const TIME_CLIENT_AND_PORTS = /^ *\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[.\d]*Z? +[\da-fA-F.:]+ +\d{1,5} +\d{1,5} +\S/;

export const albConnection: LogFormat = {
  name: "alb-connection",
  title: "Application Load Balancer connection log",
  claims: (head) => TIME_CLIENT_AND_PORTS.test(firstRecordLine(head)),
  positional: true,
  columns: () => columns,
  openScanner: () => lineScanner(new AlbConnectionReader()),
};

class AlbConnectionReader implements LineReader {
  readonly #fields = new QuotedFields();

  readLine(block: RowBlock, start: number, end: number): LineOutcome {
    const fields = this.#fields;
    if (!fields.split(block.bytes, start, end)) return "UNTERMINATED_QUOTE";
    const reason = startRecord(block, fields, 0, FIRST_GENERATION_FIELDS);
    if (reason) return reason;
    setFields(block, fields, columnOfField);
    return fit.isShifted(block, oddQuotes(block.bytes, fields, quotes)) ? "SHIFTED" : "row";
  }
}
