/** The text that the SST CLI puts in front of every ES module that it bundles, for packages that still expect CommonJS. */
export const REQUIRE_IN_ESM = `import { createRequire as $$makeRequire } from "node:module"; const require = $$makeRequire(import.meta.url);
import { fileURLToPath as $$toPath } from "node:url"; const __filename = $$toPath(import.meta.url); const __dirname = $$toPath(new URL(".", import.meta.url));`;
