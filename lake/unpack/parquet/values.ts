/** Values of Parquet files as JSON text, exactly: no digit of a number and no fraction of a second is lost. */
import { isUtf8 } from "node:buffer";
import type { FileMetaData, ParquetParsers, SchemaElement } from "hyparquet";

/** Text that stands in the JSON as it is. */
class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** U+FEFF at the beginning of a value is a part of it. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Units of a second. */
const MILLIS = 1_000n;
const MICROS = 1_000_000n;
const NANOS = 1_000_000_000n;

/** How hyparquet converts annotated values. */
export const PARSERS: Partial<ParquetParsers> = {
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && decoder.decode(bytes),
  timestampFromMilliseconds: (millis: bigint) => instantText(millis, MILLIS),
  timestampFromMicroseconds: (micros: bigint) => instantText(micros, MICROS),
  timestampFromNanoseconds: (nanos: bigint) => instantText(nanos, NANOS),
  dateFromDays: (days: number) => dateText(days),
  jsonFromBytes: (bytes: Uint8Array | undefined) => bytes && jsonText(bytes),
  geometryFromBytes: (bytes: Uint8Array | undefined) => bytes,
  geographyFromBytes: (bytes: Uint8Array | undefined) => bytes,
};

/** Writes a value as JSON. */
type Writer = (value: unknown) => string;

/**
 * How the values of a column are written.
 *
 * @returns A writer for the column, and its element without annotations that hyparquet reads inexactly or not at all.
 */
function ownWriter(element: SchemaElement): { writer: Writer; plain: SchemaElement } | undefined {
  const { converted_type: type, logical_type: logical, scale = 0, ...plain } = element;
  if (type === "DECIMAL" || logical?.type === "DECIMAL") {
    const digits = logical?.type === "DECIMAL" ? (logical.scale ?? scale) : scale;
    return { plain, writer: (value) => decimalText(integerOf(value), digits) };
  }
  if (type === "TIME_MILLIS") return { plain, writer: (value) => timeText(integerOf(value), MILLIS) };
  if (type === "TIME_MICROS") return { plain, writer: (value) => timeText(integerOf(value), MICROS) };
  if (logical?.type === "TIME") {
    const perSecond = { MILLIS, MICROS, NANOS }[logical.unit];
    return { plain, writer: (value) => timeText(integerOf(value), perSecond) };
  }
  // As bytes: an interval has no text of its own, and BSON would need a reader.
  if (type === "INTERVAL" || type === "BSON") return { plain, writer: writeValue };
  return undefined;
}

export interface ParquetColumn {
  readonly name: string;
  /** @returns JSON. */
  readonly write: Writer;
}

/**
 * The top columns of a file; columns inside of others belong to them.
 *
 * @returns The columns, and the metadata to read the file with.
 */
export function parquetColumns(metadata: FileMetaData): { columns: ParquetColumn[]; readable: FileMetaData } {
  const [root, ...elements] = metadata.schema;
  const schema: SchemaElement[] = [root!];
  const columns: ParquetColumn[] = [];
  /** For each open group, its children that are still to come. */
  const open: number[] = [];
  for (const element of elements) {
    const isTop = open.length === 0;
    const isValue = element.num_children === undefined && element.repetition_type !== "REPEATED";
    const own = isTop && isValue ? ownWriter(element) : undefined;
    schema.push(own?.plain ?? element);
    if (isTop) columns.push({ name: element.name, write: own?.writer ?? writeValue });
    else open[open.length - 1]!--;
    if (element.num_children) open.push(element.num_children);
    while (open.at(-1) === 0) open.pop();
  }
  return { columns, readable: { ...metadata, schema } };
}

/** JSON of a value from hyparquet. A number that JSON does not have becomes text. */
function writeValue(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "bigint":
    case "boolean":
      return String(value);
    case "number":
      return Number.isFinite(value) ? String(value) : JSON.stringify(String(value));
    case "undefined":
      return "null";
    default:
      return writeObject(value);
  }
}

function writeObject(value: unknown): string {
  if (value === null) return "null";
  if (value instanceof JsonText) return value.text;
  if (value instanceof Uint8Array)
    return JSON.stringify(isUtf8(value) ? decoder.decode(value) : Buffer.from(value).toString("base64"));
  if (ArrayBuffer.isView(value)) return `[${Array.from(value as unknown as Iterable<unknown>, writeValue).join(",")}]`;
  if (Array.isArray(value)) return `[${value.map(writeValue).join(",")}]`;
  const members = Object.entries(value as object).map(
    ([key, member]) => `${JSON.stringify(key)}:${writeValue(member)}`,
  );
  return `{${members.join(",")}}`;
}

/** The value of a JSON column; when it is not JSON, it is text. */
function jsonText(bytes: Uint8Array): JsonText | string {
  const text = decoder.decode(bytes);
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  // Line ends between its tokens would end the record's line.
  return new JsonText(text.replaceAll(/[\r\n]/g, " "));
}

/** An integer, from big-endian two's complement in bytes or from a number. */
function integerOf(value: unknown): bigint | undefined {
  if (value === undefined || value === null) return undefined;
  if (value instanceof Uint8Array) {
    let integer = 0n;
    for (const byte of value) integer = integer * 256n + BigInt(byte);
    return BigInt.asIntN(8 * value.length, integer);
  }
  return BigInt(value as number | bigint);
}

function decimalText(unscaled: bigint | undefined, scale: number): string {
  if (unscaled === undefined) return "null";
  if (scale <= 0) return String(unscaled * 10n ** BigInt(-scale));
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  return `${unscaled < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** `HH:MM:SS` with its fraction, if it has one. */
function timeText(units: bigint | undefined, perSecond: bigint): string {
  if (units === undefined) return "null";
  if (units < 0n || units >= 86_400n * perSecond) return String(units);
  const seconds = Number(units / perSecond);
  const text = new Date(seconds * 1000).toISOString().slice(11, 19);
  const fraction = String(units % perSecond).padStart(String(perSecond).length - 1, "0");
  return JSON.stringify(units % perSecond === 0n ? text : `${text}.${fraction}`);
}

/** ISO 8601, with all digits of the unit. A moment beyond the calendar stays a number. */
function instantText(units: bigint | undefined, perSecond: bigint): JsonText | string | undefined {
  if (units === undefined) return undefined;
  const fraction = ((units % perSecond) + perSecond) % perSecond;
  const time = new Date(Number((units - fraction) / perSecond) * 1000);
  if (Number.isNaN(time.getTime())) return new JsonText(String(units));
  return `${time.toISOString().slice(0, -5)}.${String(fraction).padStart(String(perSecond).length - 1, "0")}Z`;
}

function dateText(days: number | undefined): JsonText | string | undefined {
  if (days === undefined) return undefined;
  const time = new Date(days * 86_400_000);
  if (Number.isNaN(time.getTime())) return new JsonText(String(days));
  return time.toISOString().replace(/T.*/, "");
}
