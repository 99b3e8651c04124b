/**
 * The first of the three tasks on local files: unpacks into pieces of text, as `functions/decompress.ts` does.
 *
 *     node bench/stages/decompress.ts KIND FILE STAGING
 */
import { createReadStream, statSync } from "node:fs";
import { basename } from "node:path";
import { type PreparedObject, planChunks, type StagedPiece } from "../../lake/batch/chunk-plan.ts";
import { formatNamed } from "../../lake/formats/index.ts";
import { lineFramer } from "../../lake/rows/line-framer.ts";
import { compressionOf, unpack } from "../../lake/unpack/compression.ts";
import { cutText } from "../../lake/unpack/cut-text.ts";
import { type BenchKind, benchFormatOptions } from "../columns/subject.ts";
import { measure } from "../measured.ts";
import { readHead, Staging } from "./staging.ts";

const [kind, path, folder] = process.argv.slice(2) as [BenchKind, string, string];

const staging = new Staging(folder);
await measure(async () => {
  const object = { bucket: "raw", key: basename(path), etag: "", sizeBytes: statSync(path).size };
  const framer = formatNamed(kind).openFramer?.(benchFormatOptions(kind)) ?? lineFramer();
  const packed = createReadStream(path, { highWaterMark: 1 << 20 });
  const pieces: StagedPiece[] = [];
  for await (const piece of cutText(unpack(packed, compressionOf(readHead(path, 16)), { object }), { framer })) {
    const stagedKey = `pieces/${pieces.length}.txt`;
    await staging.writeStream(stagedKey, piece.bytes);
    const { byteLength, lineCount } = piece.end();
    const { firstLine, firstByte, header } = piece;
    pieces.push({ stagedKey, byteLength, lineCount, firstLine, firstByte, header });
  }
  const prepared: PreparedObject = { status: "prepared", object, format: kind, pieces };
  staging.writeJson("chunks.json", planChunks([prepared]));
  return {};
});
