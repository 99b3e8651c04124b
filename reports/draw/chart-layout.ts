/** The geometry of a chart, in points from the top left. PDF and web page draw the same shapes. */
import type { Chart } from "../document.ts";
import { bytesText, countText, durationText } from "../text/number-text.ts";

interface Size {
  width: number;
  height: number;
}

interface ChartLayout {
  size: Size;
  /** The area of the values. */
  plot: { x: number; y: number; width: number; height: number };
  /** Horizontal lines with the value they stand for. */
  gridLines: { y: number; text: string }[];
  /** Names below the axis; not every label has room. */
  axisLabels: { x: number; text: string }[];
  bars: {
    x: number;
    y: number;
    width: number;
    height: number;
    colour: string;
    series: string;
    label: string;
    value: number;
  }[];
  /** Each run of values without a gap. */
  lines: { colour: string; series: string; points: { x: number; y: number }[] }[];
}

const LEFT = 52;
const RIGHT = 6;
const TOP = 8;
const BOTTOM = 18;
const MAX_AXIS_LABELS = 13;
/** The share of its room that a bar fills. */
const BAR_SHARE = 0.72;

export function layOutChart(chart: Chart, size: Size): ChartLayout {
  const plot = { x: LEFT, y: TOP, width: size.width - LEFT - RIGHT, height: size.height - TOP - BOTTOM };
  const ticks = axisTicks(largestOf(chart), chart.unit);
  const top = ticks.at(-1)!;
  const yOf = (value: number) => plot.y + plot.height * (1 - value / top);
  const step = plot.width / Math.max(1, chart.labels.length);
  const middleOf = (index: number) => plot.x + step * (index + 0.5);
  const every = Math.ceil(chart.labels.length / MAX_AXIS_LABELS);

  const bars: ChartLayout["bars"] = [];
  const lines: ChartLayout["lines"] = [];
  if (chart.kind === "stacked-bars") {
    for (const [index, label] of chart.labels.entries()) {
      let below = 0;
      for (const series of chart.series) {
        const value = series.values[index] ?? 0;
        if (value <= 0) continue;
        const y = yOf(below + value);
        bars.push({
          x: middleOf(index) - (step * BAR_SHARE) / 2,
          y,
          width: step * BAR_SHARE,
          height: yOf(below) - y,
          colour: series.colour,
          series: series.name,
          label,
          value,
        });
        below += value;
      }
    }
  } else {
    for (const { name, colour, values } of chart.series) {
      let points: { x: number; y: number }[] = [];
      for (const index of chart.labels.keys()) {
        const value = values[index] ?? null;
        if (value !== null) points.push({ x: middleOf(index), y: yOf(value) });
        if ((value === null || index === chart.labels.length - 1) && points.length > 0) {
          lines.push({ colour, series: name, points });
          points = [];
        }
      }
    }
  }
  return {
    size,
    plot,
    gridLines: ticks.map((value) => ({ y: yOf(value), text: axisText(value, chart.unit) })),
    axisLabels: chart.labels.flatMap((text, index) => (index % every === 0 ? [{ x: middleOf(index), text }] : [])),
    bars,
    lines,
  };
}

function largestOf(chart: Chart): number {
  if (chart.kind === "lines")
    return Math.max(0, ...chart.series.flatMap(({ values }) => values.map((value) => value ?? 0)));
  return Math.max(
    0,
    ...chart.labels.map((_, i) => chart.series.reduce((sum, { values }) => sum + (values[i] ?? 0), 0)),
  );
}

/** From 0 in equal round steps to the first one that is not below `largest`: three to six of them. */
export function axisTicks(largest: number, unit: Chart["unit"]): number[] {
  // Nothing to show still needs an axis.
  if (largest <= 0) return [0, unit === "micros" ? 1000 : 1];
  const rough = largest / 4;
  const scale = 10 ** Math.floor(Math.log10(rough));
  let step = [1, 2, 2.5, 5, 10].map((factor) => factor * scale).find((candidate) => candidate >= rough)!;
  // There are no halves of a request.
  if (unit !== "micros") step = Math.max(1, Math.ceil(step));
  return Array.from({ length: Math.ceil(largest / step - 1e-9) + 1 }, (_, i) => i * step);
}

function axisText(value: number, unit: Chart["unit"]): string {
  switch (unit) {
    case "count":
      return largeCountText(value);
    case "bytes":
      // Ticks are round: "5.00 GB" is 5 GB.
      return bytesText(BigInt(Math.round(value))).replace(/\.(\d?)0+ /, (_, digit) =>
        digit && digit !== "0" ? `.${digit} ` : " ",
      );
    case "micros":
      return value === 0 ? "0 ms" : durationText(BigInt(Math.round(value)));
  }
}

/** `1.5 M` rather than 1,500,000: the axis has little room, and its ticks are round. */
function largeCountText(value: number): string {
  if (value >= 1e15) return value.toExponential();
  for (const [scale, suffix] of [
    [1e12, " T"],
    [1e9, " bn"],
    [1e6, " M"],
  ] as const)
    if (value >= scale) return `${Number((value / scale).toPrecision(4))}${suffix}`;
  return countText(value);
}
