import { inject } from "vitest";
import { Graph } from "../../stacks/synth/graph.ts";

/** What the stages would create, as `setup.ts` recorded it: a laptop's, and `prod` with readers in place of example.com. */
export const local = new Graph(inject("local"));
export const prod = new Graph(inject("prod"));
/** The stage `prod` of `configs/elsewhere.ts`: all settings, every format, in China. */
export const elsewhere = new Graph(inject("elsewhere"));
