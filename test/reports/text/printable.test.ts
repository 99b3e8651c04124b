import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { fonts } from "../../../reports/draw/fonts.ts";
import { ascii, printable, shortened } from "../../../reports/text/printable.ts";

// The renderer's own font reader.
const require = createRequire(createRequire(import.meta.url).resolve("@react-pdf/renderer"));
const fontkit = require("fontkit") as { create(bytes: Buffer): { hasGlyphForCodePoint(code: number): boolean } };

describe("printable", () => {
  it("leaves only characters that every font of the PDF can draw", () => {
    const faces = fonts.map(({ file }) => fontkit.create(readFileSync(file)));
    for (let code = 0; code < 0x2_0000; code++) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const character = String.fromCodePoint(code);
      if (printable(character) !== character) continue;
      for (const face of faces) expect(face.hasGlyphForCodePoint(code), `U+${code.toString(16)}`).toBe(true);
    }
  });

  it("keeps Latin, Greek and Cyrillic and percent-encodes the rest", () => {
    expect(printable("/größe/λόγος/каталог/商品 \u202e")).toBe("/größe/λόγος/каталог/%E5%95%86%E5%93%81 %E2%80%AE");
  });

  it("survives lone surrogates and control characters", () => {
    expect(printable("a\ud800b\u0007\n")).toBe("a%EF%BF%BDb%07%0A");
  });
});

describe("shortened", () => {
  it("cuts in the middle and to the length", () => {
    const short = shortened("/one/two/three/four/five/six.js", 20);
    expect(short).toBe("/one/two/thr…/six.js");
    expect(short).toHaveLength(20);
    expect(shortened("/six.js", 7)).toBe("/six.js");
  });
});

describe("ascii", () => {
  it("takes accents off and leaves nothing that is not ASCII", () => {
    expect(ascii("Größe… naïve – 商品")).toMatch(/^[\n\x20-\x7e]+$/);
    expect(ascii("naïve – ok…")).toBe("naive - ok...");
  });
});
