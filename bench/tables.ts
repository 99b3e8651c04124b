/** The tables of `README.md` out of `results.json`: `node bench/tables.ts`. */
import { readFileSync } from "node:fs";
import type { TaskTimes } from "./cloud/task-times.ts";
import type { Standing } from "./contest.ts";
import type { Machine } from "./machine.ts";
import { markdownTable, standingLines } from "./table.ts";

interface Section {
  readonly date: string;
  readonly machine: Machine;
}
interface Contest extends Section {
  readonly rows: number;
  readonly textBytes: number;
  readonly packedBytes: number;
  readonly load: readonly number[];
  readonly standings: readonly Standing[];
}
interface Memory extends Section {
  readonly runs: readonly { text: string; name: string; ms: number; peakRssMib: number; load: number }[];
}
interface LargeObject extends Section {
  readonly textBytes: number;
  readonly rows: number;
  readonly load: number;
  readonly uploadMs: number;
  readonly ingestMs: number;
  readonly peakBytesByFunction: Readonly<Record<string, number>>;
  readonly tasks: readonly TaskTimes[];
}

const results = JSON.parse(readFileSync(new URL("results.json", import.meta.url), "utf8")) as Record<string, Section>;
const seconds = (ms: number) => (ms / 1000).toFixed(1);

for (const [name, section] of Object.entries(results)) {
  const { commit, cpu, cores, versions } = section.machine;
  console.log(
    `**${name}**, ${section.date.slice(0, 16).replace("T", " ")} UTC, commit ${commit}, ${cores} × ${cpu}, ` +
      `Node ${versions.node}, DuckDB ${versions["@duckdb/node-api"]}${loadOf(section)}\n`,
  );
  console.log(`${linesOf(name, section).join("\n")}\n`);
}

function loadOf(section: Section): string {
  const { load } = section as Section & { load?: number | readonly number[] };
  return load === undefined ? "" : `, load ${[load].flat().join(" to ")}`;
}

function linesOf(name: string, section: Section): string[] {
  if (name === "memory") return memoryLines(section as Memory);
  if (name.startsWith("large-object.")) return largeObjectLines(section as LargeObject);
  if (name.startsWith("cloud.")) return cloudLines(section as LargeObject);
  const contest = section as Contest;
  return standingLines(name, contest, contest.standings);
}

function memoryLines({ runs }: Memory): string[] {
  return markdownTable(
    ["text", "ms", "load", "peak RSS MiB"],
    runs.map(({ text, name, ms, load, peakRssMib }) => [`${text}, ${name}`, `${ms}`, `${load}`, `${peakRssMib}`]),
  );
}

function cloudLines({ rows, uploadMs, ingestMs, tasks }: LargeObject): string[] {
  return [
    `${rows.toLocaleString("en")} rows: upload ${seconds(uploadMs)} s, ingest ${seconds(ingestMs)} s`,
    "",
    ...markdownTable(
      ["task", "times", "seconds in all", "longest"],
      tasks.map(({ state, count, totalMs, longestMs }) => [state, `${count}`, seconds(totalMs), seconds(longestMs)]),
    ),
  ];
}

function largeObjectLines(section: LargeObject): string[] {
  return [
    ...cloudLines(section),
    "",
    ...markdownTable(
      ["function", "peak MiB"],
      Object.entries(section.peakBytesByFunction)
        .toSorted(([, a], [, b]) => b - a)
        .map(([name, bytes]) => [name, `${Math.round(bytes / 2 ** 20)}`]),
    ),
  ];
}
