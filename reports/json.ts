/** JSON for figures: integers are bigint here and integer literals there, whatever their size. */
import { createHash } from "node:crypto";

// In Node since 21; TypeScript's library does not have it yet.
const { rawJSON } = JSON as unknown as { rawJSON(literal: string): unknown };

export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, item) => (typeof item === "bigint" ? rawJSON(String(item)) : item), indent);
}

/** SHA-256, in hex, over the JSON of the figures: equal figures have equal hashes. */
export function hashOf(figures: unknown): string {
  return createHash("sha256").update(toJson(figures)).digest("hex");
}
