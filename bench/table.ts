/** Results as lines for people. */
import type { Standing } from "./contest.ts";

export function standingLines(
  kind: string,
  input: { readonly rows: number; readonly textBytes: number; readonly packedBytes: number },
  standings: readonly Standing[],
): string[] {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  const { rows, textBytes, packedBytes } = input;
  const rowsOf = (standing: Standing) => [
    [
      standing.name,
      standing.ratio.toFixed(2),
      `${standing.ratioSpread.map((ratio) => ratio.toFixed(2)).join("–")}`,
      standing.cpuRatio.toFixed(2),
      `${standing.msMedian}`,
      `${standing.msSpread.join("–")}`,
      `${standing.cpuMsMedian}`,
      standing.rowsPerSecond.toLocaleString("en"),
      `${standing.textMbPerSecond}`,
      `${standing.peakRssMib}`,
      megabytes(standing.outputBytes),
    ],
    ...(standing.tasks ?? []).map(({ task, msMedian, msSpread, cpuMsMedian, peakRssMib }) => [
      `  ${task}`,
      "",
      "",
      "",
      `${msMedian}`,
      msSpread.join("–"),
      `${cpuMsMedian}`,
      "",
      `${Math.round(textBytes / 1e3 / msMedian)}`,
      `${peakRssMib}`,
      "",
    ]),
  ];
  return [
    `${kind}: ${rows.toLocaleString("en")} rows, ${megabytes(textBytes)} MB of text, ${megabytes(packedBytes)} MB packed, ${standings[0]!.runs} rounds; all outputs hold the same values`,
    "",
    ...markdownTable(
      [
        "",
        "ratio",
        "of rounds",
        "by CPU",
        "ms",
        "ms of rounds",
        "CPU ms",
        "rows/s",
        "MB/s",
        "peak RSS MiB",
        "output MB",
      ],
      standings.flatMap(rowsOf),
    ),
    "",
  ];
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, i) => Math.max(3, title.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(" | ")} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)];
}
