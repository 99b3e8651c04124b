import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { albText, cloudFrontText } from "../../../bench/columns/generate.ts";
import type { Piece } from "../../../lake/columns/parse.ts";
import { cloudfront } from "../../../lake/formats/cloudfront/cloudfront.ts";
import type { LogFormat } from "../../../lake/formats/format.ts";
import { alb } from "../../../lake/formats/load-balancers/alb.ts";
import { lineFramer } from "../../../lake/rows/line-framer.ts";
import { cutText } from "../../../lake/unpack/cut-text.ts";
import { runs } from "../../tiers/depth.ts";
import { type Parsed, parseText } from "./parse-text.ts";

/** Lines that are anything but ordinary, among ordinary ones. */
function awkwardText(lines: string[], oddities: string[]): Uint8Array {
  const mixed = lines.flatMap((line, i) => (i % 7 === 3 ? [oddities[i % oddities.length]!, line] : [line]));
  return new TextEncoder().encode(mixed.join("\n"));
}

const cloudFrontLines = Buffer.concat([...cloudFrontText({ rows: 400, seed: 5 })])
  .toString()
  .trimEnd()
  .split("\n");
const subjects: { format: LogFormat; text: Uint8Array }[] = [
  {
    format: cloudfront,
    text: awkwardText(cloudFrontLines, [
      "",
      "\r",
      "#Fields: date time cs-uri-stem sc-status x-new sc-bytes",
      "2025-10-15\t00:00:01\t/ünïcode%20日本\t200\tnew\t12x\tsurplus\t",
      "2025-13-45\t00:00:01\t/",
      "no record",
      `2025-10-16\t00:00:02\t/${"long".repeat(3000)}`,
      `#Fields: ${cloudFrontLines[1]!.slice(9)}`,
      "2025-10-15\t25:00:00\t/\r",
    ]),
  },
  {
    format: alb,
    text: awkwardText(
      Buffer.concat([...albText({ rows: 300, seed: 6 })])
        .toString()
        .trimEnd()
        .split("\n"),
      [
        "",
        'https 2025-10-15T00:00:00.000000Z a b "unterminated',
        "tls 2.0 2018-12-20T02:59:40 net/my-network-loadbalancer/c6e77e28c25b2234",
        "x".repeat(20_000),
      ],
    ),
  },
];

/** Cuts a text at places given as shares of its length. */
function cutAt(text: Uint8Array, shares: number[]): Uint8Array[] {
  const places = [0, ...shares.map((share) => Math.floor(share * text.length)).sort((a, b) => a - b), text.length];
  return places.slice(1).map((end, i) => text.subarray(places[i], end));
}

/** All that came out, short enough to compare often. */
function digest({ files, rejected }: Parsed): string {
  const hash = createHash("sha256");
  for (const [date, bytes] of files) hash.update(date).update(bytes);
  for (const { line, reason, byteOffset, text } of rejected)
    hash.update(`${line} ${reason} ${byteOffset} `).update(text);
  return hash.digest("hex");
}

const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 });
const options = { maxEntryBytes: 8000, rowGroupRows: 150 };

