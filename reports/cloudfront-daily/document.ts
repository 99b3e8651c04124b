/** The layout of the CloudFront daily report. */

import { type Column, colours, type ReportDocument, type Section } from "../document.ts";
import type { ReportPlan } from "../plan.ts";
import { accountingLines } from "../shared/accounting.ts";
import { headingOf } from "../shared/heading.ts";
import { statusClassKeys, statusClassNames } from "../shared/status-class.ts";
import { hourlyChart, statusSection } from "../shared/status-sections.ts";
import { bytesText, countText, shareText } from "../text/number-text.ts";
import type { CloudFrontFigures } from "./figures.ts";

/** The definition of the cache hit ratio, printed wherever it is. */
const HIT_RATIO_MEANING = "Hit and RefreshHit, of these and Miss; errors and redirects aside";

/** @param notices - What the reader must know first, beside what follows from the plan. */
export function cloudFrontDocument(
  plan: ReportPlan,
  figures: CloudFrontFigures,
  notices: readonly string[],
): ReportDocument {
  const { requests, bytes, classes, cache, edges } = figures;
  return {
    ...headingOf(plan, notices),
    keyFigures: [
      { label: "Requests", value: countText(requests), detail: `${countText(figures.paths.kinds)} different paths` },
      { label: "Sent to viewers", value: bytesText(bytes), detail: `${countText(bytes)} bytes` },
      {
        label: "Cache hit ratio",
        value: shareText(cache.hits, cache.hits + cache.misses),
        detail: `${countText(cache.hits)} hits`,
      },
      {
        label: "4xx rate",
        value: shareText(classes.clientError, requests),
        detail: `${countText(classes.clientError)} requests`,
      },
      {
        label: "5xx rate",
        value: shareText(classes.serverError, requests),
        detail: `${countText(classes.serverError)} requests`,
        tone: classes.serverError === 0n ? "good" : classes.serverError * 100n > requests ? "bad" : "warning",
      },
      { label: "Edge locations", value: countText(edges.kinds), detail: "that answered" },
    ],
    sections: [
      {
        heading: "Requests by hour",
        caption: `By status class; hours of ${plan.timeZone}.`,
        body: hourlyChart(figures.hours),
      },
      {
        heading: "Bytes by hour",
        caption: "Sent to viewers, headers included. 1 kB is 1,000 bytes.",
        body: {
          kind: "stacked-bars",
          axis: "bytes per hour",
          unit: "bytes",
          labels: figures.hours.map(({ label }) => label),
          series: [{ name: "sent", colour: colours.accent, values: figures.hours.map((hour) => Number(hour.bytes)) }],
        },
      },
      {
        heading: "Status classes",
        body: {
          kind: "table",
          columns: [
            { heading: "Class", align: "left", width: 60 },
            { heading: "Requests", align: "right", width: 20 },
            { heading: "Share", align: "right", width: 20 },
          ],
          rows: statusClassKeys.map((key) => [
            statusClassNames[key],
            countText(classes[key]),
            shareText(classes[key], requests),
          ]),
          total: ["Total", countText(requests), "100 %"],
        },
      },
      {
        heading: "Cache",
        caption: `Cache hit ratio: ${HIT_RATIO_MEANING}.`,
        body: {
          kind: "table",
          columns: counted("Result", 40),
          rows: cache.results.map(({ resultType, ...result }) => [resultType, ...countedCells(result, figures)]),
          total: ["Total", ...countedCells({ requests, bytes }, figures)],
        },
      },
      {
        heading: "Edge locations",
        caption: `The busiest ${countText(edges.top.length)} of ${countText(edges.kinds)}.`,
        body: {
          kind: "table",
          columns: counted("Location", 40),
          rows: edges.top.map(({ location, ...edge }) => [location, ...countedCells(edge, figures)]),
        },
      },
      {
        heading: "Top paths",
        caption: `The most requested ${countText(figures.paths.top.length)} of ${countText(figures.paths.kinds)}.`,
        body: {
          kind: "table",
          columns: counted("Path", 62),
          rows: figures.paths.top.map(({ path, ...counts }) => [path, ...countedCells(counts, figures)]),
        },
      },
      notFoundSection(figures),
      statusSection(figures.statuses, requests),
    ],
    accounting: accountingLines(figures.accounting, requests),
  };
}

function counted(heading: string, width: number): Column[] {
  return [
    { heading, align: "left", width },
    { heading: "Requests", align: "right", width: 14 },
    { heading: "Share", align: "right", width: 11 },
    { heading: "Bytes", align: "right", width: 13 },
  ];
}

function countedCells(of: { requests: bigint; bytes: bigint }, { requests }: CloudFrontFigures): string[] {
  return [countText(of.requests), shareText(of.requests, requests), bytesText(of.bytes)];
}

function notFoundSection({ notFound }: CloudFrontFigures): Section {
  return {
    heading: "Paths not found",
    caption: `Answered 404: the most requested ${countText(notFound.top.length)} of ${countText(notFound.kinds)}.`,
    body: {
      kind: "table",
      columns: [
        { heading: "Path", align: "left", width: 86 },
        { heading: "Requests", align: "right", width: 14 },
      ],
      rows: notFound.top.map(({ path, requests }) => [path, countText(requests)]),
      empty: "No request was answered 404.",
    },
  };
}
