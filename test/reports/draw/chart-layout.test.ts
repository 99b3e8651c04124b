import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Chart } from "../../../reports/document.ts";
import { axisTicks, layOutChart } from "../../../reports/draw/chart-layout.ts";
import { layOutTable } from "../../../reports/draw/table-layout.ts";
import { runs } from "../../tiers/depth.ts";

const size = { width: 515, height: 150 };

function bars(...series: number[][]): Chart {
  return {
    kind: "stacked-bars",
    axis: "requests per hour",
    unit: "count",
    labels: (series[0] ?? []).map((_, i) => `${i}:00`),
    series: series.map((values, i) => ({ name: `s${i}`, colour: "#000000", values })),
  };
}

describe("layOutChart", () => {
  it("stacks bars without gap, their heights in the ratio of their values", () => {
    const { bars: drawn, plot } = layOutChart(bars([30], [10]), size);
    const [lower, upper] = drawn;
    expect(lower!.y + lower!.height).toBeCloseTo(plot.y + plot.height);
    expect(upper!.y + upper!.height).toBeCloseTo(lower!.y);
    expect(lower!.height / upper!.height).toBeCloseTo(3);
  });

  it("keeps everything inside the plot, whatever the values", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constant(1e22)), { minLength: 1, maxLength: 25 }),
        (values) => {
          const { bars: drawn, plot } = layOutChart(bars(values), size);
          for (const bar of drawn) {
            expect(bar.y).toBeGreaterThanOrEqual(plot.y - 1e-6);
            expect(bar.y + bar.height).toBeLessThanOrEqual(plot.y + plot.height + 1e-6);
          }
        },
      ),
      { numRuns: runs(300) },
    );
  });

  it("draws a line in pieces around hours without a value", () => {
    const { lines } = layOutChart(
      {
        ...bars([1, 2]),
        kind: "lines",
        labels: ["a", "b", "c", "d"],
        series: [{ name: "p50", colour: "#000000", values: [1, null, 3, 4] }],
      },
      size,
    );
    expect(lines.map(({ points }) => points.length)).toEqual([1, 2]);
  });

  it("has an axis when there is nothing to show", () => {
    const layout = layOutChart(bars([0, 0]), size);
    expect(layout.bars).toEqual([]);
    expect(layout.gridLines.map(({ text }) => text)).toEqual(["0", "1"]);
  });

  it("labels at most 13 hours of a day of 25", () => {
    expect(layOutChart(bars(Array(25).fill(1)), size).axisLabels.length).toBeLessThanOrEqual(13);
  });
});

describe("axisTicks", () => {
  it.each([
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [100, [0, 25, 50, 75, 100]],
    [101, [0, 50, 100, 150]],
    [182_000, [0, 50_000, 100_000, 150_000, 200_000]],
  ])("up to %d are %j", (largest, ticks) => expect(axisTicks(largest, "count")).toEqual(ticks));
});

describe("layOutTable", () => {
  const table = (rows: string[][]) => ({
    kind: "table" as const,
    columns: [
      { heading: "Path", align: "left" as const, width: 60 },
      { heading: "Requests", align: "right" as const, width: 20 },
      { heading: "Bytes", align: "right" as const, width: 20 },
    ],
    rows,
  });

  it("fills the width exactly", () => {
    const { widths } = layOutTable(table([["/a", "1", "2"]]), 500);
    expect(widths.reduce((sum, width) => sum + width, 0)).toBeCloseTo(500);
  });

  it("makes room for long numbers at the cost of paths, then shrinks the text", () => {
    const digits = "9,007,199,254,740,993,000,000";
    const layout = layOutTable(table([["/a".repeat(200), digits, digits]]), 300);
    expect(layout.fontSize).toBeLessThan(7.5);
    expect(layout.widths[1]!).toBeGreaterThanOrEqual(digits.length * layout.fontSize * 0.62);
  });
});
