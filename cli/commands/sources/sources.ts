/** `sluice sources`: what comes in, compared with what the configuration says about it. */

import { targetHelp } from "../../arguments.ts";
import { type Command, UsageError } from "../../command.ts";
import { drift } from "./drift.ts";
import { infer } from "./infer.ts";

const help = `Usage: sluice sources infer FILE [--json]
       sluice sources drift [--source NAME] [--date D | --days N] [OPTIONS]

infer proposes a source for sluice.config.ts from a sample file, packed or not. The format is told by the content. For JSON and
delimited text, columns, their types and the event time are taken from the sample: look them over, and what it is not sure of,
since types are owned by the configuration from then on. What no column takes is kept in _extra.

drift lists the keys that came in and have no column: in how many rows and on which days, what they look like, and the line
to add to the configuration. It asks the lake, by the days of the events; keys that have a column by now are left out.

  --source NAME  one source; all of sluice.config.ts without it
  --date D       the events of one day, YYYY-MM-DD
  --days N       those of the last N days, today among them (default 30)
${targetHelp}
`;

async function run(argv: string[]): Promise<number> {
  const [action, ...rest] = argv;
  if (action === "infer") return infer(rest);
  if (action === "drift") return drift(rest);
  throw new UsageError(`"${action ?? ""}" is nothing to do with sources: infer and drift are`);
}

export const sources: Command = { help, run };
