/**
 * Health check logs of Application Load Balancers: one record for each check of a target.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-health-check-logs.html#health-check-log-entry-format
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

/** Fields up to `reason_code`, where the documentation's examples end. A shorter record was cut. */
const FEWEST_FIELDS = 8;
const TIME_FIELD = 1;
const TARGET_FIELD = 3;

const columns: readonly ColumnDefinition[] = [
  column("type"),
  column("time", "timestamp_micros"),
  column("latency", "double"),
  // An address and port, or the ARN of a Lambda function.
  column("target_addr"),
  column("target_ip", "string", "target_addr"),
  column("target_port", "int32", "target_addr"),
  column("target_group_id"),
  column("status"),
  column("status_code", "int32"),
  column("reason_code"),
  column("elb"),
  column("ip_address"),
];

const indexOf = columnFinder(columns);
const targetIp = indexOf("target_ip");
const targetPort = indexOf("target_port");

/** The column that each field of a record goes to, as it stands. */
const columnOfField = Int32Array.from(
  [
    ...["type", "time", "latency", "target_addr", "target_group_id"],
    ...["status", "status_code", "reason_code", "elb", "ip_address"],
  ],
  indexOf,
);
const fit = new RecordFit(columns, { time: indexOf("time"), quotesTexts: true });

const TYPE_TIME_AND_STATUS =
  /^ *[a-z][a-z\d]* +\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[.\d]*Z? +(-|[\d.]+) +\S+ +\S+ +(PASS|FAIL) +/;
const LAMBDA_FUNCTION = ascii("arn:");

export const albHealthCheck: LogFormat = {
  name: "alb-health-check",
  title: "Application Load Balancer health check log",
  claims: (head) => TYPE_TIME_AND_STATUS.test(firstRecordLine(head)),
  positional: true,
  columns: () => columns,
  openScanner: () => lineScanner(new AlbHealthCheckReader()),
};

class AlbHealthCheckReader implements LineReader {
  readonly #fields = new QuotedFields();

  readLine(block: RowBlock, start: number, end: number): LineOutcome {
    const fields = this.#fields;
    if (!fields.split(block.bytes, start, end)) return "UNTERMINATED_QUOTE";
    const reason = startRecord(block, fields, TIME_FIELD, FEWEST_FIELDS);
    if (reason) return reason;
    setFields(block, fields, columnOfField);
    if (!startsWithAt(block.bytes, fields.starts[TARGET_FIELD]!, LAMBDA_FUNCTION))
      setEndpointField(block, fields, TARGET_FIELD, targetIp, targetPort);
    return fit.isShifted(block) ? "SHIFTED" : "row";
  }
}
