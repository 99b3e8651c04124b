import type { ScannerSubject } from "../scanner-subject.ts";
import { dropScanEngines, type Scanned, type ScanSettings, scanCase } from "./scan-case.ts";
import { InvariantBroken, type Observer, watchedScanners } from "./watched-scanner.ts";

/** Both scanners break no rule, but do not put the same fields at the same places. Whether that matters says `checkBatch`. */
export const PLACES_DIFFER = "the scanners of kernel and reference differ";

/** What is wrong with the entries that both engines' scanners find in a text; undefined when nothing is. */
export function checkScan(
  subject: ScannerSubject,
  text: Uint8Array,
  settings: ScanSettings,
  onScan?: Observer["onScan"],
): string | undefined {
  const hasAllColumns =
    !subject.hasContinuations &&
    subject.format.columns(subject.formatOptions).every((_, column) => settings.isWanted(column));
  try {
    const watched = watchedScanners({ hasAllColumns: false, ...(onScan && { onScan }) });
    const reference = scanCase("typescript", subject, watched, text, { ...settings, stepBytes: text.length });
    const kernel = scanCase("kernel", subject, watchedScanners({ hasAllColumns }), text, settings);
    return isSame(reference, kernel) ? undefined : PLACES_DIFFER;
  } catch (error) {
    dropScanEngines();
    if (error instanceof InvariantBroken) return `broken: ${error.message}`;
    return `crashed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

function isSame(a: Scanned, b: Scanned): boolean {
  if (a.comments !== b.comments || a.rows.length !== b.rows.length || a.rejected.length !== b.rejected.length)
    return false;
  for (let i = 0; i < a.rows.length; i++) if (a.rows[i] !== b.rows[i]) return false;
  for (let i = 0; i < a.rejected.length; i++) if (a.rejected[i] !== b.rejected[i]) return false;
  return true;
}
