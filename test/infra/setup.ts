/** Runs the stacks once per stage, before the first test. */
import type { TestProject } from "vitest/node";
import type { GraphDocument } from "../../stacks/synth/graph.ts";
import { synth } from "../../stacks/synth/synth.ts";

declare module "vitest" {
  interface ProvidedContext {
    local: GraphDocument;
    prod: GraphDocument;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const [local, prod] = await Promise.all([synth("local"), synth("prod")]);
  project.provide("local", local.document);
  project.provide("prod", prod.document);
}
