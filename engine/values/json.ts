/** JSON values, as they pass between states. */

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** AWS's limit for the input, output or result of a state, an execution or a task, in bytes of UTF-8 JSON text. */
export const PAYLOAD_LIMIT_BYTES = 256 * 1024;

type JsonTypeName = "null" | "boolean" | "number" | "string" | "array" | "object";

export function jsonTypeName(value: Json): JsonTypeName {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value as JsonTypeName;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Compact JSON text, as AWS writes values that it computed. */
export function toText(value: Json): string {
  return JSON.stringify(value);
}

/** Whether `text` is longer than `limitBytes` in UTF-8. Counts bytes only when the length leaves it open. */
export function exceedsBytes(text: string, limitBytes: number): boolean {
  if (text.length > limitBytes) return true;
  if (text.length * 3 <= limitBytes) return false;
  return Buffer.byteLength(text, "utf8") > limitBytes;
}

export function deepEqual(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => deepEqual(item, b[i]!));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && deepEqual(a[key]!, b[key]!))
  );
}
