/** Runs the stacks once per stage and configuration, before the first test. */
import { resolve } from "node:path";
import type { TestProject } from "vitest/node";
import type { GraphDocument } from "../../stacks/synth/graph.ts";
import { synth } from "../../stacks/synth/synth.ts";

declare module "vitest" {
  interface ProvidedContext {
    local: GraphDocument;
    prod: GraphDocument;
    elsewhere: GraphDocument;
  }
}

const config = (name: string) => ({ config: resolve(import.meta.dirname, "configs", `${name}.ts`) });

export default async function setup(project: TestProject): Promise<void> {
  const [local, prod, elsewhere] = await Promise.all([
    synth("local"),
    synth("prod", config("prod")),
    synth("prod", config("elsewhere")),
  ]);
  project.provide("local", local.document);
  project.provide("prod", prod.document);
  project.provide("elsewhere", elsewhere.document);
}
