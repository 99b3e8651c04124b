import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openReferenceEngine } from "../../../lake/columns/reference/reference-engine.ts";
import { truncateAddress, truncateAddressBytes } from "../../../lake/pii/address.ts";
import { scrubQuery } from "../../../lake/pii/scrub.ts";
import { scrubQueryBytes } from "../../../lake/pii/scrub-query-bytes.ts";
import { RowBlock } from "../../../lake/rows/row-block.ts";
import { storedText } from "../../../lake/rows/text-decoding.ts";
import { runs } from "../../tiers/depth.ts";

/** What becomes of a text; undefined when it is left to the other way. */
function rewritten(rewrite: (block: RowBlock, at: number) => boolean, text: string): string | undefined {
  const block = new RowBlock(openReferenceEngine(2).memory, 1, 1 << 20);
  block.startRow();
  block.setText(0, Buffer.from(text));
  return rewrite(block, 0) ? block.fieldText(0, 0) : undefined;
}

describe("truncateAddressBytes", () => {
  it("cuts addresses as truncateAddress does, and leaves all else", () => {
    const octet = fc.oneof(fc.nat(300).map(String), fc.constantFrom("0", "00", "01", "255", "256", "", "x", "-1"));
    const group = fc.oneof(
      fc.nat(0xffff).map((value) => value.toString(16)),
      fc.constantFrom("0", "0000", "2002", "2001", "00a", "FFFF", "12345", "g", "", ":", "192.0.2.7"),
    );
    const groups = fc.array(group, { minLength: 1, maxLength: 9 }).map((all) => all.join(":"));
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      groups,
      fc.tuple(groups, groups).map((halves) => halves.join("::")),
      fc.array(octet, { minLength: 3, maxLength: 5 }).map((all) => all.join(".")),
    );
    fc.assert(
      fc.property(address, (text) => {
        const bytes = rewritten(truncateAddressBytes, text);
        if (bytes !== undefined) expect(bytes).toBe(truncateAddress(text));
      }),
      { numRuns: runs(5000) },
    );
    expect(rewritten(truncateAddressBytes, "192.0.2.77")).toBe("192.0.2.0");
    expect(rewritten(truncateAddressBytes, "192.0.2.0")).toBe("192.0.2.0");
  });

  it.each([
    ["2001:DB8:1:2:3:4:5:6", "2001:db8:1::"],
    ["2001:0db8:0001::6", "2001:db8:1::"],
    ["2001::2:3:4:5:6:7", "2001:0:2::"],
    ["2001:db8::", "2001:db8::"],
    ["2001::", "2001::"],
    ["1:2:3:4:5:6:7::", "1:2:3::"],
    ["1:2:3:4:5:6:7:8::", undefined],
    ["1::2::3", undefined],
    ["1:2:3", undefined],
    ["1:2:3:4:5:6:7:8:9", undefined],
    ["2002:c000:204::1", undefined],
    ["::ffff:192.0.2.1", undefined],
    ["2001:db8::1%eth0", undefined],
  ])("cuts %s to %s", (text, expected) => {
    expect(rewritten(truncateAddressBytes, text)).toBe(expected);
    if (expected !== undefined) expect(truncateAddress(text)).toBe(expected);
  });
});

describe("scrubQueryBytes", () => {
  it.each([undefined, "percent", "backslash"] as const)(
    "masks as scrubQuery does what was escaped by %s",
    (decoding) => {
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
        "%26",
        "%2526",
        "%3D",
        "%",
        "%ff",
        "%c3%A9",
        "\\x26",
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
          const value = new TextDecoder().decode(storedText(Buffer.from(text), decoding));
          if (bytes !== undefined) expect(bytes).toBe(scrubQuery(value));
        }),
        { numRuns: runs(5000) },
      );
    },
  );

  it.each([
    ["id=625224&page=7&utm_source=x", "id=***&page=***&utm_source=***"],
    ["flag&=v&a=", "***&=***&a=***"],
    ["a=b=c&&", "a=***&&"],
    ["a@b.example=1", undefined],
    ["a=1%26b=2", undefined],
    ["q=x%2520y%3Dz&b=100%", "q=***&b=***"],
    ["q%20=x", undefined],
    ["flag%3Dx", undefined],
    ["n4111111111111111=1", undefined],
  ])("%s becomes %s", (text, expected) => {
    expect(rewritten(scrubQueryBytes, text)).toBe(expected);
  });
});
