import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder of real log files beside the repository. Tests that need it skip where it is absent. */
export const sharedData = fileURLToPath(new URL("../../shared/data/", import.meta.url));

export const hasSharedData = existsSync(sharedData);