describe.each(subjects)("the row groups of a $format.name text", ({ format, text }) => {
  const framer = () => format.openFramer?.() ?? lineFramer();
  const wholeParse = parseText(format, text, options);

  it("count every line once", async () => {
    const { pieces } = await wholeParse;
    const lineCount = Buffer.from(text).toString("latin1").split("\n").length;
    const { lines, comments, rows, rejected } = pieces[0]!;
    expect(lines).toBe(lineCount);
    expect(rows + comments + rejected).toBe(lineCount);
    expect(rejected).toBeGreaterThan(0);
  });

  it("are the same however the text comes in buffers", async () => {
    const whole = await wholeParse;
    await fc.assert(
      fc.asyncProperty(shares, async (places) => {
        const piece: Piece = {
          sourceFile: "s3://raw/object.log",
          firstLine: 1,
          firstByte: 0,
          bytes: cutAt(text, places),
        };
        const cut = await parseText(format, [piece], options);
        expect(digest(cut)).toBe(digest(whole));
        expect(cut.pieces).toEqual(whole.pieces);
      }),
      { numRuns: runs(40) },
    );
  });

  it("are the same however the text is cut into pieces at line ends", async () => {
    const whole = await wholeParse;
    await fc.assert(
      fc.asyncProperty(shares, fc.integer({ min: 1, max: 60_000 }), async (places, maxPieceBytes) => {
        const pieces: Piece[] = [];
        const sizes: number[] = [];
        for await (const piece of cutText(cutAt(text, places), { framer: framer(), maxPieceBytes })) {
          const bytes: Uint8Array[] = [];
          for await (const block of piece.bytes) bytes.push(block);
          const { firstLine, firstByte, header } = piece;
          pieces.push({ sourceFile: "s3://raw/object.log", firstLine, firstByte, header, bytes });
          const { byteLength, lineCount, isLast } = piece.end();
          expect(byteLength).toBe(bytes.reduce((sum, block) => sum + block.length, 0));
          expect(isLast).toBe(firstByte + byteLength === text.length);
          // Only one record that is too long for a piece makes it larger.
          if (byteLength > maxPieceBytes) expect(lineCount).toBe(1);
          sizes.push(byteLength);
        }
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(text.length);
        const cut = await parseText(format, pieces, options);
        expect(digest(cut)).toBe(digest(whole));
        const sum = (key: "lines" | "rows" | "comments" | "rejected") =>
          cut.pieces.reduce((total, piece) => total + piece[key], 0);
        expect([sum("lines"), sum("rows"), sum("comments"), sum("rejected")]).toEqual(
          whole.pieces.map(({ lines, rows, comments, rejected }) => [lines, rows, comments, rejected])[0],
        );
      }),
      { numRuns: runs(40) },
    );
  });

  it("say where each rejected line stands", async () => {
    const { rejected } = await wholeParse;
    for (const { byteOffset, text: rejectedText, line } of rejected) {
      expect(Buffer.from(text.subarray(byteOffset, byteOffset + rejectedText.length))).toEqual(
        Buffer.from(rejectedText),
      );
      const linesBefore = Buffer.from(text.subarray(0, byteOffset)).toString("latin1").split("\n").length;
      expect(line).toBe(linesBefore);
    }
  });
});

describe("a text of many days out of order", () => {
  it("keeps every row and its day", async () => {
    const lines = Array.from({ length: 3000 }, (_, i) => {
      const day = new Date(Date.UTC(2020, 0, 1 + ((i * 7919) % 400))).toISOString().slice(0, 10);
      return `${day}\t00:00:00\tFRA2\t${i}\t1.2.3.4\tGET\th\t/\t200\t-\t-\t-`;
    });
    const { rowGroups, pieces } = await parseText(cloudfront, lines.join("\n"));
    expect(rowGroups.size).toBe(400);
    expect(pieces[0]!.rows).toBe(3000);
    const rows = [...rowGroups.values()].flat().reduce((sum, { metadata }) => sum + metadata.rowCount, 0);
    expect(rows).toBe(3000);
  });
});

describe("a record that is longer than any piece", () => {
  const blockBytes = 1000;
  const maxPieceBytes = 10_000;

  it("passes by and is not held until it ends", async () => {
    let given = 0;
    function* endless(): Generator<Uint8Array> {
      for (; given < 500; given++) yield Buffer.alloc(blockBytes, "x");
      yield Buffer.from("\nshort\n");
    }
    let taken = 0;
    let mostHeld = 0;
    const lineCounts: number[] = [];
    for await (const piece of cutText(endless(), { framer: lineFramer(), maxPieceBytes })) {
      for await (const bytes of piece.bytes) {
        taken += bytes.length;
        mostHeld = Math.max(mostHeld, given * blockBytes - taken);
      }
      lineCounts.push(piece.end().lineCount);
    }
    expect(taken).toBe(500 * blockBytes + "\nshort\n".length);
    expect(mostHeld).toBeLessThanOrEqual(maxPieceBytes);
    expect(lineCounts).toEqual([1, 1]);
  });
});
