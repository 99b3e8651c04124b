import { type ParquetParsers, parquetReadObjects } from "hyparquet";
import { writeParquetFile } from "../../../lake/columns/parquet-file.ts";
import { type ParseOptions, type ParseResult, parsePieces } from "../../../lake/columns/parse.ts";
import { copyRowGroup, type SerializedRowGroup } from "../../../lake/columns/row-group.ts";
import type { LogFormat } from "../../../lake/formats/format.ts";
import type { RejectedEntry } from "../../../lake/rows/rejection.ts";
import { tableColumns } from "../../../lake/rows/schema.ts";

const PROCESSED_AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

export interface Parsed extends ParseResult {
  /** Parquet files by date. */
  readonly files: Map<string, Uint8Array>;
  readonly rowGroups: Map<string, SerializedRowGroup[]>;
  readonly rejected: RejectedEntry[];
}

/** Parses the text of one object, or pieces of text, and writes a file for each date. */
export async function parseText(
  format: LogFormat,
  text: string | Uint8Array | ParseOptions["pieces"],
  options: Partial<ParseOptions> = {},
): Promise<Parsed> {
  const isText = typeof text === "string" || text instanceof Uint8Array;
  const rowGroups = new Map<string, SerializedRowGroup[]>();
  const rejected: RejectedEntry[] = [];
  const result = await parsePieces({
    format,
    pieces: isText ? [pieceOf(text)] : text,
    processedAtMs: PROCESSED_AT_MS,
    // In whatever blocks a test gives it.
    minScanBytes: 0,
    onRowGroup: (date, rowGroup) => {
      rowGroups.set(date, [...(rowGroups.get(date) ?? []), copyRowGroup(rowGroup)]);
    },
    onRejected: (entry) => {
      rejected.push(entry);
    },
    ...options,
  });
  const schema = options.columns ?? tableColumns(format.columns(options.formatOptions));
  const files = new Map<string, Uint8Array>();
  for (const [date, groups] of rowGroups)
    files.set(date, await collect(writeParquetFile({ schema, rowGroups: groups })));
  return { ...result, files, rowGroups, rejected };
}

export function pieceOf(text: string | Uint8Array, key = "object.log") {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  return {
    sourceFile: `s3://raw/${key}`,
    firstLine: 1,
    firstByte: 0,
    bytes: [bytes],
  };
}

export async function collect(blocks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const block of blocks) all.push(block);
  return new Uint8Array(Buffer.concat(all));
}

/** A file in memory, as hyparquet reads it. */
export function asyncBuffer(bytes: Uint8Array) {
  const buffer = bytes.slice().buffer;
  return { byteLength: buffer.byteLength, slice: (start: number, end?: number) => buffer.slice(start, end) };
}

export type Row = Record<string, unknown>;

/** The reader's own drops a byte order mark at the start of a text. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const parsers: Partial<ParquetParsers> = { stringFromBytes: (bytes) => bytes && utf8.decode(bytes) };

/** All rows of some files, each with the date of its partition. */
export async function readRows(files: Map<string, Uint8Array>): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [date, bytes] of files) {
    for (const row of await parquetReadObjects({ file: asyncBuffer(bytes), parsers })) rows.push({ date, ...row });
  }
  return rows;
}
