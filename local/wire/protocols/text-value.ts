/** Values that travel as plain text: form fields, query parameters, headers and path labels. */
import type { NormalizedSchema } from "@smithy/core/schema";

/** @throws {RangeError} When the text is not a value of the schema's type. */
export function fromText(schema: NormalizedSchema, text: string): unknown {
  if (schema.isBooleanSchema()) return text === "true";
  if (schema.isNumericSchema()) {
    const value = Number(text);
    if (text.trim() === "" || Number.isNaN(value)) throw new RangeError(`"${text}" is not a number`);
    return value;
  }
  if (schema.isTimestampSchema()) return /^[\d.]+$/.test(text) ? new Date(Number(text) * 1000) : new Date(text);
  if (schema.isBlobSchema()) return Buffer.from(text, "base64");
  return text;
}

export function toText(schema: NormalizedSchema, value: unknown): string {
  if (value instanceof Date) return schema.isTimestampSchema() ? value.toUTCString() : value.toISOString();
  return String(value);
}
