import { defineConfig } from "vitest/config";

/** `npm test`: everything that needs neither AWS nor the SST platform. */
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
    exclude: ["test/infra/**"],
    // Most tests wait for processes and timers; a worker less than there are cores, the default, leaves one idle.
    maxWorkers: "100%",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
