import { defineConfig } from "vitest/config";

/** `npm run test:infra`: what the stacks would create. Needs the SST platform: `npm run sst:install` once. */
export default defineConfig({
  test: {
    include: ["test/infra/**/*.test.ts"],
    globalSetup: ["test/infra/setup.ts"],
    testTimeout: 60_000,
  },
});
