/** A cloud as a process: prints its endpoint, ends on SIGINT. */
import { aCloud, manifest } from "./a-cloud.ts";

const [dir, bundleFolder] = process.argv.slice(2) as [string, string];
const cloud = await aCloud({
  dir,
  bundleFolder,
  // Who holds a message when it is killed has failed to handle it; here that happens more than twice.
  manifest: manifest([], { maxReceiveCount: 100 }),
  log: (line) => void process.stderr.write(`${line}\n`),
});
process.once("SIGINT", () => void cloud.stop());
process.stdout.write(`${cloud.endpoint}\n`);
