/** Who takes part. */
import { join } from "node:path";
import type { Contestant } from "./contest.ts";

export const duckdb: Contestant = {
  name: "DuckDB, 1 thread",
  run: async (subjects, { kind, path }, folder) => [await subjects.run("columns/duckdb.ts", [kind, path, folder, "1"])],
};

export const kernel = inOneProcess("kernel", "Sluice, WASM kernel");
export const reference = inOneProcess("typescript", "Sluice, TypeScript reference");

/** Each of the three in a process of its own, over files between them, as Lambda runs them. */
export const tasks: Contestant = {
  name: "Sluice, three tasks",
  async run(subjects, { kind, path }, folder) {
    const staging = join(folder, "../staging");
    return [
      { task: "decompress", ...(await subjects.run("stages/decompress.ts", [kind, path, staging])) },
      { task: "parse", ...(await subjects.run("stages/parse.ts", [kind, staging])) },
      { task: "write", ...(await subjects.run("stages/write.ts", [kind, staging, folder])) },
    ];
  },
};

/** @param packages - Where polars is installed. */
export const polars = (packages: string): Contestant => ({
  name: "polars, 1 thread",
  run: async (subjects, { kind, path }, folder) => [
    await subjects.run("others/polars.ts", [kind, path, folder, packages], { POLARS_MAX_THREADS: "1" }),
  ],
});

export const readline: Contestant = {
  name: "readline and parquetWriteFile",
  run: async (subjects, { kind, path }, folder) => [await subjects.run("others/readline.ts", [kind, path, folder])],
};

function inOneProcess(engine: string, name: string): Contestant {
  return {
    name,
    run: async (subjects, { kind, path }, folder) => [
      await subjects.run("columns/sluice.ts", [kind, path, folder, engine]),
    ],
  };
}

export const scripts = [
  "columns/duckdb.ts",
  "columns/sluice.ts",
  "stages/decompress.ts",
  "stages/parse.ts",
  "stages/write.ts",
  "others/polars.ts",
  "others/readline.ts",
];
