/** The layout of the ALB daily status report. */

import { colours, type ReportDocument, type Section } from "../document.ts";
import type { ReportPlan } from "../plan.ts";
import { accountingLines } from "../shared/accounting.ts";
import { headingOf } from "../shared/heading.ts";
import { noRequests, statusClassKeys } from "../shared/status-class.ts";
import { hourlyChart, statusSection } from "../shared/status-sections.ts";
import { bytesText, countText, durationText, shareText } from "../text/number-text.ts";
import type { AlbFigures, ApiFigures } from "./figures.ts";

/** With the other tables this keeps a report below some 200 rows. */
const MAX_API_ROWS = 80;

/** @param notices - What the reader must know first, beside what follows from the plan. */
export function albDocument(plan: ReportPlan, figures: AlbFigures, notices: readonly string[]): ReportDocument {
  const { requests, classes, latency } = figures;
  const serverErrorTone =
    classes.serverError === 0n ? "good" : classes.serverError * 100n > requests ? "bad" : "warning";
  return {
    ...headingOf(plan, notices),
    keyFigures: [
      { label: "Requests", value: countText(requests), detail: `${bytesText(figures.sentBytes)} sent` },
      {
        label: "5xx rate",
        value: shareText(classes.serverError, requests),
        detail: `${countText(classes.serverError)} requests`,
        tone: serverErrorTone,
      },
      {
        label: "4xx rate",
        value: shareText(classes.clientError, requests),
        detail: `${countText(classes.clientError)} requests`,
      },
      {
        label: "Latency p50",
        value: latency ? durationText(latency.p50Micros) : "n/a",
        detail: latency ? `of ${countText(latency.measured)} measured` : "nothing measured",
      },
      {
        label: "Latency p95",
        value: latency ? durationText(latency.p95Micros) : "n/a",
        detail: latency ? `p99 ${durationText(latency.p99Micros)}` : "nothing measured",
      },
    ],
    sections: [
      {
        heading: "Requests by hour",
        caption: `By status class; hours of ${plan.timeZone}.`,
        body: hourlyChart(figures.hours),
      },
      apiSection(figures),
      latencyChart(plan, figures),
      latencySection(figures),
      statusSection(figures.statuses, requests),
      errorSection(figures),
    ],
    accounting: accountingLines(figures.accounting, requests),
  };
}

function apiSection({ apis, classes, requests }: AlbFigures): Section {
  const shown = apis.length > MAX_API_ROWS ? apis.slice(0, MAX_API_ROWS - 1) : apis;
  const rest = apis.slice(shown.length);
  const row = (name: string, api: Pick<ApiFigures, "classes" | "requests">) => [
    name,
    countText(api.requests),
    ...statusClassKeys.map((key) => countText(api.classes[key])),
    shareText(api.classes.clientError, api.requests),
    shareText(api.classes.serverError, api.requests),
  ];
  const rows = shown.map((api) => row(api.api, api));
  if (rest.length > 0) {
    const sum = { requests: 0n, classes: noRequests() };
    for (const api of rest) {
      sum.requests += api.requests;
      for (const key of statusClassKeys) sum.classes[key] += api.classes[key];
    }
    rows.push(row(`${rest.length} further APIs`, sum));
  }
  return {
    heading: "Status by API",
    caption:
      "An API is a target group under its configured name; (none) are requests that reached no target group: redirects, fixed answers, " +
      'refusals. "other" is every code outside 2xx to 5xx, also none at all.',
    body: {
      kind: "table",
      columns: [
        { heading: "API", align: "left", width: 24 },
        { heading: "Requests", align: "right", width: 13 },
        { heading: "2xx", align: "right", width: 13 },
        { heading: "3xx", align: "right", width: 10 },
        { heading: "4xx", align: "right", width: 10 },
        { heading: "5xx", align: "right", width: 10 },
        { heading: "other", align: "right", width: 8 },
        { heading: "4xx rate", align: "right", width: 10 },
        { heading: "5xx rate", align: "right", width: 10 },
      ],
      rows,
      total: row("Total", { requests, classes }),
    },
  };
}

function latencyChart(plan: ReportPlan, { hours }: AlbFigures): Section {
  const line = (name: string, colour: string, key: "p50Micros" | "p95Micros" | "p99Micros") => ({
    name,
    colour,
    values: hours.map(({ latency }) => latency && Number(latency[key])),
  });
  return {
    heading: "Latency by hour",
    caption: `From receipt of the request to the end of the answer; hours of ${plan.timeZone}.`,
    body: {
      kind: "lines",
      axis: "latency",
      unit: "micros",
      labels: hours.map(({ label }) => label),
      series: [
        line("p50", colours.median, "p50Micros"),
        line("p95", colours.p95, "p95Micros"),
        line("p99", colours.p99, "p99Micros"),
      ],
    },
  };
}

function latencySection({ apis, latency }: AlbFigures): Section {
  const measured = apis.filter((api) => api.latency).slice(0, MAX_API_ROWS);
  const row = (name: string, of: NonNullable<ApiFigures["latency"]>) => [
    name,
    countText(of.measured),
    durationText(of.p50Micros),
    durationText(of.p95Micros),
    durationText(of.p99Micros),
    durationText(of.maxMicros),
  ];
  return {
    heading: "Latency by API",
    caption:
      "Exact percentiles (nearest rank) of request, target and response processing time together. Requests without all three, such as " +
      "those that reached no target, are not measured.",
    body: {
      kind: "table",
      columns: [
        { heading: "API", align: "left", width: 34 },
        { heading: "Measured", align: "right", width: 16 },
        { heading: "p50", align: "right", width: 13 },
        { heading: "p95", align: "right", width: 13 },
        { heading: "p99", align: "right", width: 13 },
        { heading: "Longest", align: "right", width: 13 },
      ],
      rows: measured.map((api) => row(api.api, api.latency!)),
      ...(latency && { total: row("All", latency) }),
      empty: "No request of this day has its times logged.",
    },
  };
}

function errorSection({ errors }: AlbFigures): Section {
  return {
    heading: "Most frequent errors",
    caption: `4xx, 5xx and requests without an answer, by API, status and path: ${countText(errors.top.length)} of ${countText(errors.kinds)}.`,
    body: {
      kind: "table",
      columns: [
        { heading: "Status", align: "left", width: 8 },
        { heading: "API", align: "left", width: 18 },
        { heading: "Verb", align: "left", width: 9 },
        { heading: "Path", align: "left", width: 52 },
        { heading: "Requests", align: "right", width: 13 },
      ],
      rows: errors.top.map(({ api, status, verb, path, requests }) => [status, api, verb, path, countText(requests)]),
      empty: "No request failed.",
    },
  };
}
