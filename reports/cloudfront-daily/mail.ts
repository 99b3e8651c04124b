/** The e-mail with the CloudFront daily report. */

import { columnLines, dayLines, mailOf, type ReportMail, wrapped } from "../mail.ts";
import type { ReportPlan } from "../plan.ts";
import { accountingLines } from "../shared/accounting.ts";
import { statusClassKeys, statusClassNames } from "../shared/status-class.ts";
import { bytesText, countText, shareText } from "../text/number-text.ts";
import { shortened } from "../text/printable.ts";
import type { CloudFrontFigures } from "./figures.ts";

const MAX_PATHS = 5;

/** @param notices - What the reader must know first, beside what follows from the plan. */
export function cloudFrontMail(plan: ReportPlan, figures: CloudFrontFigures, notices: readonly string[]): ReportMail {
  const { requests, bytes, classes, cache, edges, paths, notFound } = figures;
  const hitRatio = shareText(cache.hits, cache.hits + cache.misses);
  const list = (heading: string, top: readonly { path: string; requests: bigint }[]) =>
    top.length === 0
      ? []
      : [
          "",
          heading,
          ...top.slice(0, MAX_PATHS).map((path) => `  ${countText(path.requests)} x ${shortened(path.path, 68)}`),
        ];
  return mailOf(
    `${plan.title} ${plan.date}: ${countText(requests)} requests, ${bytesText(bytes)}, hit ratio ${hitRatio}`,
    [
      ...dayLines(plan, notices),
      "",
      ...columnLines([
        ["Requests", countText(requests)],
        ["Sent to viewers", bytesText(bytes)],
        ["Cache hit ratio", hitRatio],
        ["Edge locations", countText(edges.kinds)],
      ]),
      "",
      ...columnLines([
        ["Status", "requests", "share"],
        ...statusClassKeys.map((key) => [
          statusClassNames[key],
          countText(classes[key]),
          shareText(classes[key], requests),
        ]),
      ]),
      ...list("Top paths:", paths.top),
      ...list("Most frequent 404s:", notFound.top),
      "",
      ...wrapped(accountingLines(figures.accounting, requests)),
    ],
  );
}
