/** Builds the functions' bundles before the first cloud of a run, so that no test file waits for them. */
import { aLake } from "../end-to-end/a-lake.ts";

export default async function setup(): Promise<void> {
  const lake = await aLake();
  await lake.stop();
}
