/**
 * Values as Athena's results print them, in CSV and in GetQueryResults alike.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html
 */
import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from "@duckdb/node-api";
import { QueryError } from "../query-error.ts";

/** @returns Null for NULL. Inside arrays, maps and rows NULL is the text "null". */
export function resultText(value: DuckDBValue, type: DuckDBType): string | null {
  if (value === null) return null;
  if (typeof value === "number") return type.typeId === DuckDBTypeId.FLOAT ? realText(value) : numberText(value, type);
  if (typeof value === "bigint" || typeof value === "boolean" || typeof value === "string") return String(value);
  if (value instanceof DuckDBTimestampValue) return timestampText(value.micros);
  if (value instanceof DuckDBTimestampTZValue) return `${timestampText(value.micros)} UTC`;
  if (value instanceof DuckDBDateValue || value instanceof DuckDBDecimalValue) return value.toString();
  if (value instanceof DuckDBBlobValue)
    return [...value.bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  if (value instanceof DuckDBIntervalValue) return intervalText(value);
  const inner = type as unknown as {
    valueType?: DuckDBType;
    keyType?: DuckDBType;
    entryNames?: string[];
    entryTypes?: DuckDBType[];
  };
  const nested = (item: DuckDBValue, itemType: DuckDBType) => resultText(item, itemType) ?? "null";
  if (value instanceof DuckDBListValue)
    return `[${value.items.map((item) => nested(item, inner.valueType!)).join(", ")}]`;
  if (value instanceof DuckDBMapValue) {
    return `{${value.entries.map(({ key, value: item }) => `${nested(key, inner.keyType!)}=${nested(item, inner.valueType!)}`).join(", ")}}`;
  }
  if (value instanceof DuckDBStructValue) {
    if (isZoned(type)) return zonedText(value);
    const names = inner.entryNames!;
    const items = Object.values(value.entries) as DuckDBValue[];
    return `{${items.map((item, index) => `${names[index] || `field${index}`}=${nested(item, inner.entryTypes![index]!)}`).join(", ")}}`;
  }
  throw new QueryError("NOT_SUPPORTED", `The embedded Athena cannot print a value of type ${type}`);
}

function numberText(value: number, type: DuckDBType): string {
  return type.typeId === DuckDBTypeId.DOUBLE ? javaDouble(value, String(value)) : String(value);
}

function realText(value: number): string {
  // The shortest text that gives the same 32-bit number back.
  for (let digits = 1; digits < 9; digits++) {
    const shown = Number(value.toPrecision(digits));
    if (Math.fround(shown) === value) return javaDouble(shown, String(shown));
  }
  return javaDouble(value, String(value));
}

/** Java's Double.toString: plain from 10^-3 up to 10^7, otherwise with an exponent; always with a decimal. */
function javaDouble(value: number, shortest: string): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) return shortest.includes(".") ? shortest : `${shortest}.0`;
  const [mantissa, exponent] = value.toExponential().split("e");
  return `${mantissa!.includes(".") ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
}

function timestampText(micros: bigint): string {
  const millis = micros / 1000n - (micros % 1000n < 0n ? 1n : 0n);
  return new Date(Number(millis)).toISOString().replace("T", " ").replace("Z", "");
}

/** `1 02:03:04.000`, or `2-3` for years and months. */
function intervalText({ months, days, micros }: DuckDBIntervalValue): string {
  if (months !== 0) return `${months < 0 ? "-" : ""}${Math.trunc(Math.abs(months) / 12)}-${Math.abs(months) % 12}`;
  const millis = BigInt(days) * 86_400_000n + micros / 1000n;
  const size = millis < 0n ? -millis : millis;
  const two = (value: bigint) => String(value).padStart(2, "0");
  const clock = `${two((size / 3_600_000n) % 24n)}:${two((size / 60_000n) % 60n)}:${two((size / 1000n) % 60n)}`;
  return `${millis < 0n ? "-" : ""}${size / 86_400_000n} ${clock}.${String(size % 1000n).padStart(3, "0")}`;
}

/** A timestamp with a zone of its own, which DuckDB lacks: our macros make it a struct. */
export function isZoned(type: DuckDBType): boolean {
  return String(type).startsWith('STRUCT("instant" TIMESTAMP');
}

function zonedText(value: DuckDBStructValue): string {
  const { instant, zone } = value.entries as { instant: DuckDBTimestampValue; zone: string };
  const millis = new Date(Number(instant.micros / 1000n));
  const wall = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).format(millis);
  return `${wall}.${String(millis.getUTCMilliseconds()).padStart(3, "0")} ${zone}`;
}
