/** The e-mail with the ALB daily status report. */

import { columnLines, dayLines, mailOf, type ReportMail, wrapped } from "../mail.ts";
import type { ReportPlan } from "../plan.ts";
import { accountingLines } from "../shared/accounting.ts";
import { type StatusClasses, statusClassKeys, statusClassNames } from "../shared/status-class.ts";
import { bytesText, countText, durationText, shareText } from "../text/number-text.ts";
import { shortened } from "../text/printable.ts";
import type { AlbFigures } from "./figures.ts";

const MAX_APIS = 15;
const MAX_ERRORS = 5;

/** @param notices - What the reader must know first, beside what follows from the plan. */
export function albMail(plan: ReportPlan, figures: AlbFigures, notices: readonly string[]): ReportMail {
  const { requests, classes, latency, apis, errors } = figures;
  const cells = (of: { requests: bigint; classes: StatusClasses }) => [
    countText(of.requests),
    ...statusClassKeys.map((key) => countText(of.classes[key])),
    shareText(of.classes.serverError, of.requests),
  ];
  const table = columnLines([
    ["API", "requests", ...statusClassKeys.map((key) => statusClassNames[key]), "5xx rate"],
    ...apis.slice(0, MAX_APIS).map((api) => [shortened(api.api, 32), ...cells(api)]),
    ["Total", ...cells({ requests, classes })],
  ]);
  return mailOf(
    `${plan.title} ${plan.date}: ${countText(requests)} requests, 5xx ${shareText(classes.serverError, requests)}, 4xx ${shareText(classes.clientError, requests)}`,
    [
      ...dayLines(plan, notices),
      "",
      ...columnLines([
        ["Requests", countText(requests)],
        ["5xx rate", shareText(classes.serverError, requests)],
        ["4xx rate", shareText(classes.clientError, requests)],
        ["Sent", bytesText(figures.sentBytes)],
        ["Latency p50", latency ? durationText(latency.p50Micros) : "n/a"],
        ["Latency p95", latency ? durationText(latency.p95Micros) : "n/a"],
        ["Latency p99", latency ? durationText(latency.p99Micros) : "n/a"],
      ]),
      "",
      ...table,
      ...(apis.length > MAX_APIS ? [`(${apis.length - MAX_APIS} further APIs in the report; the total has them)`] : []),
      ...(errors.top.length > 0
        ? [
            "",
            "Most frequent errors:",
            ...errors.top
              .slice(0, MAX_ERRORS)
              .map(
                ({ status, verb, path, api, requests: count }) =>
                  `  ${countText(count)} x ${status} ${verb} ${shortened(path, 60)} (${api})`,
              ),
          ]
        : []),
      "",
      ...wrapped(accountingLines(figures.accounting, requests)),
    ],
  );
}
