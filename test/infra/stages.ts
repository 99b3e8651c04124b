import { inject } from "vitest";
import { Graph } from "../../stacks/synth/graph.ts";

/** What the stages would create, as `setup.ts` recorded it. */
export const local = new Graph(inject("local"));
export const prod = new Graph(inject("prod"));
