/** `npm run synth`: writes `local/manifest.json`, which the embedded cloud deploys, and SST's `sst-env.d.ts`. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { ACCOUNT_ID } from "./aws-model.ts";
import { manifestOf, manifestText } from "./manifest.ts";
import { sstEnvironmentTypes } from "./sst-env.ts";
import { synth } from "./synth.ts";

const root = resolve(import.meta.dirname, "../..");
const graph = await synth("local");
const manifest = manifestOf(graph, ACCOUNT_ID);
writeFileSync(resolve(root, "local/manifest.json"), manifestText(manifest));
writeFileSync(resolve(root, "sst-env.d.ts"), sstEnvironmentTypes(graph));
console.log(
  `local/manifest.json: ${manifest.resources.length} resources, ${Object.keys(manifest.functions).length} functions`,
);
