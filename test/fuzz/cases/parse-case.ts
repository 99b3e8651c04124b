/** One text parsed by one engine, and what came out in a form that is compared with what came out of another. */
import type { ColumnEngine } from "../../../lake/columns/column-engine.ts";
import { openKernelEngine } from "../../../lake/columns/kernel-engine.ts";
import type { Encodings } from "../../../lake/columns/parquet-options.ts";
import { type Piece, type PieceCounts, parsePieces } from "../../../lake/columns/parse.ts";
import { openReferenceEngine } from "../../../lake/columns/reference/reference-engine.ts";
import type { Codec } from "../../../lake/columns/row-group.ts";
import type { ScannerOpener } from "../../../lake/formats/kernel-scanners.ts";
import { type ColumnDefinition, tableColumns } from "../../../lake/rows/schema.ts";
import type { ScannerSubject } from "../scanner-subject.ts";
import { derivedColumnsOf, keptText, rowWorkOptions } from "./row-work.ts";

export type EngineName = ColumnEngine["name"];

/** How a text is parsed, apart from the text. Plain data: it is printed with a finding. */
export interface CaseSettings {
  /** The input comes in blocks of so many bytes. */
  readonly blockBytes: number;
  readonly rowGroupRows?: number;
  readonly maxEntryBytes?: number;
  readonly encodings?: Encodings;
  /** The columns of the table by name; all that are not optional when absent. */
  readonly columns?: readonly string[];
}

export interface Outcome {
  readonly counts: readonly PieceCounts[];
  readonly invalidFields: number;
  readonly rejected: string;
  readonly rowGroups: readonly { readonly date: string; readonly metadata: string; readonly bytes: Uint8Array }[];
}

const SOURCE_FILE = "s3://raw/fuzz.log";
const PROCESSED_AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
/** An engine is used so many times, so that what it keeps from one text to the next is tried as well. */
const USES_OF_ENGINE = 40;

const engines = new Map<string, { engine: ColumnEngine; uses: number }>();

function engineOf(name: EngineName, fieldColumns: number): ColumnEngine {
  const key = `${name} ${fieldColumns}`;
  let entry = engines.get(key);
  if (!entry || entry.uses === USES_OF_ENGINE) {
    entry = { engine: name === "kernel" ? openKernelEngine(fieldColumns) : openReferenceEngine(fieldColumns), uses: 0 };
    engines.set(key, entry);
  }
  entry.uses++;
  return entry.engine;
}

/** Forgets all engines: one that threw may be in no good state. */
export function dropEngines(): void {
  engines.clear();
}

/** The whole of one object, in blocks. */
export function wholePiece(text: Uint8Array, blockBytes: number): Piece {
  return pieceOf({ firstLine: 1, firstByte: 0, bytes: blocksOf(text, blockBytes) });
}

export function pieceOf(piece: Omit<Piece, "sourceFile">): Piece {
  return { sourceFile: SOURCE_FILE, ...piece };
}

function blocksOf(text: Uint8Array, blockBytes: number): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < text.length; at += blockBytes) blocks.push(text.subarray(at, at + blockBytes));
  return blocks;
}

export async function parseCase(
  engine: EngineName,
  subject: ScannerSubject,
  pieces: Iterable<Piece> | AsyncIterable<Piece>,
  { rowGroupRows, maxEntryBytes, encodings, columns }: Omit<CaseSettings, "blockBytes">,
  { openScanner, codec = "UNCOMPRESSED" }: { openScanner?: ScannerOpener; codec?: Codec } = {},
): Promise<Outcome> {
  const rowGroups: Outcome["rowGroups"][number][] = [];
  const rejected: string[] = [];
  const result = await parsePieces({
    format: subject.format,
    ...(subject.formatOptions && { formatOptions: subject.formatOptions }),
    ...rowWorkOptions(subject),
    pieces,
    // Each block by itself, or nothing but the last would be scanned of texts as short as these.
    minScanBytes: 0,
    processedAtMs: PROCESSED_AT_MS,
    openEngine: (fieldColumns) => engineOf(engine, fieldColumns),
    ...(openScanner && { openScanner }),
    codec,
    ...(rowGroupRows !== undefined && { rowGroupRows }),
    ...(encodings && { encodings }),
    ...(maxEntryBytes !== undefined && { maxEntryBytes }),
    ...(columns && { columns: columnsNamed(subject, columns) }),
    onRowGroup(date, { metadata, parts }) {
      rowGroups.push({ date, metadata: JSON.stringify(metadata), bytes: new Uint8Array(Buffer.concat(parts)) });
    },
    onRejected(entry) {
      rejected.push(`${entry.line} ${entry.reason} at ${entry.byteOffset}: ${keptText(subject, entry)}`);
    },
  });
  return { counts: result.pieces, invalidFields: result.invalidFields, rejected: rejected.join("\n"), rowGroups };
}

