/** A report that replaces an earlier version of itself: what changed between the two, said before anything else. */
import type { ReportDocument } from "../document.ts";
import { mailOf, type ReportMail, wrapped } from "../mail.ts";
import { bytesText, countText, durationText } from "../text/number-text.ts";

/** A report as it was published: the part of its `report.json` that is compared. */
interface PublishedReport {
  version: number;
  generatedAt: string;
  figures: Figures;
}

/** Figures as JSON has them, whole numbers as bigint. */
type Figures = { readonly [name: string]: unknown };

interface Drawable {
  figures: object;
  document: ReportDocument;
  mail: ReportMail;
}

/** The figures that are told by name, in this order; a report has those of its kind. */
const MEASURES: readonly { path: string; label: string; text: (value: bigint) => string }[] = [
  { path: "requests", label: "requests", text: countText },
  { path: "classes.serverError", label: "5xx", text: countText },
  { path: "classes.clientError", label: "4xx", text: countText },
  { path: "sentBytes", label: "bytes sent", text: bytesText },
  { path: "bytes", label: "bytes sent", text: bytesText },
  { path: "cache.hits", label: "cache hits", text: countText },
  { path: "latency.p50Micros", label: "latency p50", text: durationText },
  { path: "latency.p95Micros", label: "latency p95", text: durationText },
  { path: "latency.p99Micros", label: "latency p99", text: durationText },
  { path: "accounting.objects", label: "log objects with rows of the day", text: countText },
  { path: "accounting.rejected", label: "rejected lines", text: countText },
  { path: "accounting.truncatedObjects", label: "cut log objects", text: countText },
  { path: "accounting.arrived.quarantinedObjects", label: "quarantined log objects", text: countText },
  { path: "accounting.arrived.unfinishedObjects", label: "log objects not yet read", text: countText },
];

/** Reads `report.json` of a published version. Numbers beyond 2^53 stay exact. */
export function readPublished(json: string): PublishedReport {
  const exact = (_: string, value: unknown, { source }: { source: string }) =>
    typeof value === "number" && /^-?\d+$/.test(source) ? BigInt(source) : value;
  // TypeScript's library does not have the third parameter yet.
  const parsed = JSON.parse(json, exact as (key: string, value: unknown) => unknown) as PublishedReport;
  return { ...parsed, version: Number(parsed.version) };
}

/** What differs, as a sentence's parts: "requests 1,000 to 1,020 (+20)". Not empty when any figure differs. */
export function changesBetween(before: Figures, after: Figures): string[] {
  const changes = MEASURES.flatMap(({ path, label, text }) => {
    const [was, is] = [figureAt(before, path), figureAt(after, path)];
    if (was === is || (was === undefined && is === undefined)) return [];
    if (was === undefined) return [`${label} n/a to ${text(is!)}`];
    if (is === undefined) return [`${label} ${text(was)} to n/a`];
    return [`${label} ${text(was)} to ${text(is)} (${is > was ? "+" : "-"}${text(is > was ? is - was : was - is)})`];
  });
  if (changes.length > 0) return changes;
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const differing = names.filter((name) => textOf(before[name]) !== textOf(after[name]));
  return differing.length > 0 ? [`the totals are the same; details differ: ${differing.join(", ")}`] : [];
}

/** The same report with what changed in its subject, at the top of its mail, and as the first notice of its page. */
export function restated<Report extends Drawable>(report: Report, version: number, before: PublishedReport): Report {
  const changes = changesBetween(before.figures, report.figures as Figures);
  const what = changes.length > 0 ? changes : ["only the notices differ"];
  const note =
    `Version ${version} replaces version ${before.version} of ${before.generatedAt.slice(0, 16).replace("T", " ")} UTC. ` +
    `Changed: ${what.join("; ")}.`;
  const [title, period, ...rest] = report.mail.text.trimEnd().split("\n");
  return {
    ...report,
    document: { ...report.document, notices: [note, ...report.document.notices] },
    mail: mailOf(`RESTATED v${version}, ${what[0]}: ${report.mail.subject}`, [
      ...[title!, period!],
      ...wrapped([`NOTE: ${note}`]),
      ...rest,
    ]),
  };
}

function figureAt(figures: Figures, path: string): bigint | undefined {
  let value: unknown = figures;
  for (const name of path.split("."))
    value = typeof value === "object" && value !== null ? (value as Figures)[name] : undefined;
  return typeof value === "bigint" ? value : undefined;
}

function textOf(value: unknown): string | undefined {
  return JSON.stringify(value, (_, item) => (typeof item === "bigint" ? String(item) : item));
}
