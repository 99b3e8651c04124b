/** A cloud as a process: prints its endpoint, ends on SIGINT. */
import { aCloud } from "./a-cloud.ts";

const cloud = await aCloud({ dir: process.argv[2]!, log: (line) => void process.stderr.write(`${line}\n`) });
process.once("SIGINT", () => void cloud.stop());
process.stdout.write(`${cloud.endpoint}\n`);
