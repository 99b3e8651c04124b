/** The version and time of a drawing. */
import type { ReportDocument } from "../document.ts";
import { wallClock } from "../local-day.ts";

export interface Stamp {
  version: number;
  /** When these figures were first drawn, in milliseconds since 1970. */
  generatedAtMs: number;
}

/** The line at the foot of every page. */
export function stampText({ report, date, timeZone }: ReportDocument, { version, generatedAtMs }: Stamp): string {
  return `${report} for ${date}, version ${version}, generated at ${wallClock(generatedAtMs, timeZone)} ${timeZone}`;
}
