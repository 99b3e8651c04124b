/**
 * A report as it is laid out, before anything is drawn: plain data that the PDF and the web page both draw. Every number in
 * it is text already, so what one shows the other shows.
 */

export type Tone = "plain" | "good" | "warning" | "bad";

export interface KeyFigure {
  label: string;
  value: string;
  /** A few words of explanation under it. */
  detail?: string;
  tone?: Tone;
}

interface Series {
  name: string;
  /** `#rrggbb` */
  colour: string;
  /** One for each label of the axis; null leaves a gap. */
  values: readonly (number | null)[];
}

export interface Chart {
  kind: "stacked-bars" | "lines";
  labels: readonly string[];
  series: readonly Series[];
  /** Written above the axis: "requests per hour". */
  axis: string;
  unit: "count" | "bytes" | "micros";
}

export interface Column {
  heading: string;
  align: "left" | "right";
  /** Share of the width, relative to the other columns. */
  width: number;
}

export interface Table {
  kind: "table";
  columns: readonly Column[];
  rows: readonly (readonly string[])[];
  /** Drawn bold below the rows. */
  total?: readonly string[];
  /** The text in place of the rows when there are none. */
  empty?: string;
  footnote?: string;
}

export interface Section {
  heading: string;
  /** The meaning of the numbers, in small print under the heading. */
  caption?: string;
  body: Chart | Table;
}

export interface ReportDocument {
  report: string;
  title: string;
  /** `YYYY-MM-DD` */
  date: string;
  /** "Saturday, 17 January 2026" */
  longDate: string;
  /** "midnight to midnight, Europe/Berlin; 2026-01-16 23:00 to 2026-01-17 23:00 UTC" */
  period: string;
  timeZone: string;
  /** Things the reader must know before the numbers: a day that is not over, a day of 25 hours. */
  notices: readonly string[];
  keyFigures: readonly KeyFigure[];
  sections: readonly Section[];
  /** The origin of the numbers, and the sum that proves them. */
  accounting: readonly string[];
}

export const colours = {
  success: "#2f9e77",
  redirect: "#5b8def",
  clientError: "#e5a33a",
  serverError: "#d1495b",
  other: "#8a94a6",
  accent: "#1f3a5f",
  median: "#5b8def",
  p95: "#e5a33a",
  p99: "#d1495b",
} as const;
