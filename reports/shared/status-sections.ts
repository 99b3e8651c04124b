/** Parts that the reports share: the hourly chart and the table of status codes. */
import { type Chart, colours, type Section } from "../document.ts";
import { countText, shareText } from "../text/number-text.ts";
import { type StatusClasses, statusClassKeys, statusClassNames, statusMeaning } from "./status-class.ts";

/** More codes than a page holds: some client sends nonsense. The rest is summed up in one row. */
const MAX_STATUS_ROWS = 60;

export function hourlyChart(hours: readonly { label: string; classes: StatusClasses }[]): Chart {
  return {
    kind: "stacked-bars",
    axis: "requests per hour",
    unit: "count",
    labels: hours.map(({ label }) => label),
    series: statusClassKeys
      .map((key) => ({
        name: statusClassNames[key],
        colour: colours[key],
        // Charts need no more than a number's 53 bits.
        values: hours.map(({ classes }) => Number(classes[key])),
      }))
      // A class that never came up is not in the legend, but 2xx always is: a chart needs one series.
      .filter(({ name, values }) => name === "2xx" || values.some((value) => value > 0)),
  };
}

export function statusSection(statuses: readonly { status: string; requests: bigint }[], requests: bigint): Section {
  const shown = statuses.length > MAX_STATUS_ROWS ? statuses.slice(0, MAX_STATUS_ROWS - 1) : statuses;
  const rest = statuses.slice(shown.length);
  const rows = shown.map(({ status, requests: count }) => [
    status,
    statusMeaning(status),
    countText(count),
    shareText(count, requests),
  ]);
  if (rest.length > 0) {
    const count = rest.reduce((sum, { requests }) => sum + requests, 0n);
    rows.push(["", `${rest.length} further codes, all in report.json`, countText(count), shareText(count, requests)]);
  }
  return {
    heading: "Status codes",
    caption: "Every code of the day as it was logged.",
    body: {
      kind: "table",
      columns: [
        { heading: "Code", align: "left", width: 7 },
        { heading: "Meaning", align: "left", width: 55 },
        { heading: "Requests", align: "right", width: 19 },
        { heading: "Share", align: "right", width: 12 },
      ],
      rows,
      total: ["Total", "", countText(requests), requests === 0n ? "n/a" : "100 %"],
    },
  };
}
