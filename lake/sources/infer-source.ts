/** Proposes the configuration of a source, from the first bytes of one of its objects. */
import { parquetReadObjects } from "hyparquet";
import { writeParquetFile } from "../columns/parquet-file.ts";
import { parsePieces } from "../columns/parse.ts";
import { copyRowGroup, type SerializedRowGroup } from "../columns/row-group.ts";
import { parseExactly } from "../derive/exact-json.ts";
import { allFields, isWholeGeneration } from "../formats/cloudfront/cloudfront-realtime.ts";
import { guessFields } from "../formats/cloudfront/realtime-fields.ts";
import type { FormatName, FormatOptions } from "../formats/format.ts";
import { formatNamed, formatOf } from "../formats/index.ts";
import { recordsPath } from "../formats/json/json-envelope.ts";
import { skipSpace } from "../formats/json/json-text.ts";
import { type ColumnType, tableColumns } from "../rows/schema.ts";
import { columnName } from "./column-name.ts";
import { proposePattern } from "./infer-pattern.ts";
import { isDate, isMoment, proposeType } from "./infer-type.ts";

interface SourceProposal {
  readonly format: FormatName;
  /** Absent when the format knows its columns. */
  readonly formatOptions?: FormatOptions;
  /** Derived columns that nearly everybody wants; absent when there is nothing to derive them from. */
  readonly derive?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Rows of the sample when it is read as proposed. */
  readonly rows: number;
  readonly rejected: number;
  readonly invalidFields: number;
  /** Doubts, as sentences. */
  readonly doubts: readonly string[];
}

interface ProposedColumn {
  name: string;
  type: ColumnType;
  upstreamName: string;
}

/** A column with its values in the sample, apart from null. */
interface SampledColumn extends ProposedColumn {
  values: readonly unknown[];
}

/** Any day will do: the rows are not stored. */
const SOME_DAY = "2000-01-01";
/** With fewer records, types are only a guess. */
const FEW_RECORDS = 100;

/**
 * Proposes the configuration of a source.
 *
 * @param sample - Unpacked text from the start of an object.
 * @param isTruncated - Whether the object goes on: an unfinished record at the end of the sample is not counted as rejected.
 * @returns Format `text` when no format claims it: its lines, or lines of a known pattern. Without a time in them, rows go to
 *   the day of delivery.
 */
export async function proposeSource(sample: Uint8Array, isTruncated = false): Promise<SourceProposal> {
  const claimed = formatOf(sample) ?? "text";
  // Many lines hold a comma or two; a pattern says more.
  const pattern = claimed === "csv" || claimed === "text" ? proposePattern(sample) : undefined;
  const format = pattern?.isProposed ? "text" : claimed;
  const isConfigured = format === "json" || format === "csv" || (format === "text" && pattern?.isProposed);
  const base = format === "text" && pattern?.isProposed ? { pattern: pattern.pattern } : {};
  const { options, doubts, derive } = isConfigured
    ? await proposeRecords(format, { text: sample, isTruncated }, base)
    : { doubts: [] as string[], derive: undefined, ...(format === "cloudfront-realtime" && proposeFields(sample)) };
  const tried = { ...(isUndated(format, options) && { deliveryDate: SOME_DAY }), ...options };
  const { rows, rejected, invalidFields } = await readSample(
    format,
    { text: sample, isTruncated },
    Object.keys(tried).length > 0 ? tried : undefined,
  );
  if (pattern && format === "text")
    doubts.unshift(
      pattern.isProposed
        ? `${pattern.matchedLines} of ${pattern.triedLines} lines are ${pattern.title}; lines that are not would be rejected`
        : `only ${pattern.matchedLines} of ${pattern.triedLines} lines are ${pattern.title}, which would be the pattern ${pattern.pattern}`,
    );
  if (isUndated(format, options))
    doubts.push("no column says when an event was: rows go to the day on which their batch arrives");
  if (isConfigured && rows.length < FEW_RECORDS)
    doubts.push(
      `the sample has ${rows.length} ${rows.length === 1 ? "record" : "records"}: with more of them types may turn out differently`,
    );
  return {
    format,
    ...(options && { formatOptions: options }),
    ...(derive && { derive }),
    rows: rows.length,
    rejected,
    invalidFields,
    doubts,
  };
}

/** Records of a real-time log that are looked at to guess its fields. */
const RECORDS_FOR_FIELDS = 200;

