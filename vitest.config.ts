import { defineConfig } from "vitest/config";

/** `npm test`: everything that needs neither AWS nor the SST platform. */
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
    exclude: ["test/infra/**"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
