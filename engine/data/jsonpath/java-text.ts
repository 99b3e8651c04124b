/** Values in the words of Java, which AWS uses in its texts. */
import { isObject, type Json } from "../../values/json.ts";

/** The class of a value. */
export function javaType(node: Json): string {
  if (node === null) return "null";
  if (typeof node === "string") return "java.lang.String";
  if (typeof node === "boolean") return "java.lang.Boolean";
  if (Array.isArray(node)) return "java.util.ArrayList";
  return Number.isInteger(node) ? "java.lang.Integer" : "java.lang.Double";
}

/** A value as Java prints a map or a list, which is what AWS's `States.Format` does. */
export function javaText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(javaText).join(", ")}]`;
  if (isObject(value)) {
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}=${javaText(item)}`)
      .join(", ")}}`;
  }
  return String(value);
}
