import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { INCOMPLETE, INVALID, skipSpace, skipValue } from "../../../../lake/formats/json/json-text.ts";
import { hasSharedData, sharedData } from "../../../shared-data.ts";
import { runs } from "../../../tiers/depth.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Whether the whole text is one JSON value. */
function isJson(bytes: Uint8Array): boolean {
  const end = skipValue(bytes, skipSpace(bytes, 0, bytes.length), bytes.length);
  return end >= 0 && skipSpace(bytes, end, bytes.length) === bytes.length;
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("passing over JSON", () => {
  it("takes what JSON.parse takes and refuses what it refuses", () => {
    const piece = fc.constantFrom(...'{}[]:,"\\ \n\t\u00000123.eE+-truefalsnu/x'.split(""), '"a"', "1.5e3", "\\u00e9");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
        const text = pieces.join("");
        expect(isJson(bytesOf(text))).toBe(parses(text));
      }),
      { numRuns: runs(20_000) },
    );
    fc.assert(fc.property(fc.json(), (text) => isJson(bytesOf(text))));
  });

  it("says that a text is cut, wherever it is cut, and never that it is wrong", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), (text, cut) => {
        const bytes = bytesOf(`[${text}]`);
        const end = skipValue(bytes, 0, 1 + (cut % (bytes.length - 1)));
        expect(end).toBe(INCOMPLETE);
      }),
    );
  });

  it("goes as deep as the text, without a call stack", () => {
    const depth = 1_000_000;
    const deep = bytesOf("[".repeat(depth) + "]".repeat(depth));
    expect(skipValue(deep, 0, deep.length)).toBe(deep.length);
    expect(skipValue(deep, 0, deep.length - 1)).toBe(INCOMPLETE);
    expect(skipValue(bytesOf(`${"[".repeat(depth)}}`), 0, depth + 1)).toBe(INVALID);
  });
});

describe.skipIf(!hasSharedData)("the JSON test suite (skipped without ../shared/data)", () => {
  const folder = `${sharedData}clickstream-json/json-test-suite`;
  it.each(hasSharedData ? readdirSync(folder) : [])("%s", (name) => {
    expect(isJson(readFileSync(`${folder}/${name}`))).toBe(name.startsWith("y_"));
  });
});
