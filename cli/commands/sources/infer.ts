/** `sluice sources infer`: a source for the configuration, from a sample file. */
import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import { binaryKindOf } from "../../../lake/formats/binary-kind.ts";
import { cloudFrontKeys } from "../../../lake/formats/cloudfront/cloudfront-parquet.ts";
import { wideEncoding } from "../../../lake/sources/detection.ts";
import { proposeSource } from "../../../lake/sources/infer-source.ts";
import { Archive } from "../../../lake/unpack/archive.ts";
import { compressionOf, unpackHead } from "../../../lake/unpack/compression.ts";
import { parquetText, startsLikeParquet } from "../../../lake/unpack/parquet/object.ts";
import { parse } from "../../arguments.ts";
import { say, UsageError, WorkFailed } from "../../command.ts";
import { sourceText } from "./source-text.ts";

/** The most that is read of a file and of its text: many records, and a block of any archive. */
const SAMPLE_BYTES = 4 << 20;

/** @param argv - What follows `infer`. */
export async function infer(argv: string[]): Promise<number> {
  const { values, positionals } = parse(argv, { json: { type: "boolean", default: false } }, true);
  const [path, ...rest] = positionals;
  if (path === undefined || rest.length > 0) throw new UsageError("Name one sample file");
  const { sample, isTruncated } = await readSample(path);
  if (sample.length === 0) throw new WorkFailed(`${path} holds no text that can be unpacked`);
  const encoding = wideEncoding(sample);
  if (encoding) throw new WorkFailed(`${path} cannot be a source's: its text is ${encoding}. Convert it to UTF-8`);
  const kind = binaryKindOf(sample);
  if (kind) throw new WorkFailed(`${path} cannot be a source's: it is ${kind}`);
  const proposal = await proposeSource(sample, isTruncated);
  if (values.json) {
    process.stdout.write(`${JSON.stringify(proposal, undefined, 2)}\n`);
    return 0;
  }
  const { format, formatOptions, derive, rows, rejected, invalidFields, doubts } = proposal;
  const name = sourceNameOf(path);
  const source = {
    format,
    prefix: `${name}/`,
    ...(formatOptions && { formatOptions }),
    ...(derive && { derive }),
  };
  process.stdout.write(`${sourceText(name, source)}\n`);
  say(`Read so, the sample gives ${rows} rows; ${rejected} entries rejected, ${invalidFields} fields of another type.`);
  if (doubts.length > 0) say(`Not sure:\n${doubts.map((doubt) => `- ${doubt}`).join("\n")}`);
  return 0;
}

/** A name for a source, from that of a file. */
function sourceNameOf(path: string): string {
  const name = basename(path)
    .split(".")[0]!
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 31)
    .replace(/-+$/, "");
  return name || "sample";
}

/** The text a file begins with, up to its last line end where there is one: of JSON all may be on one line. */
async function readSample(path: string): Promise<{ sample: Uint8Array; isTruncated: boolean }> {
  const file = await open(path).catch((error: Error) => {
    throw new WorkFailed(`Cannot read ${path}: ${error.message}`);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, 0);
    const head = buffer.subarray(0, bytesRead);
    if (startsLikeParquet(head)) return { sample: await readParquet(path, file), isTruncated: false };
    const { text, goesOn } = await unpackHead(head, compressionOf(head));
    if (bytesRead < SAMPLE_BYTES && text.length <= SAMPLE_BYTES && !goesOn) return { sample: text, isTruncated: false };
    const begin = text.subarray(0, SAMPLE_BYTES);
    return { sample: begin.subarray(0, begin.lastIndexOf(0x0a) + 1 || begin.length), isTruncated: true };
  } finally {
    await file.close();
  }
}

/** The first rows of a Parquet file, as they would be read: lines of JSON. */
async function readParquet(path: string, file: FileHandle): Promise<Uint8Array> {
  const { size: byteLength } = await file.stat();
  const reader = {
    byteLength,
    async read(startByte: number, endByte: number) {
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(endByte - startByte),
        0,
        endByte - startByte,
        startByte,
      );
      return buffer.subarray(0, bytesRead);
    },
  };
  const blocks: Uint8Array[] = [];
  let length = 0;
  const archive = new Archive({ object: { bucket: "", key: path } });
  for await (const block of parquetText(reader, archive, cloudFrontKeys)) {
    blocks.push(block);
    length += block.length;
    if (length >= SAMPLE_BYTES) break;
  }
  return Buffer.concat(blocks);
}
