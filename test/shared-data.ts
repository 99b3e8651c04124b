import { has, shared } from "./tiers/inputs.ts";

/** The folder of real log files beside the repository. Tests that need it skip where it is absent, but not in CI. */
export const sharedData = shared("data/");

export const hasSharedData = has("shared data");