/** Proposes the fields of a real-time log, which the log itself does not name. */
function proposeFields(sample: Uint8Array): { options: FormatOptions; doubts: string[] } | undefined {
  const records = Buffer.from(sample.subarray(0, 1 << 20))
    .toString("latin1")
    .split(/\r?\n/, RECORDS_FOR_FIELDS + 1)
    .filter((line) => line !== "")
    .map((line) => line.split("\t"));
  // The last one may be cut.
  if (records.length > 1) records.pop();
  const counts = new Map<number, number>();
  for (const { length } of records) counts.set(length, (counts.get(length) ?? 0) + 1);
  const [count = 0] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
  if (isWholeGeneration(count)) return undefined;
  const guessed = guessFields(
    records.filter(({ length }) => length === count),
    allFields,
  );
  if (!guessed) return undefined;
  const doubts = [
    `the ${count} fields are guessed from their values, as a real-time log does not name them: compare them with the fields of the real-time log configuration`,
  ];
  if (guessed.uncertain.length > 0)
    doubts.push(`these fields could be others, as their values say too little: ${guessed.uncertain.join(", ")}`);
  if (counts.size > 1)
    doubts.push(
      `records have different numbers of fields (${[...counts.keys()].join(", ")}): the others would be read wrongly`,
    );
  return { options: { fields: guessed.fields }, doubts };
}

const isUndated = (format: FormatName, options: FormatOptions | undefined) =>
  (format === "text" && options === undefined) ||
  (options !== undefined && options.time === undefined && options.fields === undefined);

/**
 * Proposes the records inside a single document that has no time. For several documents it is only a doubt, because what is
 * beside an inner array does not belong to its records.
 */
async function proposeRecords(format: FormatName, sample: Sample, base: FormatOptions) {
  const proposal = await proposeOptions(format, sample, base);
  if (format !== "json" || proposal.options.time !== undefined || proposal.rowCount > 1) return proposal;
  const { text } = sample;
  const recordsAt = recordsPath(text, skipSpace(text, 0, text.length), text.length);
  if (!recordsAt) return proposal;
  const inside = await proposeOptions(format, sample, { ...base, recordsAt });
  if (inside.rowCount === 0) return proposal;
  inside.doubts.unshift(
    `the records are taken to be in ${recordsAt.join(".")}, and what stands beside that goes to _extra of each, or to a column with its name as upstreamName; without recordsAt a document is one record`,
  );
  return inside;
}

async function proposeOptions(format: FormatName, sample: Sample, base: FormatOptions) {
  // Without columns every field is in `_extra`, by its upstream name.
  const { rows } = await readSample(format, sample, { ...base, columns: [], deliveryDate: SOME_DAY });
  const doubts: string[] = [];
  const columns = sampledColumns(rows, format, doubts);
  // A doubt about many columns is reported once.
  const columnsOfDoubt = new Map<string, string[]>();
  for (const column of columns) {
    const { type, doubts: ofType } = proposeType(column.name, column.values);
    column.type = type;
    for (const doubt of [...ofType, ...personalDoubts(column), ...(format === "json" ? envelopeDoubts(column) : [])])
      columnsOfDoubt.set(doubt, [...(columnsOfDoubt.get(doubt) ?? []), column.name]);
  }
  for (const [doubt, names] of columnsOfDoubt) doubts.push(`${names.join(", ")}: ${doubt}`);
  const time = timeColumn(columns, rows.length, doubts);
  const derive = proposeDerived(columns);
  const proposed = columns.map(({ name, type, upstreamName }): ProposedColumn => ({ name, type, upstreamName }));
  const options: FormatOptions = { ...base, columns: proposed, ...(time && { time: time.name }) };
  return { options, doubts, derive, rowCount: rows.length };
}

function sampledColumns(rows: readonly Record<string, unknown>[], format: FormatName, doubts: string[]) {
  const values = new Map<string, unknown[]>();
  for (const { _extra } of rows)
    for (const [key, value] of Object.entries(parseExactly(String(_extra ?? "{}")) as Record<string, unknown>)) {
      const known = values.get(key) ?? [];
      if (value !== null) known.push(value);
      values.set(key, known);
    }
  // Fields after the last header are named by their position.
  const surplus = format === "csv" ? [...values.keys()].filter((key) => /^extra_\d+$/.test(key)) : [];
  for (const key of surplus) {
    doubts.push(`${values.get(key)!.length} records have more fields than there are headers: kept in _extra as ${key}`);
    values.delete(key);
  }
  const names = new Set<string>();
  return [...values].map(([upstreamName, known]): SampledColumn => {
    const name = columnName(upstreamName, names);
    names.add(name);
    return { name, type: "string", upstreamName, values: known };
  });
}

interface Sample {
  readonly text: Uint8Array;
  readonly isTruncated: boolean;
}

async function readSample(format: FormatName, { text, isTruncated }: Sample, formatOptions: FormatOptions | undefined) {
  const logFormat = formatNamed(format);
  const rowGroups: SerializedRowGroup[] = [];
  let unfinished = 0;
  const { pieces, invalidFields } = await parsePieces({
    format: logFormat,
    ...(formatOptions && { formatOptions }),
    pieces: [{ sourceFile: "", firstLine: 1, firstByte: 0, isTruncated, bytes: [text] }],
    processedAtMs: 0,
    onRowGroup: (_date, rowGroup) => void rowGroups.push(copyRowGroup(rowGroup)),
    onRejected: ({ reason }) => {
      if (reason === "TRUNCATED") unfinished++;
    },
  });
  const blocks: Uint8Array[] = [];
  const schema = tableColumns(logFormat.columns(formatOptions));
  if (rowGroups.length > 0) for await (const block of writeParquetFile({ schema, rowGroups })) blocks.push(block);
  const { buffer } = new Uint8Array(Buffer.concat(blocks));
  const rows = rowGroups.length > 0 ? await parquetReadObjects({ file: buffer }) : [];
  return { rows, rejected: pieces[0]!.rejected - unfinished, invalidFields };
}

