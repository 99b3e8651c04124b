/**
 * CloudFront real-time logs, as Firehose writes them from the stream: fields between tabs, no header, the time as seconds
 * since 1970 with milliseconds. Which fields there are, and in which order, is what the real-time log configuration chose.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/real-time-logs.html#real-time-logs-fields
 */
import { z } from "zod";
import { findByte } from "../../rows/find-byte.ts";
import { lineScanner } from "../../rows/line-scanner.ts";
import type { RowBlock } from "../../rows/row-block.ts";
import type { LineOutcome, LineReader } from "../../rows/scanner.ts";
import type { ColumnDefinition, ColumnType, Decoding } from "../../rows/schema.ts";
import { ascii, firstRecordLine, latin1, MINUS, TAB } from "../ascii.ts";
import type { FormatOptions, LogFormat } from "../format.ts";
import { instantText } from "../instant.ts";
import { RecordFit } from "../record-fit.ts";
import { escapesOption, withEscapes } from "./escapes-option.ts";

const TIME = "timestamp";

/** All fields in the order of the documentation, numbers 1 to 69, in which CloudFront writes those that were chosen. */
const fields: readonly (readonly [upstreamName: string, type: ColumnType, decoding?: Decoding])[] = [
  [TIME, "timestamp_millis"],
  ["c-ip", "string"],
  ["s-ip", "string"],
  ["time-to-first-byte", "double"],
  ["sc-status", "int32"],
  ["sc-bytes", "int64"],
  ["cs-method", "string"],
  ["cs-protocol", "string"],
  ["cs-host", "string", "percent"],
  ["cs-uri-stem", "string", "percent"],
  ["cs-bytes", "int64"],
  ["x-edge-location", "string"],
  ["x-edge-request-id", "string"],
  ["x-host-header", "string", "percent"],
  ["time-taken", "double"],
  ["cs-protocol-version", "string"],
  ["c-ip-version", "string"],
  ["cs-user-agent", "string", "percent"],
  ["cs-referer", "string", "percent"],
  ["cs-cookie", "string", "percent"],
  ["cs-uri-query", "string", "percent"],
  ["x-edge-response-result-type", "string"],
  ["x-forwarded-for", "string", "percent"],
  ["ssl-protocol", "string"],
  ["ssl-cipher", "string"],
  ["x-edge-result-type", "string"],
  ["fle-encrypted-fields", "int32"],
  ["fle-status", "string"],
  ["sc-content-type", "string", "percent"],
  ["sc-content-len", "int64"],
  ["sc-range-start", "int64"],
  ["sc-range-end", "int64"],
  ["c-port", "int32"],
  ["x-edge-detailed-result-type", "string"],
  ["c-country", "string"],
  ["cs-accept-encoding", "string", "percent"],
  ["cs-accept", "string", "percent"],
  ["cache-behavior-path-pattern", "string", "percent"],
  ["cs-headers", "string", "percent"],
  ["cs-header-names", "string", "percent"],
  ["cs-headers-count", "int32"],
  ["primary-distribution-id", "string"],
  ["primary-distribution-dns-name", "string"],
  ["origin-fbl", "double"],
  ["origin-lbl", "double"],
  ["asn", "int64"],
  ["cmcd-encoded-bitrate", "int64"],
  ["cmcd-buffer-length", "int64"],
  ["cmcd-buffer-starvation", "string"],
  ["cmcd-content-id", "string", "percent"],
  ["cmcd-object-duration", "int64"],
  ["cmcd-deadline", "int64"],
  ["cmcd-measured-throughput", "int64"],
  ["cmcd-next-object-request", "string", "percent"],
  ["cmcd-next-range-request", "string", "percent"],
  ["cmcd-object-type", "string"],
  ["cmcd-playback-rate", "double"],
  ["cmcd-requested-maximum-throughput", "int64"],
  ["cmcd-streaming-format", "string"],
  ["cmcd-session-id", "string", "percent"],
  ["cmcd-stream-type", "string"],
  ["cmcd-startup", "string"],
  ["cmcd-top-bitrate", "int64"],
  ["cmcd-version", "string"],
  ["r-host", "string", "percent"],
  ["sr-reason", "string"],
  ["x-edge-mqcs", "string"],
  ["distribution-tenant-id", "string"],
  ["connection-id", "string"],
  // Logged by functions. Their place among the others is not certain: a configuration that has them should name its fields.
  ["viewer-request-log-data", "string", "percent"],
  ["viewer-response-log-data", "string", "percent"],
];

/** The column's name, which is the one of the standard logs where they have the field. */
function columnName(upstreamName: string): string {
  return upstreamName === TIME ? "time" : upstreamName.replaceAll("-", "_");
}

const columns: readonly ColumnDefinition[] = fields.map(([upstreamName, type, decoding]) => ({
  name: columnName(upstreamName),
  type,
  upstreamName,
  ...(decoding && { decoding }),
}));

const TIME_COLUMN = 0;
const columnOf = new Map(columns.map(({ upstreamName }, index) => [upstreamName, index]));

