/** The kinds of report that there are. A new one is a folder beside these, its queries, and a line here. */
import type { DayAccounting } from "../lake/batch/day-accounting.ts";
import { albDocument } from "./alb-daily/document.ts";
import { albFigures } from "./alb-daily/figures.ts";
import { albMail } from "./alb-daily/mail.ts";
import { cloudFrontDocument } from "./cloudfront-daily/document.ts";
import { cloudFrontFigures } from "./cloudfront-daily/figures.ts";
import { cloudFrontMail } from "./cloudfront-daily/mail.ts";
import type { ReportDocument } from "./document.ts";
import type { ReportMail } from "./mail.ts";
import type { ReportPlan } from "./plan.ts";
import type { ResultRow } from "./query/result-csv.ts";
import { arrivalNotices } from "./shared/arrival-lines.ts";

/** A report before it is drawn. */
interface ComposedReport {
  figures: { requests: bigint };
  document: ReportDocument;
  mail: ReportMail;
}

/**
 * Makes figures of the results, and page and e-mail of the figures.
 *
 * @throws {ReportIncomplete} When the results and the ledger do not agree about the day.
 */
export function composeReport(
  plan: ReportPlan,
  results: Readonly<Record<string, readonly ResultRow[]>>,
  accounting: DayAccounting,
): ComposedReport {
  const notices = arrivalNotices(accounting.arrived);
  switch (plan.kind) {
    case "alb-daily": {
      const figures = albFigures(plan, results, accounting);
      return { figures, document: albDocument(plan, figures, notices), mail: albMail(plan, figures, notices) };
    }
    case "cloudfront-daily": {
      const figures = cloudFrontFigures(plan, results, accounting);
      return {
        figures,
        document: cloudFrontDocument(plan, figures, notices),
        mail: cloudFrontMail(plan, figures, notices),
      };
    }
  }
}
