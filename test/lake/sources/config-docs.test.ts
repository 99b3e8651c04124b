import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { lake } from "../../../lake/sources/config.ts";

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema;
  anyOf?: JsonSchema[];
}

/** Settings that have a page of their own. */
const ELSEWHERE = ["formatOptions", "derive", "pii", "parquet"];

/** The paths of all settings, without the names that the user gives. */
function* settingsOf(schema: JsonSchema, path = ""): Generator<string> {
  for (const [key, inner] of Object.entries(schema.properties ?? {})) {
    const setting = path ? `${path}.${key}` : key;
    const parts = ELSEWHERE.includes(key) ? [] : [...settingsOf(inner, setting)];
    if (parts.length > 0) yield* parts;
    if (parts.length === 0 || inner.anyOf) yield setting;
  }
  // A source's settings are told without the source's name.
  const named = schema.additionalProperties;
  if (named?.properties) yield* settingsOf(named);
  for (const either of schema.anyOf ?? []) yield* settingsOf(either, path);
}

it("docs/config.md has every setting", () => {
  const page = readFileSync(resolve(import.meta.dirname, "../../../docs/config.md"), "utf8");
  const told = page.split("\n").filter((line) => line.startsWith("| `"));
  const schema = z.toJSONSchema(lake, { io: "input", unrepresentable: "any" }) as JsonSchema;
  const settings = [...settingsOf(schema)];
  expect(settings).toEqual(
    expect.arrayContaining([
      "project.region",
      "maxReceives",
      "crawler",
      "crawler.timeZone",
      "linkDays",
      "retention.rawDays",
    ]),
  );
  expect(settings.filter((setting) => !told.some((line) => line.split(" | ")[0]!.includes(`\`${setting}\``)))).toEqual(
    [],
  );
});