const realtimeOptions = z.strictObject({
  /** The fields of the real-time log configuration, in their order; all when absent. Unknown ones go to `_extra`. */
  fields: z
    .array(z.string().min(1))
    .refine((names) => names.includes(TIME), `names of which one is "${TIME}"`)
    .refine((names) => new Set(names).size === names.length, "names that are all different")
    .optional(),
  ...escapesOption,
});

export const allFields = fields.map(([name]) => name);

/**
 * Fields of a record when all were chosen, by generation: those that came later stand after these. In 2020 and 2022 there were 40
 * and 43, in another order.
 */
const GENERATIONS: ReadonlySet<number> = new Set([46, 64, 65, 66, 67, 68]);
/** The fields that the documentation numbers. */
const DOCUMENTED_FIELDS = 69;

/** Whether a record of so many fields can only be one of all fields. */
export function isWholeGeneration(fieldCount: number): boolean {
  return fieldCount >= DOCUMENTED_FIELDS || GENERATIONS.has(fieldCount);
}

const fit = new RecordFit(columns, { time: TIME_COLUMN });

function fieldNames(options: FormatOptions | undefined): readonly string[] {
  return (options && realtimeOptions.parse(options).fields) ?? allFields;
}

/** Seconds with a fraction; or milliseconds, where a program on the way changed them. */
const EPOCH = /^(\d{9,10}(\.\d{1,9})?|\d{12,13})$/;
const LONGEST_EPOCH = 20;
/** An edge location or a result type: a table of another program with an epoch in front does not hold these. */
const OWN_VALUE =
  /\t([A-Z]{3}\d+(-[A-Z]+\d+)?|Hit|Miss|RefreshHit|OriginShieldHit|LimitExceeded|CapacityExceeded)(\t|$)/;

export const cloudfrontRealtime: LogFormat = {
  name: "cloudfront-realtime",
  title: "CloudFront real-time log",
  optionsSchema: realtimeOptions,
  claims(head) {
    const record = firstRecordLine(head);
    return /^\d{9,10}\.\d{3}\t/.test(record) && OWN_VALUE.test(record);
  },
  accepts(head, options) {
    const names = fieldNames(options);
    const record = firstRecordLine(head).split("\t");
    return record.length > 1 && EPOCH.test(record[names.indexOf(TIME)] ?? "");
  },
  columns: (options) => withEscapes(columns, options),
  openScanner: (options) => lineScanner(new RealtimeReader(fieldNames(options), options?.fields !== undefined)),
  positional: true,
  lacks(_head, record, options) {
    const count = record.split("\t").length;
    if (options?.fields !== undefined)
      return `its first records do not fit formatOptions.fields (they have ${count} fields). Say those of the real-time log configuration, in their order`;
    return `${count} fields, expected ${DOCUMENTED_FIELDS} (or a former generation's 46, 64 to 68): which fields a real-time log has, only its configuration says. Say formatOptions.fields; "sluice sources infer" proposes them`;
  },
};

class RealtimeReader implements LineReader {
  readonly #names: readonly string[];
  /** Column of each field; -1 for fields without a column. */
  readonly #columns: Int32Array;
  readonly #timeAt: number;
  readonly #isConfigured: boolean;

  /** @param isConfigured - Whether the source says which fields there are; otherwise these are all. */
  constructor(names: readonly string[], isConfigured: boolean) {
    this.#names = names;
    this.#isConfigured = isConfigured;
    this.#columns = Int32Array.from(names, (name) => columnOf.get(name) ?? -1);
    this.#timeAt = names.indexOf(TIME);
  }

  readLine(block: RowBlock, start: number, end: number): LineOutcome {
    block.startRow();
    let field = 0;
    let hasTime = false;
    for (let from = start; from <= end; field++) {
      // Read again: text may have moved.
      const { bytes } = block;
      const tab = findByte(bytes, TAB, from, end);
      const to = tab < 0 ? end : tab;
      if (field === this.#timeAt) {
        if (!setTime(block, from, to)) return "INVALID_DATE";
        hasTime = true;
      } else if (to - from !== 1 || bytes[from] !== MINUS) this.#setField(block, field, from, to);
      from = to + 1;
    }
    if (!hasTime || (field === 1 && this.#names.length > 1)) return "TOO_FEW_FIELDS";
    if (!this.#isConfigured && !isWholeGeneration(field)) return "MISSING_HEADER";
    return fit.isShifted(block) ? "SHIFTED" : "row";
  }

  #setField(block: RowBlock, field: number, from: number, to: number): void {
    const column = this.#columns[field] ?? -1;
    if (column >= 0) block.setField(column, from, to);
    else block.extra.add(this.#names[field] ?? `extra_${field + 1}`, from, to);
  }
}

/** Sets time and day from seconds with a fraction, which may be longer than a double holds to the millisecond. */
function setTime(block: RowBlock, start: number, end: number): boolean {
  const text = end - start <= LONGEST_EPOCH ? latin1(block.bytes, start, end) : "";
  const instant = EPOCH.test(text) ? instantText(text) : undefined;
  if (instant === undefined) return false;
  const at = block.addText(ascii(instant));
  block.setField(TIME_COLUMN, at, at + instant.length);
  return block.setDay(at);
}
