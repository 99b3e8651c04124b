/** How much memory a small and a large file take: the same, or something grows with the input. */
import { join } from "node:path";
import type { GeneratedKind } from "./columns/generate.ts";
import { kernel, tasks } from "./contestants.ts";
import { input } from "./input.ts";
import { load } from "./machine.ts";
import type { Subjects } from "./subjects.ts";
import { markdownTable } from "./table.ts";

/** Of text. */
const SIZES = [
  { name: "100 MB", bytes: 100e6 },
  { name: "2 GB", bytes: 2e9 },
];
/** Of the generated text, roughly. */
const BYTES_PER_ROW: Readonly<Record<GeneratedKind, number>> = { cloudfront: 474, alb: 690, json: 690 };

interface MemoryOptions {
  readonly subjects: Subjects;
  readonly kinds: readonly GeneratedKind[];
  readonly folder: string;
  readonly inputs: string;
  readonly say: (line: string) => void;
}

export async function memory({ subjects, kinds, folder, inputs, say }: MemoryOptions) {
  const results: object[] = [];
  const rows: string[][] = [];
  for (const kind of kinds) {
    for (const { name, bytes } of SIZES) {
      const file = await input(kind, Math.round(bytes / BYTES_PER_ROW[kind]), inputs);
      for (const contestant of [kernel, tasks]) {
        say(`memory, ${kind}, ${name}: ${contestant.name}`);
        for (const { task, ms, cpuMs, peakRssMib } of await contestant.run(subjects, file, join(folder, "memory"))) {
          const who = task ? `${contestant.name}: ${task}` : contestant.name;
          const text = `${kind}, ${name}`;
          results.push({ text, textBytes: file.textBytes, name: who, ms, cpuMs, peakRssMib, load: load() });
          rows.push([`${text}, ${who}`, `${ms}`, `${Math.round(file.textBytes / 1e3 / ms)}`, `${peakRssMib}`]);
        }
      }
    }
  }
  return { results: { runs: results }, lines: markdownTable(["text", "ms", "MB/s", "peak RSS MiB"], rows) };
}