/** Names for the moment of an event itself, the likeliest first. */
const EVENT_TIME_NAMES = [
  /^(event_)?(time|timestamp|ts|datetime)(_ms|_msec|_millis)?$/,
  /^(event_)?date(_time)?$/,
  /^(at|when|occurred_at|created_at|sent_at)$/,
  /(^|_)(event|client|request|created|occurred)_/,
];
/** Names of other moments. */
const OTHER_TIME_NAMES = /ingest|load|server|process|receiv|updat|modif|expir|start|end|birth|publish/;

/**
 * The column that most likely holds the time of the event: in every record, and with times as values.
 */
function timeColumn(columns: readonly SampledColumn[], rowCount: number, doubts: string[]): SampledColumn | undefined {
  const isIn = (column: SampledColumn, test: (text: string, name: string) => boolean) =>
    column.values.length === rowCount && column.values.every((value) => test(String(value), column.name));
  const moments = columns.filter((column) => isIn(column, isMoment));
  const candidates = moments.length > 0 ? moments : columns.filter((column) => isIn(column, isDate));
  if (candidates.length === 0) return undefined;
  // A time that never changes is the time of something else.
  const isConstant = ({ values }: SampledColumn) => values.length > 1 && new Set(values.map(String)).size === 1;
  const rank = (column: SampledColumn) => {
    const likeliest = EVENT_TIME_NAMES.findIndex((pattern) => pattern.test(column.name));
    return (
      (likeliest < 0 ? EVENT_TIME_NAMES.length : likeliest) +
      (OTHER_TIME_NAMES.test(column.name) ? 10 : 0) +
      (isConstant(column) ? 20 : 0)
    );
  };
  const [time, ...others] = candidates.toSorted((a, b) => rank(a) - rank(b));
  if (others.length > 0)
    doubts.push(
      `${time!.name}: taken for the time of the event, which decides about the partition; it could also be ${others.map(({ name }) => name).join(", ")}`,
    );
  return time;
}

/** Doubts about a column that may hold the records. */
function envelopeDoubts({ upstreamName, values }: SampledColumn): string[] {
  const isRecord = (item: unknown) => typeof item === "object" && item !== null && !Array.isArray(item);
  const isRecords = (value: unknown) => Array.isArray(value) && value.length > 0 && value.every(isRecord);
  if (values.length === 0 || !values.every(isRecords)) return [];
  return [`arrays of objects; if these are the records, say recordsAt: ${JSON.stringify([upstreamName])}`];
}

const EMAIL = /^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$/;
const IP_ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[\dA-Fa-f]*:[\dA-Fa-f:]*:[\dA-Fa-f.]*)$/;

/** Doubts about a column that may hold personal data. */
function personalDoubts({ values }: SampledColumn): string[] {
  const some = (pattern: RegExp) => values.some((value) => typeof value === "string" && pattern.test(value));
  if (some(EMAIL)) return ["e-mail addresses; say under pii what becomes of them"];
  if (some(IP_ADDRESS)) return ["IP addresses; say under pii what becomes of them"];
  return [];
}

const USER_AGENT_NAME = /(^|_)(ua|user_?agent(_string)?)$/;
const URL_NAME = /(^|_)(url|uri|location|href|page|referr?er)$/;

/** Proposes only simple columns: facts about a user agent, host and path of URLs. */
function proposeDerived(columns: readonly SampledColumn[]): SourceProposal["derive"] {
  const names = new Set(columns.map(({ name }) => name));
  const derive: Record<string, Record<string, string>> = {};
  const add = (wanted: string, rule: Record<string, string>) => {
    const name = columnName(wanted, names);
    names.add(name);
    derive[name] = rule;
  };
  for (const { name, type, values } of columns) {
    if (type !== "string" || values.length === 0) continue;
    const all = (pattern: RegExp) => values.every((value) => pattern.test(String(value)));
    if (USER_AGENT_NAME.test(name) && values.some((value) => /\//.test(String(value)))) {
      add("browser", { from: name, userAgent: "family" });
      add("device", { from: name, userAgent: "device" });
      add("is_bot", { from: name, userAgent: "bot" });
    } else if (URL_NAME.test(name) && all(/^(https?:\/\/\S+|)$/)) {
      const base = name.replace(/_(url|uri|location|href)$/, "");
      add(`${base}_host`, { from: name, part: "host" });
      add(`${base}_path`, { from: name, part: "path" });
    }
  }
  return Object.keys(derive).length > 0 ? derive : undefined;
}
