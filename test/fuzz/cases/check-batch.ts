/** Everything that must hold of a text and what both engines make of it. */
import type { ScannerSubject } from "../scanner-subject.ts";
import {
  type CaseSettings,
  differenceOf,
  dropEngines,
  type Outcome,
  parseCase,
  totalsOf,
  wholePiece,
} from "./parse-case.ts";
import { derivedColumnsOf, escapedCanary } from "./row-work.ts";
import { InvariantBroken, type Observer, watchedScanners } from "./watched-scanner.ts";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const HASH = 0x23;
const NINE = 0x39;
/** The limit of the lake, as in `parse.ts`. */
const MAX_ENTRY_BYTES = 16 << 20;

/**
 * Parses a text with the reference, whole, and with the kernel, in blocks.
 *
 * @returns What is wrong; undefined when nothing is.
 */
export async function checkBatch(
  subject: ScannerSubject,
  text: Uint8Array,
  settings: CaseSettings,
  onScan?: Observer["onScan"],
): Promise<string | undefined> {
  const isWhole = settings.columns === undefined || settings.columns.length === allColumnNames(subject).length;
  const hasAllColumns = isWhole && !subject.hasContinuations;
  const derivedColumns = derivedColumnsOf(subject).length;
  const watched = (observer: Observer) => watchedScanners({ ...observer, derivedColumns });
  const days = { reference: new DayHash(), kernel: new DayHash() };
  try {
    const reference = await parseCase("typescript", subject, [wholePiece(text, text.length)], settings, {
      openScanner: watched({ hasAllColumns: false, onDay: days.reference.add, ...(onScan && { onScan }) }),
    });
    const kernel = await parseCase("kernel", subject, [wholePiece(text, settings.blockBytes)], settings, {
      openScanner: watched({ hasAllColumns, onDay: days.kernel.add }),
    });
    const difference = differenceOf(reference, kernel);
    if (difference) return `the kernel differs from the reference in ${difference}`;
    if (days.kernel.value !== days.reference.value) return "the kernel differs from the reference in the day of a row";
    const escaped = escapedCanary(subject, reference);
    if (escaped) return `personal data: ${escaped}`;
    return brokenCount(subject, text, settings.maxEntryBytes ?? MAX_ENTRY_BYTES, reference);
  } catch (error) {
    dropEngines();
    if (error instanceof InvariantBroken) return `broken: ${error.message}`;
    return `crashed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

class DayHash {
  value = 0;

  add = (line: number, day: number) => {
    this.value = (Math.imul(this.value, 31) + line * 7919 + day) | 0;
  };
}

export function allColumnNames(subject: ScannerSubject): string[] {
  const columns = [...subject.format.columns(subject.formatOptions), ...derivedColumnsOf(subject)];
  return [...columns.map(({ name }) => name), "_extra", "_source_file", "_line", "_processed_at"];
}

/** Counts that can be told from the text alone. */
function brokenCount(
  { format, hasRemarks = false, hasContinuations = false }: ScannerSubject,
  text: Uint8Array,
  maxEntryBytes: number,
  outcome: Outcome,
): string | undefined {
  const total = totalsOf(outcome);
  const rowsWritten = outcome.rowGroups.reduce(
    (sum, { metadata }) => sum + (JSON.parse(metadata) as { rowCount: number }).rowCount,
    0,
  );
  if (rowsWritten !== total.rows) return `${total.rows} rows were counted and ${rowsWritten} written`;
  if (total.lines !== total.comments + total.rows + total.rejected) return `counts: ${JSON.stringify(total)}`;
  if (total.bytes !== text.length)
    return `${total.bytes} of ${text.length} bytes were counted: ${JSON.stringify(total)}`;
  if (format.entries === "records") return undefined;
  const { lines, comments, names } = countLines(text, maxEntryBytes, hasRemarks);
  const mostComments = hasContinuations ? lines : comments + names;
  const isWrong = lines !== total.lines || total.comments < comments || total.comments > mostComments;
  return isWrong ? `${lines} lines, ${comments} of them comments, were counted as ${JSON.stringify(total)}` : undefined;
}

/** `names`: lines that are comments if they are headers without a mark. */
function countLines(text: Uint8Array, maxEntryBytes: number, hasRemarks: boolean) {
  let lines = 0;
  let comments = 0;
  let names = 0;
  for (let start = hasMarkAt(text, 0) ? 3 : 0; start < text.length; ) {
    const lineFeed = text.indexOf(LINE_FEED, start);
    const end = lineFeed < 0 ? text.length : lineFeed;
    lines++;
    const isBlank = end === start || (end === start + 1 && text[start] === CARRIAGE_RETURN);
    const first = hasRemarks && hasMarkAt(text, start) ? start + 3 : start;
    if (end - start <= maxEntryBytes) {
      if (isBlank || (hasRemarks && text[first] === HASH)) comments++;
      else if (hasRemarks && text[first]! > NINE) names++;
    }
    start = end + 1;
  }
  return { lines, comments, names };
}

function hasMarkAt(text: Uint8Array, at: number): boolean {
  return text[at] === 0xef && text[at + 1] === 0xbb && text[at + 2] === 0xbf;
}
