import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { storedText } from "../../../lake/rows/text-decoding.ts";

const decoded = (text: string, decoding: "backslash" | "percent") =>
  Buffer.from(storedText(Buffer.from(text), decoding)).toString();

/** Spellings from logs and from what senders report, with what was sent: written down by hand, by nobody's decoder. */
const SPELLINGS: readonly (readonly [decoding: "backslash" | "percent", text: string, sent: string])[] = [
  ["backslash", String.raw`\x22Mozilla\x22`, '"Mozilla"'],
  ["backslash", String.raw`\x00000022Mozilla\x00000022`, '"Mozilla"'],
  ["backslash", String.raw`\x0000005cn`, String.raw`\n`],
  ["backslash", String.raw`\xFFFFFFE2\xFFFFFF82\xFFFFFFAC`, "€"],
  ["backslash", String.raw`\xffffffe2\xffffff82\xffffffac`, "€"],
  ["backslash", String.raw`\xE2\x82\xAC`, "€"],
  ["backslash", String.raw`a\"b\\c`, 'a"b\\c'],
  ["backslash", "ends in one\\", "ends in one\\"],
  ["backslash", String.raw`\\x22`, String.raw`\x22`],
  ["backslash", String.raw`\x2`, String.raw`\x2`],
  ["backslash", String.raw`\xZZ \q`, String.raw`\xZZ \q`],
  // Zeros before a byte above 0x7F, or its sign before a lower one, are no number that was printed.
  ["backslash", String.raw`\x41FFFF22`, "AFFFF22"],
  ["percent", "Mozilla/5.0%20(X11;%20Linux)", "Mozilla/5.0 (X11; Linux)"],
  ["percent", "%E2%82%AC", "€"],
  ["percent", "50%", "50%"],
  ["percent", "%2522", "%22"],
  ["percent", "%FFx", "%FFx"],
];

describe("storedText", () => {
  it.each(SPELLINGS)("undoes %s in %s", (decoding, text, sent) => {
    expect(decoded(text, decoding)).toBe(sent);
  });

  // The writers' side: what they do to a text, which the decoder has to undo.
  const hex = (byte: number) => byte.toString(16).toUpperCase().padStart(2, "0");
  const writers = {
    "\\xHH": (byte: number) => `\\x${hex(byte)}`,
    "32 bits, signed": (byte: number) => `\\x${byte >= 0x80 ? "FFFFFF" : "000000"}${hex(byte)}`,
  };
  it.each(Object.entries(writers))("gives what was sent, of texts that were written by %s", (_, write) => {
    const text = fc.string({ unit: "binary" }).filter((sent) => !sent.includes("\0"));
    fc.assert(
      fc.property(text, fc.boolean(), (sent, all) => {
        const written = [...Buffer.from(sent)].map((byte) =>
          all || byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c ? write(byte) : String.fromCharCode(byte),
        );
        expect(decoded(written.join(""), "backslash")).toBe(sent);
      }),
    );
  });

  it("gives what was sent, of texts that were percent-encoded", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (sent) => {
        expect(decoded(encodeURIComponent(sent), "percent")).toBe(sent);
      }),
    );
  });
});
