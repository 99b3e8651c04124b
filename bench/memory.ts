/** How much memory a small and a large file take: the same, or something grows with the input. */
import { join } from "node:path";
import { kernel, tasks } from "./contestants.ts";
import { input } from "./input.ts";
import { load } from "./machine.ts";
import type { Subjects } from "./subjects.ts";
import { markdownTable } from "./table.ts";

/** Of text; a row of the generated CloudFront log has about 474 bytes. */
const SIZES = [
  { name: "100 MB", rows: 211_000 },
  { name: "2 GB", rows: 4_220_000 },
];

export async function memory(options: { subjects: Subjects; folder: string; inputs: string; say(line: string): void }) {
  const { subjects, folder, inputs, say } = options;
  const results: object[] = [];
  const rows: string[][] = [];
  for (const { name, rows: rowCount } of SIZES) {
    const file = await input("cloudfront", rowCount, inputs);
    for (const contestant of [kernel, tasks]) {
      say(`memory, ${name}: ${contestant.name}`);
      for (const { task, ms, cpuMs, peakRssMib } of await contestant.run(subjects, file, join(folder, "memory"))) {
        const who = task ? `${contestant.name}: ${task}` : contestant.name;
        results.push({ text: name, textBytes: file.textBytes, name: who, ms, cpuMs, peakRssMib, load: load() });
        rows.push([`${name}, ${who}`, `${ms}`, `${Math.round(file.textBytes / 1e3 / ms)}`, `${peakRssMib}`]);
      }
    }
  }
  return { results: { runs: results }, lines: markdownTable(["CloudFront text", "ms", "MB/s", "peak RSS MiB"], rows) };
}
