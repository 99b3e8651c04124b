import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { defineConfig } from "vitest/config";

const CLOUD = ["test/aws/**", "test/functions/**", "test/local/**", "test/cli/**", "test/end-to-end/**"];
const THOROUGH = "test/**/*.thorough.test.ts";
const INFRA = "test/infra/**";

/** Files of random cases (`test/tiers/depth.ts`): a few cases in the tiers that people wait for, all of them in thorough. */
const withDepth = (await Array.fromAsync(glob("test/**/*.test.ts"))).filter((file) =>
  readFileSync(file, "utf8").includes("tiers/depth.ts"),
);

/** The tiers of tests; `npm test` is `unit` and `cloud`, `npm run test:all` is all of them and more. */
export default defineConfig({
  test: {
    // Most tests wait for processes and timers; a worker less than there are cores, the default, leaves one idle.
    maxWorkers: "100%",
    reporters: ["default", "./test/tiers/slowest-files.ts"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...CLOUD, THOROUGH, INFRA],
          // Pure code: files share the modules they import, which take longer to load than most files to run.
          isolate: false,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "cloud",
          include: CLOUD.map((folder) => `${folder}/*.test.ts`),
          exclude: [THOROUGH],
          globalSetup: ["test/tiers/build-bundles.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "thorough",
          include: [THOROUGH, ...withDepth],
          env: { SLUICE_TEST_TIER: "thorough" },
          testTimeout: 240_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "infra",
          include: ["test/infra/**/*.test.ts"],
          globalSetup: ["test/infra/setup.ts"],
          testTimeout: 60_000,
        },
      },
    ],
  },
});
