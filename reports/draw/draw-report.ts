/** All files of a drawn report. */

import type { ReportDocument } from "../document.ts";
import { toJson } from "../json.ts";
import type { ReportMail } from "../mail.ts";
import { csvOf } from "./csv.ts";
import { htmlOf } from "./html.ts";
import { pdfOf } from "./pdf.tsx";
import type { Stamp } from "./stamp.ts";

export interface DrawnFile {
  name: "report.pdf" | "report.html" | "report.json" | "report.csv" | "mail.txt";
  contentType: string;
  bytes: Uint8Array;
}

export async function drawReport(
  report: { document: ReportDocument; figures: object; mail: ReportMail },
  stamp: Stamp,
): Promise<DrawnFile[]> {
  const { document, figures, mail } = report;
  const text = (content: string) => new TextEncoder().encode(content);
  const { date, timeZone } = document;
  const json = {
    report: document.report,
    date,
    timeZone,
    period: document.period,
    version: stamp.version,
    generatedAt: new Date(stamp.generatedAtMs).toISOString(),
    notices: document.notices,
    figures,
  };
  return [
    { name: "report.pdf", contentType: "application/pdf", bytes: await pdfOf(document, stamp) },
    { name: "report.html", contentType: "text/html; charset=utf-8", bytes: text(htmlOf(document, stamp)) },
    { name: "report.json", contentType: "application/json", bytes: text(`${toJson(json, 2)}\n`) },
    { name: "report.csv", contentType: "text/csv; charset=utf-8", bytes: text(csvOf(figures)) },
    { name: "mail.txt", contentType: "text/plain; charset=us-ascii", bytes: text(`${mail.subject}\n\n${mail.text}`) },
  ];
}
