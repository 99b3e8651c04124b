import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { text as textFormat } from "../../../lake/formats/text.ts";
import { cutText } from "../../../lake/unpack/cut-text.ts";
import { parseText, readRows } from "../columns/parse-text.ts";

const formatOptions = { deliveryDate: "2026-01-17", continuation: "\\s" };

async function read(text: string) {
  const { files, pieces } = await parseText(textFormat, text, { formatOptions });
  const rows = await readRows(files);
  return { records: rows.map(({ _line, message }) => [Number(_line), message]), lines: pieces[0]?.lines };
}

describe("records over several lines", () => {
  it.each([
    [
      "A\n  x\n\n  y\nB\n",
      [
        [1, "A\n  x\n\n  y"],
        [5, "B"],
      ],
      5,
    ],
    [
      "A\n\n\n  y\n\nB\n",
      [
        [1, "A\n\n\n  y"],
        [6, "B"],
      ],
      6,
    ],
    [
      "A\r\n\r\n  y\r\nB\r\n",
      [
        [1, "A\r\n\r\n  y"],
        [4, "B"],
      ],
      4,
    ],
    ["A\n\n\n", [[1, "A"]], 3],
    ["\n\nA\n", [[3, "A"]], 3],
    [
      "\n  x\nA\n",
      [
        [2, "  x"],
        [3, "A"],
      ],
      3,
    ],
    ["A\n\n  y", [[1, "A\n\n  y"]], 3],
    ["A\n\n", [[1, "A"]], 2],
  ] as const)("%j", async (text, records, lines) => {
    expect(await read(text)).toEqual({ records, lines });
  });

  it("are the same wherever the text is cut, and every line is counted", async () => {
    const line = fc.constantFrom("A", "B b", "  x", "\ty", "", "", "\r");
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 20 }),
        fc.integer({ min: 1, max: 12 }),
        async (all, maxPieceBytes) => {
          const text = Buffer.from(all.map((each) => `${each}\n`).join(""));
          const whole = await parseText(textFormat, text, { formatOptions });
          const pieces: { lineCount: number }[] = [];
          const framer = textFormat.openFramer!(formatOptions);
          for await (const piece of cutText([text], { framer, maxPieceBytes })) {
            const blocks: Uint8Array[] = [];
            for await (const block of piece.bytes) blocks.push(block.slice());
            const { firstLine, firstByte, header } = piece;
            pieces.push({
              sourceFile: "s3://raw/object.log",
              firstLine,
              firstByte,
              header,
              bytes: blocks,
              ...piece.end(),
            } as never);
          }
          const cut = await parseText(textFormat, pieces as never, { formatOptions });
          expect(await readRows(cut.files)).toEqual(await readRows(whole.files));
          expect(cut.pieces.map(({ lines }) => lines)).toEqual(pieces.map(({ lineCount }) => lineCount));
        },
      ),
    );
  });
});