function columnsNamed(subject: ScannerSubject, names: readonly string[]): ColumnDefinition[] {
  const scanned = subject.format.columns(subject.formatOptions);
  const all = [...scanned.filter(({ optional }) => optional), ...tableColumns(scanned, derivedColumnsOf(subject))];
  return names.map((name) => all.find((column) => column.name === name)!);
}

/** The sums of all pieces. */
export function totalsOf({ counts }: Outcome) {
  const total = { lines: 0, comments: 0, rows: 0, rejected: 0, bytes: 0 };
  for (const { lines, comments, rows, rejected, bytes } of counts) {
    total.bytes += bytes.rowBytes + bytes.commentBytes + bytes.rejectedBytes + bytes.separatorBytes;
    total.lines += lines;
    total.comments += comments;
    total.rows += rows;
    total.rejected += rejected;
  }
  return total;
}

/** How two outcomes of the same entries differ, for people; undefined when they do not. */
export function differenceOf(expected: Outcome, actual: Outcome): string | undefined {
  const [expectedTotals, actualTotals] = [JSON.stringify(totalsOf(expected)), JSON.stringify(totalsOf(actual))];
  if (expectedTotals !== actualTotals) return `counts: ${actualTotals} instead of ${expectedTotals}`;
  if (expected.rejected !== actual.rejected)
    return `rejected: ${firstDifference(expected.rejected.split("\n"), actual.rejected.split("\n"))}`;
  if (expected.invalidFields !== actual.invalidFields)
    return `invalid fields: ${actual.invalidFields} instead of ${expected.invalidFields}`;
  const dates = ({ rowGroups }: Outcome) => rowGroups.map(({ date }) => date).join();
  if (dates(expected) !== dates(actual)) return `row groups: ${dates(actual)} instead of ${dates(expected)}`;
  for (const [i, group] of expected.rowGroups.entries()) {
    const other = actual.rowGroups[i]!;
    const isSame = group.metadata === other.metadata && Buffer.compare(group.bytes, other.bytes) === 0;
    if (!isSame) return `row group ${i} of ${group.date}: ${differingColumns(group, other)}`;
  }
  return undefined;
}

type RowGroup = Outcome["rowGroups"][number];

function differingColumns(expected: RowGroup, actual: RowGroup): string {
  const read = ({ metadata, bytes }: RowGroup) =>
    (JSON.parse(metadata) as { columns: { name: string; offset: number; byteLength: number }[] }).columns.map(
      (column) => ({
        name: column.name,
        metadata: JSON.stringify({ ...column, offset: 0 }),
        bytes: Buffer.from(bytes.subarray(column.offset, column.offset + column.byteLength)),
      }),
    );
  const others = read(actual);
  const found = read(expected).flatMap(({ name, metadata, bytes }, i) => {
    const other = others[i];
    if (other && metadata === other.metadata && bytes.equals(other.bytes)) return [];
    const text = (part: Buffer | undefined) => JSON.stringify(part?.subarray(-160).toString("latin1"));
    return [`${name}: ${text(other?.bytes)} instead of ${text(bytes)}; ${other?.metadata} instead of ${metadata}`];
  });
  return found.slice(0, 4).join("\n") || "other bytes outside of all columns";
}

function firstDifference(expected: string[], actual: string[]): string {
  const at = expected.findIndex((line, i) => line !== actual[i]);
  const i = at < 0 ? expected.length : at;
  return `${JSON.stringify(actual[i]?.slice(0, 300))} instead of ${JSON.stringify(expected[i]?.slice(0, 300))}`;
}
