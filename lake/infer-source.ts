/** Proposes how a source is to be configured, from the first bytes of one of its objects. */
import { parquetReadObjects } from "hyparquet";
import { writeParquetFile } from "./columns/parquet-file.ts";
import { parsePieces } from "./columns/parse.ts";
import { copyRowGroup, type SerializedRowGroup } from "./columns/row-group.ts";
import { type ColumnType, tableColumns } from "./columns/schema.ts";
import type { FormatName, FormatOptions } from "./formats/format.ts";
import { formatNamed, formatOf } from "./formats/index.ts";

export interface SourceProposal {
  readonly format: FormatName;
  /** Absent when the format knows its columns. */
  readonly formatOptions?: FormatOptions;
  /** What became of the sample when it was read as proposed. */
  readonly rows: number;
  readonly rejected: number;
  readonly invalidFields: number;
}

interface ProposedColumn {
  name: string;
  type: ColumnType;
  upstreamName: string;
}

/** Any day: the sample is only looked at. */
const SOME_DAY = "2000-01-01";

/**
 * @param sample - Whole entries of unpacked text from the start of an object.
 * @returns `text` when no format claims it: its lines, under the day of delivery.
 */
export async function proposeSource(sample: Uint8Array): Promise<SourceProposal> {
  const format = formatOf(sample) ?? "text";
  const formatOptions = format === "json" || format === "csv" ? await proposeOptions(format, sample) : undefined;
  const tried = { ...(isUndated(format, formatOptions) && { deliveryDate: SOME_DAY }), ...formatOptions };
  const read = await readSample(format, sample, Object.keys(tried).length > 0 ? tried : undefined);
  const { rows, rejected, invalidFields } = read;
  return { format, ...(formatOptions && { formatOptions }), rows: rows.length, rejected, invalidFields };
}

const isUndated = (format: FormatName, options: FormatOptions | undefined) =>
  format === "text" || (options !== undefined && options.time === undefined);

async function proposeOptions(format: FormatName, sample: Uint8Array): Promise<FormatOptions> {
  // Without columns every field is in `_extra`, by its upstream name.
  const { rows } = await readSample(format, sample, { columns: [], deliveryDate: SOME_DAY });
  const values = new Map<string, unknown[]>();
  for (const { _extra } of rows)
    for (const [key, value] of Object.entries(JSON.parse(String(_extra ?? "{}")) as Record<string, unknown>)) {
      const known = values.get(key) ?? [];
      if (value !== null) known.push(value);
      values.set(key, known);
    }
  const names = new Set<string>();
  const columns = [...values].map(([key, known]): ProposedColumn => {
    const name = columnName(key, names);
    names.add(name);
    return { name, type: typeOf(known), upstreamName: key };
  });
  const time = timeColumn(columns, values, rows.length);
  if (!time) return { columns };
  if (!time.type.startsWith("timestamp") && time.type !== "date") time.type = "timestamp_millis";
  return { columns, time: time.name };
}

async function readSample(format: FormatName, sample: Uint8Array, formatOptions: FormatOptions | undefined) {
  const logFormat = formatNamed(format);
  const rowGroups: SerializedRowGroup[] = [];
  const { pieces, invalidFields } = await parsePieces({
    format: logFormat,
    ...(formatOptions && { formatOptions }),
    pieces: [
      { object: { bucket: "sample", key: "sample" }, sourceFile: "", firstLine: 1, firstByte: 0, bytes: [sample] },
    ],
    processedAtMs: 0,
    onRowGroup: (_date, rowGroup) => void rowGroups.push(copyRowGroup(rowGroup)),
    onRejected: () => {},
  });
  const blocks: Uint8Array[] = [];
  const schema = tableColumns(logFormat.columns(formatOptions));
  if (rowGroups.length > 0) for await (const block of writeParquetFile({ schema, rowGroups })) blocks.push(block);
  const { buffer } = new Uint8Array(Buffer.concat(blocks));
  const rows = rowGroups.length > 0 ? await parquetReadObjects({ file: buffer }) : [];
  return { rows, rejected: pieces[0]!.rejected, invalidFields };
}

const MAX_INT64 = 2 ** 63;
const TIMESTAMP = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?$/;
const ZONED = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:?\d\d|Z)$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
const EPOCH = /^1(\d{9}|\d{12}|\d{15})(\.\d+)?$/;
/** No leading zeros, or a postal code would lose its own. */
const INTEGER = /^(0|-?[1-9]\d{0,17})$/;
const DECIMAL = /^-?(0|[1-9]\d*)(\.\d+)?$/;

/** The narrowest type that every value of the sample has; `string` where they differ. */
function typeOf(values: readonly unknown[]): ColumnType {
  const all = (test: (value: unknown) => boolean) => values.length > 0 && values.every(test);
  const texts = (pattern: RegExp) => all((value) => typeof value === "string" && pattern.test(value));
  if (all((value) => typeof value === "boolean") || texts(/^(true|false)$/)) return "boolean";
  const isInt64 = (value: unknown) => Number.isInteger(value) && Math.abs(Number(value)) < MAX_INT64;
  if (all(isInt64) || texts(INTEGER)) return "int64";
  if (all((value) => typeof value === "number") || texts(DECIMAL)) return "double";
  if (texts(DATE)) return "date";
  if (texts(TIMESTAMP))
    return values.some((value) => /\.\d{4}/.test(String(value))) ? "timestamp_micros" : "timestamp_millis";
  return "string";
}

/** The column that most likely says when the event was: in every record, and a time by its values. */
function timeColumn(columns: readonly ProposedColumn[], values: ReadonlyMap<string, unknown[]>, rowCount: number) {
  const isNamedSo = ({ name }: ProposedColumn) => /time|date|_at$|^at$|^ts$|_ts$/.test(name);
  const hasAll = ({ upstreamName }: ProposedColumn, test: (text: string) => boolean) => {
    const known = values.get(upstreamName)!;
    return known.length === rowCount && known.every((value) => test(String(value)));
  };
  const written = columns.filter((column) => hasAll(column, (text) => TIMESTAMP.test(text) || ZONED.test(text)));
  const counted = columns.filter((column) => isNamedSo(column) && hasAll(column, (text) => EPOCH.test(text)));
  const dated = columns.filter((column) => hasAll(column, (text) => DATE.test(text)));
  return written.find(isNamedSo) ?? written[0] ?? counted[0] ?? dated[0];
}

/** Lower snake case, different from those there are, and never the partition's own. */
function columnName(key: string, taken: ReadonlySet<string>): string {
  const snake = key
    .replace(/([a-z\d])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  const base = snake === "date" ? "event_date" : /^[a-z]/.test(snake) ? snake : `field_${snake || "unnamed"}`;
  for (let n = 1; ; n++) {
    const name = n === 1 ? base : `${base}_${n}`;
    if (!taken.has(name)) return name;
  }
}
