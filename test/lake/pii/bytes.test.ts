import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openReferenceEngine } from "../../../lake/columns/reference/engine.ts";
import { RowBatch } from "../../../lake/columns/row-batch.ts";
import { truncateAddress, truncateAddressBytes } from "../../../lake/pii/address.ts";
import { scrubQueryBytes } from "../../../lake/pii/query-bytes.ts";
import { scrubQuery } from "../../../lake/pii/scrub.ts";

/** What becomes of a text; undefined when it is left to the other way. */
function rewritten(rewrite: (batch: RowBatch, at: number) => boolean, text: string): string | undefined {
  const batch = new RowBatch(openReferenceEngine(2).memory, 1, 1 << 20);
  batch.startRow();
  batch.setText(0, Buffer.from(text));
  return rewrite(batch, 0) ? batch.fieldText(0, 0) : undefined;
}

describe("truncateAddressBytes", () => {
  it("cuts IPv4 addresses as truncateAddress does, and leaves all else", () => {
    const octet = fc.oneof(fc.nat(300).map(String), fc.constantFrom("0", "00", "01", "255", "256", "", "x", "-1"));
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.array(octet, { minLength: 3, maxLength: 5 }).map((all) => all.join(".")),
    );
    fc.assert(
      fc.property(address, (text) => {
        const bytes = rewritten(truncateAddressBytes, text);
        if (bytes !== undefined) expect(bytes).toBe(truncateAddress(text));
      }),
      { numRuns: 2000 },
    );
    expect(rewritten(truncateAddressBytes, "192.0.2.77")).toBe("192.0.2.0");
    expect(rewritten(truncateAddressBytes, "192.0.2.0")).toBe("192.0.2.0");
  });
});

describe("scrubQueryBytes", () => {
  it("masks plain queries as scrubQuery does, and leaves all else", () => {
    const piece = fc.constantFrom(
      "a",
      "b=",
      "=",
      "&",
      "&&",
      "?",
      "/",
      "1",
      "123456789012",
      "%40",
      "@",
      "é",
      "x.y",
      "+",
      "#",
      " ",
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        const bytes = rewritten(scrubQueryBytes, text);
        if (bytes !== undefined) expect(bytes).toBe(scrubQuery(text));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ["id=625224&page=7&utm_source=x", "id=***&page=***&utm_source=***"],
    ["flag&=v&a=", "***&=***&a=***"],
    ["a=b=c&&", "a=***&&"],
    ["a@b.example=1", undefined],
    ["a=1%26b=2", undefined],
    ["n4111111111111111=1", undefined],
  ])("%s becomes %s", (text, expected) => {
    expect(rewritten(scrubQueryBytes, text)).toBe(expected);
  });
});
