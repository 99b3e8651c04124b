/**
 * Types that another part brings up, or that only AWS enforces: who may do what, which keys encrypt. The stacks' tests
 * check those on the manifest.
 */
import type { ResourceType } from "../resource-type.ts";

export const nothingToDo: ResourceType = { deploy() {} };
