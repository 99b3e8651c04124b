/** Brings what the engine says into the form in which the recordings are kept. */
import type { Json, JsonObject } from "../../engine/index.ts";
import { isObject } from "../../engine/values/json.ts";

/** A string that begins with `{` and is JSON becomes the object; one level of lists and all objects are searched. */
function fold(value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => (isObject(item) ? fold(item) : item));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, foldItem(item)]));
}

function foldItem(item: Json): Json {
  if (typeof item === "string" && item.startsWith("{")) {
    try {
      return JSON.parse(item) as Json;
    } catch {
      return item;
    }
  }
  return typeof item === "object" ? fold(item) : item;
}

const ISO = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)`;
const ISO_ANYWHERE = new RegExp(ISO, "g");
const ISO_AT_START = new RegExp(`^${ISO}`);
const TIMESTAMP_KEY = /timestamp/i;
const TIME_KEYS = new Set(["creationTime", "ingestionTime"]);

/** Masks the values of keys that hold times. */
function maskKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => (isObject(item) ? maskKeys(item) : item));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const holdsTime = TIMESTAMP_KEY.test(key) || TIME_KEYS.has(key);
      if (holdsTime && !(typeof item === "string" && ISO_AT_START.test(item))) return [key, "timestamp"];
      return [key, typeof item === "object" ? maskKeys(item) : item];
    }),
  );
}

/** Masks date-times wherever they stand in text. */
function maskDates(value: Json): Json {
  if (typeof value === "string") return value.replace(ISO_ANYWHERE, "date");
  if (Array.isArray(value)) return value.map(maskDates);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.replace(ISO_ANYWHERE, "date"), maskDates(item)]),
  );
}

export function mask(value: Json): Json {
  return maskDates(isObject(value) ? maskKeys(value) : value);
}

/** Events without their times, folded and masked. */
export function normaliseEvents(events: readonly object[]): JsonObject[] {
  return events.map((event) => {
    const { timestamp: _timestamp, ...rest } = event as JsonObject;
    return mask(fold(JSON.parse(JSON.stringify(rest)) as Json)) as JsonObject;
  });
}

/** Anything else that AWS answers: dates are left out by the recorder. */
export function normaliseAnswer(answer: object): JsonObject {
  const { $metadata: _metadata, ...rest } = answer as JsonObject;
  const withoutDates = JSON.parse(JSON.stringify(rest, (_key, value: Json) => value)) as JsonObject;
  return mask(fold(withoutDates)) as JsonObject;
}
