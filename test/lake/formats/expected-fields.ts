import { readFileSync } from "node:fs";
import { sharedData } from "../../shared-data.ts";

/** One record of an `.expected.json` of the shared data folder. */
export interface ExpectedRecord {
  readonly line?: number;
  readonly fields?: Readonly<Record<string, string>>;
  readonly error?: string;
}

export function readExpected(path: string): ExpectedRecord[] {
  return JSON.parse(readFileSync(`${sharedData}${path}.expected.json`, "utf8"));
}

/** `%HH` undone once; what is no escape, or would be no text, stays. */
export function percentDecoded(text: string): string {
  return text.replaceAll(/(?:%[0-9a-fA-F]{2})+/g, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

/** A field as a number, or null for `-`. */
export function numberOrNull(text: string): number | null {
  return text === "-" || text === "" ? null : Number(text);
}

/** A value from Parquet for comparison with numbers: INT64 comes as a bigint. */
export function plainValue(value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}
