import { isObject, type Json, type JsonObject } from "../values/json.ts";

/** The value at a place of a state's definition, such as `ItemReader/Arguments`. */
export function fieldAt(raw: JsonObject, place: string): Json | undefined {
  let value: Json | undefined = raw;
  for (const name of place.split("/")) value = isObject(value) ? value[name] : undefined;
  return value;
}
