/** The e-mails about a report: plain ASCII, readable in any program. */
import type { LakeConfig } from "../lake/sources/config.ts";
import { dateOf, type ReportPlan } from "./plan.ts";
import { headingOf } from "./shared/heading.ts";
import { ascii } from "./text/printable.ts";

export interface ReportMail {
  /** At most 99 characters of printable ASCII. */
  subject: string;
  text: string;
}

/** SNS takes subjects below 100 characters. */
const MAX_SUBJECT = 99;

export function mailOf(subject: string, lines: readonly string[]): ReportMail {
  const oneLine = ascii(subject).replaceAll("\n", " ");
  return {
    subject: oneLine.length > MAX_SUBJECT ? `${oneLine.slice(0, MAX_SUBJECT - 3)}...` : oneLine,
    text: `${ascii(lines.join("\n"))}\n`,
  };
}

/** The day that a mail is about, with what is unusual about it. */
export function dayLines(plan: ReportPlan, more: readonly string[] = []): string[] {
  const { title, longDate, period, notices } = headingOf(plan, more);
  return [`${title}, ${longDate}`, period, ...wrapped(notices.map((notice) => `NOTE: ${notice}`))];
}

/** Columns of text, the first to the left and the others to the right, two spaces apart. */
export function columnLines(rows: readonly (readonly string[])[]): string[] {
  const texts = rows.map((row) => row.map(ascii));
  const widths = texts[0]?.map((_, i) => Math.max(...texts.map((row) => row[i]!.length))) ?? [];
  return texts.map((row) =>
    row
      .map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
}

/** Breaks sentences at spaces, so that mail programs need not. */
export function wrapped(lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.match(/.{1,76}(?:\s|$)/g)?.map((part) => part.trimEnd()) ?? [line]);
}

/** The stored mail of a published report (`mail.txt`: subject, empty line, text) with its link. */
export function publishedMail(
  stored: string,
  { version, link, linkExpiresAt }: { version: number; link: string; linkExpiresAt: string },
): ReportMail {
  const end = stored.indexOf("\n\n");
  return {
    subject: stored.slice(0, end),
    text:
      `${stored.slice(end + 2)}\nThe report (version ${version}, PDF), until ${linkExpiresAt.slice(0, 16).replace("T", " ")} UTC:\n${link}\n` +
      `As a web page: ${link}.html\nAll figures:   ${link}.json   ${link}.csv\n`,
  };
}

/** @param arrived - Lines about what arrived on the day: it may be there and not readable. */
export function noDataMail(plan: ReportPlan, arrived: readonly string[] = []): ReportMail {
  return mailOf(`${plan.title} ${plan.date}: no data`, [
    ...dayLines(plan),
    "",
    ...wrapped([
      `There are no rows of source "${plan.source}" for this day, in the lake and in the ledger alike, so no report was made.`,
      "Either nothing was logged, or the logs have not arrived. When they do, start the report again:",
    ]),
    "",
    `    sluice report ${plan.report} --date ${plan.date}`,
    ...(arrived.length > 0 ? ["", ...wrapped(arrived)] : []),
  ]);
}

/** The input of an execution and its failure. */
interface Failure {
  input: unknown;
  startedAt: string;
  execution: string;
  error: string;
  cause: string;
}

/** The mail about a report that could not be made, and the report's name for the subscriptions' filter. */
export function failureMail(config: LakeConfig, failure: Failure): { report: string; mail: ReportMail } {
  const asked =
    typeof failure.input === "object" && failure.input !== null ? (failure.input as Record<string, unknown>) : {};
  const report = String(asked.report ?? "(none)");
  const configured = Object.hasOwn(config.reports, report) ? config.reports[report] : undefined;
  const date = configured ? dateAsked(asked, failure.startedAt, configured.timeZone) : undefined;
  const { error, message } = reasonOf(failure.error, failure.cause);
  const title = configured?.title ?? `Report ${report}`;
  return {
    report,
    mail: mailOf(`FAILED: ${title}${date ? ` ${date}` : ""}: ${error}`, [
      `The report "${title}"${date ? ` for ${date}` : ""} could not be made.`,
      "",
      `${error}: ${message}`,
      "",
      "Nothing of an earlier version was changed. When the reason is mended, start it again:",
      "",
      `    sluice report ${report}${date ? ` --date ${date}` : ""}`,
      "",
      "Execution:",
      failure.execution,
    ]),
  };
}

function dateAsked(asked: Record<string, unknown>, startedAt: string, timeZone: string): string | undefined {
  const text = (value: unknown) => (typeof value === "string" ? value : undefined);
  try {
    return dateOf(
      { report: "", date: text(asked.date), scheduledTime: text(asked.scheduledTime), startedAt },
      timeZone,
    );
  } catch {
    // A date that cannot be told may be the very failure; the mail quotes its message.
    return undefined;
  }
}

/** An error's own words, out of the JSON that Lambda and nested executions wrap them in. */
export function reasonOf(error: string, cause: string): { error: string; message: string } {
  let inner: Record<string, unknown>;
  try {
    inner = JSON.parse(cause);
  } catch {
    return { error, message: cause || "no cause is given" };
  }
  if (typeof inner !== "object" || inner === null) return { error, message: cause };
  if (typeof inner.errorMessage === "string") return { error, message: inner.errorMessage };
  // states:startExecution.sync hands over the description of the execution that failed.
  if (typeof inner.Error === "string") return reasonOf(inner.Error, String(inner.Cause ?? ""));
  return { error, message: cause };
}
