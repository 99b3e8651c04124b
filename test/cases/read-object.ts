/** Reads the bytes of one object as the functions of `ingest` do: Detect format, Decompress, Parse. */
import { cloudFrontKeys } from "../../lake/formats/cloudfront/cloudfront-parquet.ts";
import type { FormatName, FormatOptions } from "../../lake/formats/format.ts";
import { formatNamed } from "../../lake/formats/index.ts";
import { lineFramer } from "../../lake/rows/line-framer.ts";
import { acceptedFormat, acceptedParquet } from "../../lake/sources/detection.ts";
import { batchOptions } from "../../lake/sources/source-format.ts";
import { Archive, DEFAULT_LIMITS } from "../../lake/unpack/archive.ts";
import { compressionOf, unpack, unpackHead } from "../../lake/unpack/compression.ts";
import { cutText } from "../../lake/unpack/cut-text.ts";
import { ParquetObject, parquetText, startsLikeParquet } from "../../lake/unpack/parquet/object.ts";
import { parseText, type Row, readRows } from "../lake/columns/parse-text.ts";

/** As many as Detect format reads. */
const HEAD_BYTES = 16 << 10;
const DELIVERY_DATE = "2026-01-17";

interface ReadObject {
  readonly format: FormatName;
  /** In the order of their lines. */
  readonly rows: readonly Row[];
  readonly rejected: readonly { line: number; reason: string; text: string }[];
  readonly comments: number;
}

interface Source {
  readonly format: FormatName;
  readonly formatOptions?: FormatOptions;
}

/** @throws The error for which the object would be quarantined, skipped or refused. */
export async function readObject(bytes: Uint8Array, source: Source, key = "case"): Promise<ReadObject> {
  const object = { bucket: "raw", key };
  const ranges = {
    byteLength: bytes.length,
    read: async (startByte: number, endByte: number) => bytes.slice(startByte, endByte),
  };
  const isParquet = startsLikeParquet(bytes);
  const archive = () => new Archive({ object });
  const format = isParquet
    ? acceptedParquet(object, (await ParquetObject.open(ranges, archive(), cloudFrontKeys)).keys, source.format)
    : acceptedFormat(
        object,
        (await unpackHead(bytes.subarray(0, HEAD_BYTES), compressionOf(bytes), object)).text,
        source.format,
        source.formatOptions,
      );
  const formatOptions = batchOptions(source, format, DELIVERY_DATE);
  const logFormat = formatNamed(format);
  const text = isParquet
    ? parquetText(ranges, archive(), cloudFrontKeys)
    : unpack(blocksOf(bytes), compressionOf(bytes), { object, limits: DEFAULT_LIMITS });
  const { files, rejected, pieces } = await parseText(logFormat, piecesOf(text), {
    ...(formatOptions && { formatOptions }),
    minScanBytes: 64 << 10,
  });
  const rows = await readRows(files);
  const lineOf = (row: Row) => Number(row["_line"]);
  return {
    format,
    rows: rows.sort((a, b) => lineOf(a) - lineOf(b)),
    rejected: rejected.map((entry) => ({
      line: entry.line,
      reason: entry.reason,
      text: Buffer.from(entry.text).toString(),
    })),
    comments: pieces.reduce((sum, piece) => sum + piece.comments, 0),
  };

  async function* piecesOf(unpacked: AsyncIterable<Uint8Array>) {
    const framer = logFormat.openFramer?.(formatOptions) ?? lineFramer();
    for await (const { firstLine, firstByte, header, bytes: pieceBytes } of cutText(unpacked, { framer }))
      yield { sourceFile: `s3://raw/${key}`, firstLine, firstByte, header, bytes: pieceBytes };
  }
}

async function* blocksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 64 << 10) yield bytes.subarray(at, at + (64 << 10));
}
