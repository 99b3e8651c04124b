/** Draws a report as one web page that needs nothing else: no script, no font, no picture. */
import type { Chart, ReportDocument, Section, Table } from "../document.ts";
import { layOutChart } from "./chart-layout.ts";
import { type Stamp, stampText } from "./stamp.ts";

const CHART = { width: 860, height: 230 };

export function htmlOf(report: ReportDocument, stamp: Stamp): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(report.title)} ${escaped(report.date)}</title>
<style>${css}</style>
</head>
<body>
<header>
<h1>${escaped(report.title)}</h1>
<p class="date">${escaped(report.longDate)}</p>
<p class="muted">${escaped(report.period)}</p>
</header>
${report.notices.map((notice) => `<p class="notice">${escaped(notice)}</p>`).join("\n")}
<section class="cards">
${report.keyFigures
  .map(
    ({ label, value, detail, tone }) =>
      `<div class="card"><div class="muted">${escaped(label)}</div><div class="value ${tone ?? "plain"}">${escaped(value)}</div>` +
      `<div class="muted small">${escaped(detail ?? "")}</div></div>`,
  )
  .join("\n")}
</section>
${report.sections.map(sectionHtml).join("\n")}
<footer>
<h2>Where these numbers come from</h2>
${report.accounting.map((line) => `<p>${escaped(line)}</p>`).join("\n")}
<p>${escaped(stampText(report, stamp))}</p>
</footer>
</body>
</html>
`;
}

function sectionHtml({ heading, caption, body }: Section): string {
  return `<section>
<h2>${escaped(heading)}</h2>
${caption ? `<p class="muted small">${escaped(caption)}</p>\n` : ""}${body.kind === "table" ? tableHtml(body) : chartHtml(body)}
</section>`;
}

function chartHtml(chart: Chart): string {
  const { plot, gridLines, axisLabels, bars, lines } = layOutChart(chart, CHART);
  const n = (value: number) => Number(value.toFixed(2));
  return `<p class="legend"><span class="muted">${escaped(chart.axis)}</span>${chart.series
    .map(({ name, colour }) => `<span><i style="background:${colour}"></i>${escaped(name)}</span>`)
    .join("")}</p>
<svg viewBox="0 0 ${CHART.width} ${CHART.height}" role="img" aria-label="${escaped(chart.axis)}">
${gridLines
  .map(
    ({ y, text }, i) =>
      `<line x1="${n(plot.x)}" x2="${n(plot.x + plot.width)}" y1="${n(y)}" y2="${n(y)}" class="${i === 0 ? "axis" : "grid"}"/>` +
      `<text x="${n(plot.x - 6)}" y="${n(y + 3.5)}" text-anchor="end">${escaped(text)}</text>`,
  )
  .join("\n")}
${bars
  .map(
    (bar) =>
      `<rect x="${n(bar.x)}" y="${n(bar.y)}" width="${n(bar.width)}" height="${n(bar.height)}" fill="${bar.colour}"><title>${escaped(`${bar.label}, ${bar.series}: ${bar.value}`)}</title></rect>`,
  )
  .join("\n")}
${lines
  .map(
    ({ colour, points }) =>
      `<polyline points="${points.map(({ x, y }) => `${n(x)},${n(y)}`).join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>` +
      points.map(({ x, y }) => `<circle cx="${n(x)}" cy="${n(y)}" r="2.2" fill="${colour}"/>`).join(""),
  )
  .join("\n")}
${axisLabels.map(({ x, text }) => `<text x="${n(x)}" y="${n(plot.y + plot.height + 15)}" text-anchor="middle">${escaped(text)}</text>`).join("\n")}
</svg>`;
}

function tableHtml({ columns, rows, total, empty }: Table): string {
  const cells = (row: readonly string[], tag: "td" | "th") =>
    row.map((text, i) => `<${tag} class="${columns[i]!.align}">${escaped(text)}</${tag}>`).join("");
  if (rows.length === 0) return `<p class="muted">${escaped(empty ?? "Nothing.")}</p>`;
  return `<table>
<thead><tr>${cells(
    columns.map(({ heading }) => heading),
    "th",
  )}</tr></thead>
<tbody>
${rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("\n")}
</tbody>
${total ? `<tfoot><tr>${cells(total, "td")}</tr></tfoot>` : ""}
</table>`;
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escaped(text: string): string {
  return text.toWellFormed().replaceAll(/[&<>"']/g, (character) => entities[character]!);
}

const css = `
:root{color-scheme:light}
body{font:14px/1.45 system-ui,sans-serif;color:#1c2733;max-width:900px;margin:0 auto;padding:28px 20px;border-top:6px solid #1f3a5f}
h1{margin:0;font-size:26px;color:#1f3a5f}h2{font-size:16px;color:#1f3a5f;margin:30px 0 4px}
p{margin:4px 0}.date{font-weight:600}.muted{color:#667382}.small{font-size:12px}
.notice{background:#fff5e0;color:#7a5200;border-left:3px solid #e5a33a;padding:8px 12px;margin:12px 0}
.cards{display:flex;flex-wrap:wrap;gap:10px;margin-top:18px}.card{flex:1 1 130px;background:#f4f7fa;border-radius:6px;padding:12px}
.value{font-size:22px;font-weight:600;overflow-wrap:anywhere}.good{color:#1f7a5a}.warning{color:#a86b00}.bad{color:#b3263a}
.legend{display:flex;gap:14px;font-size:12px}.legend i{display:inline-block;width:9px;height:9px;border-radius:2px;margin-right:5px}
svg{width:100%;height:auto}svg text{font-size:10px;fill:#667382}.axis{stroke:#667382}.grid{stroke:#d9dfe6}
table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}
th{color:#667382;font-weight:500;border-bottom:1.5px solid #1f3a5f}td,th{padding:4px 6px}td{border-bottom:1px solid #d9dfe6;overflow-wrap:anywhere}
tfoot td{font-weight:600;border-top:1.5px solid #1f3a5f;border-bottom:0}.right{text-align:right;white-space:nowrap}.left{text-align:left}
footer{margin-top:30px;border-top:1px solid #d9dfe6;color:#667382;font-size:12px}
`;
